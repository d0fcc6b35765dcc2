package await

import (
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

func owned(uid types.UID) []metav1.OwnerReference { return []metav1.OwnerReference{{UID: uid}} }

func terminated(code int32, reason string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason}}
}

func TestPodTrouble(t *testing.T) {
	now := metav1.Now()
	condition := func(kind corev1.PodConditionType, status corev1.ConditionStatus, reason, message string) []corev1.PodCondition {
		return []corev1.PodCondition{{Type: kind, Status: status, Reason: reason, Message: message}}
	}
	cases := []struct {
		title string
		pod   corev1.Pod
		want  string
	}{
		{"done", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}, ""},
		{"ready", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, Conditions: condition(corev1.PodReady, "True", "", "")}}, ""},
		{"going", corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &now}}, "Terminating"},
		{"no room", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending, Conditions: condition(corev1.PodScheduled, "False", "Unschedulable", "0/1 nodes")}}, "Unschedulable: 0/1 nodes"},
		{"starting", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}}}}}, "Pending"},
		{"first container fails", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending, InitContainerStatuses: []corev1.ContainerStatus{{State: terminated(2, "Error")}}}}, "Error (exit code 2)"},
		{"probe fails", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}}}, "container app runs but is not ready"},
		{"evicted", corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "disk"}}, "Evicted: disk"},
	}
	for _, c := range cases {
		if got := Trouble(&c.pod); got != c.want {
			t.Errorf("%s: got %q, want %q", c.title, got, c.want)
		}
	}
}

func TestContainersAreDescribedWithTheirLastEnd(t *testing.T) {
	p := &corev1.Pod{}
	p.Status.ContainerStatuses = []corev1.ContainerStatus{
		{
			Name: "app", RestartCount: 4,
			State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: "back-off 40s"}},
			LastTerminationState: terminated(137, "OOMKilled"),
		},
		{Name: "fine", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
	}
	want := []string{"container app: CrashLoopBackOff: back-off 40s; last exit code 137 (OOMKilled); 4 restarts"}
	if got := describeContainers(p); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if got := failing(p); len(got) != 1 || got[0].Name != "app" {
		t.Errorf("got %v", got)
	}
}

func TestManyPodsAreSummed(t *testing.T) {
	pods := []*corev1.Pod{pod("a", "X"), pod("b", "X"), pod("c", "X"), pod("d", "X"), pod("e", "X")}
	count, text := troubles(pods)
	if count != 5 || text != "a X, b X, c X, and 2 more" {
		t.Errorf("got %d %q", count, text)
	}
}

func TestWhatKeepsADeletedNamespace(t *testing.T) {
	u := object(t, `
apiVersion: v1
kind: Namespace
metadata: {name: n, finalizers: [example.org/keep]}
status:
  conditions:
  - {type: NamespaceContentRemaining, status: "True", reason: SomeResourcesRemain, message: "pods. has 1 resource instances"}
`)
	got := remains(u)
	if !strings.Contains(got, "pods. has 1 resource instances") || !strings.Contains(got, "finalizers example.org/keep") {
		t.Errorf("got %q", got)
	}
}

func TestTheNewestEventsComeFirst(t *testing.T) {
	event := func(at string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"lastTimestamp": at}}
	}
	got := latestEvents([]*unstructured.Unstructured{
		event("2026-01-01T00:00:01Z"), event("2026-01-01T00:00:03Z"), event("2026-01-01T00:00:02Z"),
	}, 2)
	if len(got) != 2 || eventTime(got[0]) != "2026-01-01T00:00:03Z" || eventTime(got[1]) != "2026-01-01T00:00:02Z" {
		t.Errorf("got %v", got)
	}
}

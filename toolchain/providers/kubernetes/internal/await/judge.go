package await

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// Verdict is what a look at an object and its surroundings tells.
type Verdict struct {
	Ready  bool
	Failed bool
	// Message says what is waited for, or what failed.
	Message string
}

func ready() Verdict                { return Verdict{Ready: true} }
func waiting(text string) Verdict   { return Verdict{Message: text} }
func failed(message string) Verdict { return Verdict{Failed: true, Message: message} }

// State is an object with what was found around it.
type State struct {
	Object      *unstructured.Unstructured
	Pods        []*corev1.Pod
	ReplicaSets []*unstructured.Unstructured
	Slices      []*unstructured.Unstructured
	Events      []*unstructured.Unstructured
	// BindsLate is true for a claim whose storage class waits for the first pod.
	BindsLate bool
}

// Judge tells whether the object is ready. Kinds that are ready as soon as they exist always are.
func Judge(s State) Verdict {
	gvk := s.Object.GroupVersionKind()
	switch gvk.Group + "/" + gvk.Kind {
	case "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "apps/DaemonSet", "/ReplicationController":
		return judgeWorkload(s)
	case "batch/Job":
		return judgeJob(s)
	case "/Pod":
		return judgePod(s)
	case "/Service":
		return judgeService(s)
	case "/PersistentVolumeClaim":
		return judgeClaim(s)
	case "/Namespace":
		return judgePhase(s, "Active")
	case "autoscaling/HorizontalPodAutoscaler":
		return judgeAutoscaler(s)
	case "policy/PodDisruptionBudget", "apiextensions.k8s.io/CustomResourceDefinition":
		return judgeByLibrary(s)
	}
	if isBuiltIn(gvk.Group) {
		return ready()
	}
	return judgeConditions(s)
}

// isBuiltIn: the groups of Kubernetes itself have no dot or end in k8s.io.
func isBuiltIn(group string) bool {
	return !strings.Contains(group, ".") || (strings.HasSuffix(group, ".k8s.io") &&
		group != "gateway.networking.k8s.io" && group != "metrics.k8s.io")
}

func judgeByLibrary(s State) Verdict {
	result, err := status.Compute(s.Object)
	if err != nil {
		return waiting("its status cannot be read: " + err.Error())
	}
	switch result.Status {
	case status.CurrentStatus:
		return ready()
	case status.FailedStatus:
		return failed(result.Message)
	default:
		for _, reason := range result.Conditions {
			if text, ok := lacks[reason.Reason]; ok {
				return waiting(text)
			}
		}
		return waiting(result.Message)
	}
}

// lacks says the library's reasons in words that do without its figures, which stand before them.
var lacks = map[string]string{
	"LessReplicas":                "waiting for pods to be made",
	"LessUpdated":                 "waiting for pods of the new version",
	"ExtraPods":                   "waiting for old pods to end",
	"LessAvailable":               "waiting for pods to be available",
	"LessReady":                   "waiting for pods to be ready",
	"LessCurrent":                 "waiting for pods of the new version",
	"LatestGenerationNotObserved": "waiting for its controller to see the change",
	"NoObservedGeneration":        "waiting for its controller to see it",
}

func judgeWorkload(s State) Verdict {
	verdict := judgeByLibrary(s)
	if verdict.Ready || verdict.Failed {
		if verdict.Failed {
			verdict.Message = progress(s, verdict.Message)
		}
		return verdict
	}
	return waiting(progress(s, verdict.Message))
}

// progress gives the line that the engine shows: how many are ready, and what holds up the others.
func progress(s State, message string) string {
	done, want := counts(s.Object)
	pods := current(s)
	prefix := fmt.Sprintf("[%d/%d] ", done, want)
	if count, text := troubles(pods); count > 0 {
		noun := "pods"
		if count == 1 {
			noun = "pod"
		}
		return fmt.Sprintf("%swaiting for %d %s: %s", prefix, count, noun, text)
	}
	if refusal := refusedPods(s); refusal != "" {
		return prefix + "no pod can be made: " + refusal
	}
	return prefix + message
}

func counts(u *unstructured.Unstructured) (done, want int64) {
	if u.GetKind() == "DaemonSet" {
		done, _, _ = unstructured.NestedInt64(u.Object, "status", "numberReady")
		want, _, _ = unstructured.NestedInt64(u.Object, "status", "desiredNumberScheduled")
		return done, want
	}
	want, found, _ := unstructured.NestedInt64(u.Object, "spec", "replicas")
	if !found {
		want = 1
	}
	done, _, _ = unstructured.NestedInt64(u.Object, "status", "readyReplicas")
	return done, want
}

// current gives the pods that the newest revision of the workload made; old ones on their way out
// tell nothing about the new.
func current(s State) []*corev1.Pod {
	newest := newestReplicaSet(s.ReplicaSets)
	if newest == nil {
		return s.Pods
	}
	var pods []*corev1.Pod
	for _, pod := range s.Pods {
		for _, owner := range pod.OwnerReferences {
			if owner.UID == newest.GetUID() {
				pods = append(pods, pod)
			}
		}
	}
	return pods
}

func newestReplicaSet(sets []*unstructured.Unstructured) *unstructured.Unstructured {
	var newest *unstructured.Unstructured
	var highest int64 = -1
	for _, set := range sets {
		var revision int64
		if _, err := fmt.Sscan(set.GetAnnotations()["deployment.kubernetes.io/revision"], &revision); err != nil {
			continue
		}
		if revision > highest {
			newest, highest = set, revision
		}
	}
	return newest
}

// refusedPods gives the reason why the controller cannot make pods (quota, admission), if it says one.
func refusedPods(s State) string {
	if message, ok := condition(s.Object, "ReplicaFailure", "True"); ok {
		return message
	}
	if len(s.Events) == 0 {
		return ""
	}
	latest := latestEvents(s.Events, 1)[0]
	if reason, _, _ := unstructured.NestedString(latest.Object, "reason"); reason != "FailedCreate" {
		return ""
	}
	message, _, _ := unstructured.NestedString(latest.Object, "message")
	return message
}

// judgeConditions is for custom resources: they are not waited for unless they say of themselves that
// they are not ready, and say it of what was just applied.
func judgeConditions(s State) Verdict {
	for _, kind := range []string{"Ready", "Available"} {
		if message, ok := condition(s.Object, kind, "False"); ok {
			return waiting(fmt.Sprintf("%s is False: %s", kind, message))
		}
	}
	return ready()
}

// condition finds a condition by type and status, unless it speaks of an older generation.
func condition(u *unstructured.Unstructured, kind, want string) (string, bool) {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, entry := range conditions {
		fields, _ := entry.(map[string]any)
		if fields["type"] != kind || fields["status"] != want {
			continue
		}
		if seen, ok := fields["observedGeneration"].(int64); ok && seen < u.GetGeneration() {
			continue
		}
		reason, _ := fields["reason"].(string)
		message, _ := fields["message"].(string)
		return join(reason, message), true
	}
	return "", false
}

func labelText(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, key := range sortedKeys(labels) {
		parts = append(parts, key+"="+labels[key])
	}
	return strings.Join(parts, ",")
}

// JudgeAlone is Judge for a moment without a wait, as in a refresh: it speaks of the kinds that show
// by themselves whether they work, and of nothing that needs a look around.
func JudgeAlone(u *unstructured.Unstructured) Verdict {
	switch u.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet", "Job", "Pod":
		return Judge(State{Object: u})
	}
	return ready()
}

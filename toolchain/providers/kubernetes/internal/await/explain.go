package await

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
)

const (
	explainTimeout = 15 * time.Second
	shownPods      = 5
	shownEvents    = 10
	shownLogLines  = 10
)

// explain gathers what the cluster tells about an object that is not ready: its pods' containers, the
// end of their logs, and the latest warnings about the object, its replica sets and its pods.
func explain(ctx context.Context, client *cluster.Client, s State) []string {
	ctx, cancel := context.WithTimeout(ctx, explainTimeout)
	defer cancel()
	about := map[types.UID]string{s.Object.GetUID(): title(s.Object)}
	for _, set := range s.ReplicaSets {
		about[set.GetUID()] = "ReplicaSet " + set.GetName()
	}
	pods := current(s)
	if s.Object.GetKind() == "Pod" {
		pods = toPods([]*unstructured.Unstructured{s.Object})
	}
	var lines []string
	shown := 0
	for _, pod := range pods {
		about[pod.UID] = "Pod " + pod.Name
		if reason := Trouble(pod); reason != "" && shown < shownPods {
			shown++
			lines = append(lines, fmt.Sprintf("Pod %s: %s", pod.Name, reason))
			lines = append(lines, indent(describeContainers(pod))...)
			lines = append(lines, indent(logs(ctx, client, pod))...)
		}
	}
	lines = append(lines, warningsAbout(ctx, client, s.Object.GetNamespace(), about)...)
	return append(lines, "To look further: "+lookFurther(s.Object))
}

func lookFurther(u *unstructured.Unstructured) string {
	namespace := ""
	if u.GetNamespace() != "" {
		namespace = " -n " + u.GetNamespace()
	}
	return fmt.Sprintf("kubectl%s describe %s %s", namespace, strings.ToLower(u.GetKind()), u.GetName())
}

func indent(lines []string) []string {
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		out = append(out, "  "+line)
	}
	return out
}

// logs gives the end of each failing container's log; of the run before, if it crashed.
func logs(ctx context.Context, client *cluster.Client, pod *corev1.Pod) []string {
	var lines []string
	for _, status := range failing(pod) {
		previous := status.State.Running == nil && status.LastTerminationState.Terminated != nil &&
			status.State.Terminated == nil
		text, err := client.REST.Get().
			AbsPath("api", "v1", "namespaces", pod.Namespace, "pods", pod.Name, "log").
			Param("container", status.Name).
			Param("tailLines", fmt.Sprint(shownLogLines)).
			Param("previous", fmt.Sprint(previous)).
			DoRaw(ctx)
		if err != nil {
			lines = append(lines, fmt.Sprintf("log of %s cannot be read: %v", status.Name, err))
			continue
		}
		content := strings.TrimRight(string(text), "\n")
		if content == "" {
			lines = append(lines, fmt.Sprintf("log of %s is empty", status.Name))
			continue
		}
		lines = append(lines, fmt.Sprintf("last lines of the log of %s:", status.Name))
		lines = append(lines, indent(strings.Split(content, "\n"))...)
	}
	return lines
}

func warningsAbout(
	ctx context.Context, client *cluster.Client, namespace string, about map[types.UID]string,
) []string {
	list, err := client.Dynamic.Resource(eventResource).Namespace(namespace).List(ctx,
		metav1.ListOptions{FieldSelector: "type=Warning", Limit: 1000})
	if err != nil {
		return []string{fmt.Sprintf("events cannot be read: %v", client.Explain(err))}
	}
	var found []*unstructured.Unstructured
	for i := range list.Items {
		uid, _, _ := unstructured.NestedString(list.Items[i].Object, "involvedObject", "uid")
		if _, ours := about[types.UID(uid)]; ours {
			found = append(found, &list.Items[i])
		}
	}
	if len(found) == 0 {
		return nil
	}
	lines := []string{"Warnings:"}
	for _, event := range latestEvents(found, shownEvents) {
		uid, _, _ := unstructured.NestedString(event.Object, "involvedObject", "uid")
		reason, _, _ := unstructured.NestedString(event.Object, "reason")
		message, _, _ := unstructured.NestedString(event.Object, "message")
		lines = append(lines, fmt.Sprintf("  %s: %s", about[types.UID(uid)], join(reason, message)))
	}
	return lines
}

// latestEvents gives the newest few, newest first.
func latestEvents(events []*unstructured.Unstructured, count int) []*unstructured.Unstructured {
	sorted := append([]*unstructured.Unstructured{}, events...)
	sort.SliceStable(sorted, func(i, j int) bool { return eventTime(sorted[i]) > eventTime(sorted[j]) })
	if len(sorted) > count {
		sorted = sorted[:count]
	}
	return sorted
}

// eventTime compares as text: the API server writes RFC 3339 in UTC.
func eventTime(event *unstructured.Unstructured) string {
	for _, path := range [][]string{
		{"series", "lastObservedTime"}, {"lastTimestamp"}, {"eventTime"}, {"metadata", "creationTimestamp"},
	} {
		if text, _, _ := unstructured.NestedString(event.Object, path...); text != "" {
			return text
		}
	}
	return ""
}

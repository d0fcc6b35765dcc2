package await

import (
	"fmt"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Trouble says in a few words why the pod is not ready; "" where it is, or has done its work.
func Trouble(pod *corev1.Pod) string {
	switch {
	case pod.Status.Phase == corev1.PodSucceeded:
		return ""
	case pod.DeletionTimestamp != nil:
		return "Terminating"
	case pod.Status.Phase == corev1.PodFailed && pod.Status.Reason != "":
		return join(pod.Status.Reason, pod.Status.Message)
	}
	for _, status := range allStatuses(pod) {
		if reason := containerTrouble(status); reason != "" {
			return reason
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			return join(condition.Reason, condition.Message)
		}
	}
	if isReady(pod) {
		return ""
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Running != nil && !status.Ready {
			return fmt.Sprintf("container %s runs but is not ready", status.Name)
		}
	}
	if pod.Status.Phase == "" {
		return "not seen by a node yet"
	}
	return string(pod.Status.Phase)
}

func isReady(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func allStatuses(pod *corev1.Pod) []corev1.ContainerStatus {
	return append(append([]corev1.ContainerStatus{}, pod.Status.InitContainerStatuses...),
		pod.Status.ContainerStatuses...)
}

// transient are the reasons of a container that is merely on its way.
var transient = map[string]bool{"ContainerCreating": true, "PodInitializing": true}

func containerTrouble(status corev1.ContainerStatus) string {
	if waiting := status.State.Waiting; waiting != nil && waiting.Reason != "" {
		if transient[waiting.Reason] {
			return ""
		}
		return waiting.Reason
	}
	if ended := status.State.Terminated; ended != nil && ended.ExitCode != 0 {
		return fmt.Sprintf("%s (exit code %d)", orElse(ended.Reason, "Error"), ended.ExitCode)
	}
	return ""
}

// failing gives the containers whose logs may tell the reason.
func failing(pod *corev1.Pod) []corev1.ContainerStatus {
	var out []corev1.ContainerStatus
	for _, status := range allStatuses(pod) {
		crashed := status.LastTerminationState.Terminated != nil ||
			(status.State.Terminated != nil && status.State.Terminated.ExitCode != 0)
		unready := status.State.Running != nil && !status.Ready
		if crashed || unready {
			out = append(out, status)
		}
	}
	return out
}

// describeContainers gives one line per container that has something to tell.
func describeContainers(pod *corev1.Pod) []string {
	var lines []string
	for _, status := range allStatuses(pod) {
		var parts []string
		if waiting := status.State.Waiting; waiting != nil && waiting.Reason != "" {
			parts = append(parts, join(waiting.Reason, waiting.Message))
		}
		if status.State.Running != nil && !status.Ready {
			parts = append(parts, "running, not ready")
		}
		ended := status.State.Terminated
		if ended == nil {
			ended = status.LastTerminationState.Terminated
		}
		if ended != nil && (ended.ExitCode != 0 || status.State.Terminated == nil) {
			last := fmt.Sprintf("last exit code %d (%s)", ended.ExitCode, orElse(ended.Reason, "unknown"))
			parts = append(parts, join(last, ended.Message))
		}
		if status.RestartCount > 0 {
			parts = append(parts, fmt.Sprintf("%d restarts", status.RestartCount))
		}
		if len(parts) > 0 {
			lines = append(lines, fmt.Sprintf("container %s: %s", status.Name, strings.Join(parts, "; ")))
		}
	}
	return lines
}

const namedInStatus = 3

// troubles lists the pods that are not ready, the first few by name.
func troubles(pods []*corev1.Pod) (count int, text string) {
	var parts []string
	for _, pod := range pods {
		if reason := Trouble(pod); reason != "" {
			parts = append(parts, pod.Name+" "+reason)
		}
	}
	count = len(parts)
	if count > namedInStatus {
		parts = append(parts[:namedInStatus], fmt.Sprintf("and %d more", count-namedInStatus))
	}
	return count, strings.Join(parts, ", ")
}

func toPods(objects []*unstructured.Unstructured) []*corev1.Pod {
	pods := make([]*corev1.Pod, 0, len(objects))
	for _, u := range objects {
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &pod); err == nil {
			pods = append(pods, &pod)
		}
	}
	sort.Slice(pods, func(i, j int) bool { return pods[i].Name < pods[j].Name })
	return pods
}

func join(reason, message string) string {
	switch {
	case message == "":
		return reason
	case reason == "":
		return message
	default:
		return reason + ": " + message
	}
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

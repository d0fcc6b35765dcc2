package await

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func judgeJob(s State) Verdict {
	if suspended, _, _ := unstructured.NestedBool(s.Object.Object, "spec", "suspend"); suspended {
		return ready()
	}
	if _, ok := condition(s.Object, "Complete", "True"); ok {
		return ready()
	}
	if message, ok := condition(s.Object, "Failed", "True"); ok {
		return failed("the job failed: " + message)
	}
	succeeded, _, _ := unstructured.NestedInt64(s.Object.Object, "status", "succeeded")
	want, found, _ := unstructured.NestedInt64(s.Object.Object, "spec", "completions")
	if !found {
		want = 1
	}
	prefix := fmt.Sprintf("[%d/%d] ", succeeded, want)
	if count, text := troubles(s.Pods); count > 0 {
		return waiting(prefix + "waiting for " + text)
	}
	if refusal := refusedPods(s); refusal != "" {
		return waiting(prefix + "no pod can be made: " + refusal)
	}
	return waiting(prefix + "waiting for the job to complete")
}

func judgePod(s State) Verdict {
	pods := toPods([]*unstructured.Unstructured{s.Object})
	if len(pods) == 0 {
		return waiting("its status cannot be read")
	}
	pod := pods[0]
	switch {
	case pod.Status.Phase == corev1.PodFailed:
		return failed("the pod failed: " + Trouble(pod))
	case pod.Status.Phase == corev1.PodSucceeded || isReady(pod):
		return ready()
	default:
		return waiting("waiting for the pod: " + Trouble(pod))
	}
}

func judgeService(s State) Verdict {
	spec, _, _ := unstructured.NestedMap(s.Object.Object, "spec")
	kind, _ := spec["type"].(string)
	if kind == "LoadBalancer" {
		ingress, _, _ := unstructured.NestedSlice(s.Object.Object, "status", "loadBalancer", "ingress")
		if len(ingress) == 0 {
			return waiting("waiting for the load balancer to get an address")
		}
	}
	if !needsEndpoints(spec) {
		return ready()
	}
	for _, slice := range s.Slices {
		endpoints, _, _ := unstructured.NestedSlice(slice.Object, "endpoints")
		for _, entry := range endpoints {
			endpoint, _ := entry.(map[string]any)
			isReady, found, _ := unstructured.NestedBool(endpoint, "conditions", "ready")
			if isReady || !found {
				return ready()
			}
		}
	}
	if count, text := troubles(s.Pods); count > 0 {
		return waiting("waiting for an endpoint: " + text)
	}
	if len(s.Pods) == 0 {
		selector, _, _ := unstructured.NestedStringMap(s.Object.Object, "spec", "selector")
		return waiting("waiting for an endpoint: no pod has the labels " + labelText(selector))
	}
	return waiting("waiting for an endpoint")
}

func needsEndpoints(spec map[string]any) bool {
	selector, _ := spec["selector"].(map[string]any)
	ports, _ := spec["ports"].([]any)
	return spec["type"] != "ExternalName" && spec["clusterIP"] != "None" && len(selector) > 0 && len(ports) > 0
}

func judgeClaim(s State) Verdict {
	if s.BindsLate {
		return ready()
	}
	verdict := judgePhase(s, "Bound")
	phase, _, _ := unstructured.NestedString(s.Object.Object, "status", "phase")
	if phase == "Lost" {
		return failed("the claim lost its volume")
	}
	if !verdict.Ready && len(s.Events) > 0 {
		message, _, _ := unstructured.NestedString(latestEvents(s.Events, 1)[0].Object, "message")
		verdict.Message = join(verdict.Message, message)
	}
	return verdict
}

func judgePhase(s State, want string) Verdict {
	phase, _, _ := unstructured.NestedString(s.Object.Object, "status", "phase")
	if phase == want {
		return ready()
	}
	return waiting(fmt.Sprintf("waiting for phase %s, it is %q", want, phase))
}

// judgeAutoscaler does not wait for the first look at the target, which comes every 15 seconds; an
// autoscaler that looked and cannot scale is waited for.
func judgeAutoscaler(s State) Verdict {
	if message, ok := condition(s.Object, "AbleToScale", "False"); ok {
		return waiting("the autoscaler cannot scale: " + message)
	}
	return ready()
}

package await

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	raw, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	return u
}

func pod(name, reason string) *corev1.Pod {
	p := &corev1.Pod{}
	p.Name = name
	p.Status.Phase = corev1.PodPending
	p.Status.ContainerStatuses = []corev1.ContainerStatus{
		{Name: "app", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}},
	}
	return p
}

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent, generation: 2}
spec: {replicas: 3, progressDeadlineSeconds: 600}
status:
  observedGeneration: OBSERVED
  replicas: 3
  updatedReplicas: 3
  readyReplicas: READY
  availableReplicas: READY
  conditions:
  - {type: Progressing, status: "True", reason: REASON, message: why}
  - {type: Available, status: "True"}
`

func deploymentWith(t *testing.T, observed, readyReplicas, reason string) *unstructured.Unstructured {
	t.Helper()
	text := strings.NewReplacer("OBSERVED", observed, "READY", readyReplicas, "REASON", reason).Replace(deployment)
	return object(t, text)
}

func TestVerdicts(t *testing.T) {
	done := "NewReplicaSetAvailable"
	slice := object(t, "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, endpoints: [{conditions: {ready: true}}]}")
	service := `{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: ClusterIP, selector: {app: a}, ports: [{port: 80}]}}`
	cases := []struct {
		title   string
		state   State
		ready   bool
		failed  bool
		message string
	}{
		{title: "deployment ready", state: State{Object: deploymentWith(t, "2", "3", done)}, ready: true},
		{title: "deployment not seen by its controller", state: State{Object: deploymentWith(t, "1", "3", done)}, message: "[3/3]"},
		{
			title:   "deployment with a pod in trouble",
			state:   State{Object: deploymentWith(t, "2", "1", done), Pods: []*corev1.Pod{pod("agent-a", "ImagePullBackOff")}},
			message: "[1/3] waiting for 1 pod: agent-a ImagePullBackOff",
		},
		{
			title:  "deployment past its deadline",
			state:  State{Object: deploymentWith(t, "2", "1", "ProgressDeadlineExceeded")},
			failed: true, message: "[1/3] Progress deadline exceeded",
		},
		{
			title: "stateful set on its way", message: "[1/2] waiting for pods to be ready",
			state: State{Object: object(t, `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {replicas: 2}, status: {replicas: 2, readyReplicas: 1}}`)},
		},
		{
			title: "daemon set without nodes", ready: true,
			state: State{Object: object(t, `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d, generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 0}}`)},
		},
		{title: "daemon set not seen yet", state: State{Object: object(t, `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d, generation: 1}}`)}, message: "[0/0]"},
		{
			title: "job running", message: "[0/1] waiting for the job to complete",
			state: State{Object: object(t, `{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {}, status: {active: 1, startTime: "2026-01-01T00:00:00Z"}}`)},
		},
		{
			title: "job complete", ready: true,
			state: State{Object: object(t, `{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Complete, status: "True"}]}}`)},
		},
		{
			title: "job failed", failed: true, message: "the job failed: BackoffLimitExceeded: no more",
			state: State{Object: object(t, `{apiVersion: batch/v1, kind: Job, metadata: {name: j}, status: {conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded, message: no more}]}}`)},
		},
		{title: "job suspended", ready: true, state: State{Object: object(t, `{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {suspend: true}}`)}},
		{title: "pod done", ready: true, state: State{Object: object(t, `{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Succeeded}}`)}},
		{title: "pod failed", failed: true, message: "Evicted", state: State{Object: object(t, `{apiVersion: v1, kind: Pod, metadata: {name: p}, status: {phase: Failed, reason: Evicted}}`)}},
		{title: "service with an endpoint", ready: true, state: State{Object: object(t, service), Slices: []*unstructured.Unstructured{slice}}},
		{title: "service without pods", message: "no pod has the labels app=a", state: State{Object: object(t, service)}},
		{title: "service whose pods hang", message: "app-1 CrashLoopBackOff", state: State{Object: object(t, service), Pods: []*corev1.Pod{pod("app-1", "CrashLoopBackOff")}}},
		{title: "headless service", ready: true, state: State{Object: object(t, strings.Replace(service, "type: ClusterIP", "clusterIP: None", 1))}},
		{title: "external service", ready: true, state: State{Object: object(t, strings.Replace(service, "ClusterIP", "ExternalName", 1))}},
		{title: "service without selector", ready: true, state: State{Object: object(t, strings.Replace(service, "selector: {app: a}, ", "", 1))}},
		{title: "service without ports", ready: true, state: State{Object: object(t, strings.Replace(service, "ports: [{port: 80}]", "ports: []", 1))}},
		{title: "load balancer without address", message: "load balancer", state: State{Object: object(t, strings.Replace(service, "ClusterIP", "LoadBalancer", 1))}},
		{title: "claim pending", message: "waiting for phase Bound", state: State{Object: object(t, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, status: {phase: Pending}}`)}},
		{title: "claim that waits for a pod", ready: true, state: State{BindsLate: true, Object: object(t, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, status: {phase: Pending}}`)}},
		{title: "claim lost", failed: true, message: "lost", state: State{Object: object(t, `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, status: {phase: Lost}}`)}},
		{title: "namespace active", ready: true, state: State{Object: object(t, `{apiVersion: v1, kind: Namespace, metadata: {name: n}, status: {phase: Active}}`)}},
		{
			title: "autoscaler not seen yet", ready: true,
			state: State{Object: object(t, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}}`)},
		},
		{
			title: "autoscaler without its target", message: "FailedGetScale: no such deployment",
			state: State{Object: object(t, `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, status: {conditions: [{type: AbleToScale, status: "False", reason: FailedGetScale, message: no such deployment}]}}`)},
		},
		{title: "definition on its way", message: "progress", state: State{Object: object(t, `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: d}}`)}},
		{title: "ingress", ready: true, state: State{Object: object(t, `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}}`)}},
		{title: "custom resource without a status", ready: true, state: State{Object: object(t, `{apiVersion: traefik.io/v1alpha1, kind: IngressRoute, metadata: {name: r}}`)}},
		{
			title: "custom resource that says it is not ready", message: "Ready is False: Broken: no such thing",
			state: State{Object: object(t, `{apiVersion: x.io/v1, kind: Thing, metadata: {name: r, generation: 2}, status: {conditions: [{type: Ready, status: "False", reason: Broken, message: no such thing, observedGeneration: 2}]}}`)},
		},
		{
			title: "custom resource whose status is of before", ready: true,
			state: State{Object: object(t, `{apiVersion: x.io/v1, kind: Thing, metadata: {name: r, generation: 2}, status: {conditions: [{type: Ready, status: "False", observedGeneration: 1}]}}`)},
		},
	}
	for _, c := range cases {
		got := Judge(c.state)
		if got.Ready != c.ready || got.Failed != c.failed || !strings.Contains(got.Message, c.message) {
			t.Errorf("%s: got %+v", c.title, got)
		}
	}
}

func TestOnlyTheNewestRevisionsPodsAreTold(t *testing.T) {
	set := func(uid types.UID, revision string) *unstructured.Unstructured {
		u := &unstructured.Unstructured{}
		u.SetUID(uid)
		u.SetAnnotations(map[string]string{"deployment.kubernetes.io/revision": revision})
		return u
	}
	old, current := set("old", "9"), set("new", "10")
	state := State{
		Object:      deploymentWith(t, "2", "1", "x"),
		ReplicaSets: []*unstructured.Unstructured{old, current},
		Pods:        []*corev1.Pod{pod("a", "ErrImagePull"), pod("b", "CrashLoopBackOff")},
	}
	state.Pods[0].OwnerReferences = owned("old")
	state.Pods[1].OwnerReferences = owned("new")
	if message := Judge(state).Message; strings.Contains(message, "ErrImagePull") || !strings.Contains(message, "b CrashLoopBackOff") {
		t.Errorf("got %q", message)
	}
}

func TestRefusedPodsAreTold(t *testing.T) {
	u := deploymentWith(t, "2", "0", "x")
	conditions := []any{map[string]any{
		"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota",
	}}
	if err := unstructured.SetNestedSlice(u.Object, conditions, "status", "conditions"); err != nil {
		t.Fatal(err)
	}
	if message := Judge(State{Object: u}).Message; message != "[0/3] no pod can be made: FailedCreate: exceeded quota" {
		t.Errorf("got %q", message)
	}
	set := object(t, `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {replicas: 1}}`)
	event := object(t, `{apiVersion: v1, kind: Event, metadata: {name: e}, reason: FailedCreate, message: pods are forbidden}`)
	message := Judge(State{Object: set, Events: []*unstructured.Unstructured{event}}).Message
	if message != "[0/1] no pod can be made: pods are forbidden" {
		t.Errorf("got %q", message)
	}
}

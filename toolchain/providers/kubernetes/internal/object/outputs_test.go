package object

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestOutputsCarryTheBookkeeping(t *testing.T) {
	inputs := props(m{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler"})
	olds := props(m{"__initialApiVersion": "autoscaling/v1", "__initialKind": "HorizontalPodAutoscaler"})
	live := &unstructured.Unstructured{Object: m{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
		"metadata": m{"name": "a", "managedFields": []any{m{"manager": "x"}}},
	}}
	got := Outputs(live, inputs, olds, "us")
	for key, want := range map[resource.PropertyKey]string{
		InitialAPIVersionKey: "autoscaling/v1", InitialKindKey: "HorizontalPodAutoscaler", FieldManagerKey: "us",
	} {
		if text, _ := Text(got, key); text != want {
			t.Errorf("%s: got %q, want %q", key, text, want)
		}
	}
	if _, found := Metadata(got)["managedFields"]; found {
		t.Error("managed fields are in the state")
	}
	if !got[InputsKey].ObjectValue().DeepEquals(inputs) {
		t.Errorf("got inputs %v", got[InputsKey])
	}
}

func TestASecretsDataIsSecretWithoutBeingAskedTo(t *testing.T) {
	inputs := props(m{"apiVersion": "v1", "kind": "Secret", "data": m{"a": "MQ=="}})
	live := &unstructured.Unstructured{Object: m{
		"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"}, "data": m{"a": "MQ=="},
	}}
	outputs := Outputs(live, inputs, nil, "us")
	if !outputs["data"].IsSecret() || !outputs[InputsKey].ObjectValue()["data"].IsSecret() {
		t.Error("data is in the clear")
	}
	if inputs["data"].IsSecret() {
		t.Error("the inputs themselves were changed")
	}
	if !PreviewCreate(inputs, inputs)["data"].IsSecret() {
		t.Error("data is in the clear in a preview")
	}
	if imported := ImportedInputs(live); !imported["data"].IsSecret() {
		t.Error("imported data is in the clear")
	}
}

func TestPreviewsMakeNothingUp(t *testing.T) {
	service := func(spec m) resource.PropertyMap {
		return props(m{"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "a"}, "spec": spec})
	}
	base := props(m{
		"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "a", "uid": "made-up"},
		"spec": m{"clusterIP": "10.0.0.7", "ports": []any{m{"port": 80.0, "nodePort": 31000.0}}},
	})
	node := PreviewCreate(base, service(m{"type": "NodePort", "ports": []any{m{"port": 80.0}}}))
	spec := node["spec"].ObjectValue()
	if !Metadata(node)["uid"].IsComputed() || !spec["clusterIP"].IsComputed() || !node["status"].IsComputed() {
		t.Errorf("got %v", node)
	}
	if !spec["ports"].ArrayValue()[0].ObjectValue()["nodePort"].IsComputed() {
		t.Errorf("got %v", spec["ports"])
	}
	headless := PreviewCreate(
		props(m{"spec": m{"clusterIP": "None"}}), service(m{"clusterIP": "None"}))
	if ip, _ := Text(headless["spec"].ObjectValue(), "clusterIP"); ip != "None" {
		t.Errorf("got %q", ip)
	}
}

func TestTheManagersNameFollowsFromTheURN(t *testing.T) {
	one, again, other := FieldManager("urn:a", nil), FieldManager("urn:a", nil), FieldManager("urn:b", nil)
	if one != again || one == other {
		t.Errorf("got %q %q %q", one, again, other)
	}
	kept := FieldManager("urn:a", props(m{"__fieldManager": "pulumi-kubernetes-cafe"}))
	if kept != "pulumi-kubernetes-cafe" {
		t.Errorf("got %q", kept)
	}
}

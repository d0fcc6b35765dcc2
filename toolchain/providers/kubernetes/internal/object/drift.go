package object

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Drifted gives the inputs as the live object has them now. `applied` is what applying the inputs
// would make of it (a dry run): where that equals the live object, the inputs stay as the program
// wrote them, so that "1024Mi" does not drift to "1Gi". Where it differs, the live value comes in.
func Drifted(inputs resource.PropertyMap, applied, live *unstructured.Unstructured) resource.PropertyMap {
	folded := live.Object
	out := make(resource.PropertyMap, len(inputs))
	for key, value := range inputs {
		name := string(key)
		if resource.IsInternalPropertyKey(key) || name == "apiVersion" || name == "kind" {
			out[key] = value
			continue
		}
		if name == "stringData" && IsSecret(live) {
			driftStringData(inputs, applied, live, out)
			continue
		}
		next, keep := drift(value, applied.Object[name], folded[name])
		if keep {
			out[key] = next
		}
	}
	return MarkSecrets(out, inputs)
}

func drift(input resource.PropertyValue, applied, live any) (resource.PropertyValue, bool) {
	if equality.Semantic.DeepEqual(applied, live) {
		return input, true
	}
	if live == nil {
		return resource.PropertyValue{}, false
	}
	bare := Plain(input)
	liveMap, isMap := live.(map[string]any)
	appliedMap, _ := applied.(map[string]any)
	if bare.IsObject() && isMap {
		out := resource.PropertyMap{}
		for key, value := range bare.ObjectValue() {
			if next, keep := drift(value, appliedMap[string(key)], liveMap[string(key)]); keep {
				out[key] = next
			}
		}
		return resource.NewObjectProperty(out), true
	}
	liveList, isList := live.([]any)
	appliedList, _ := applied.([]any)
	if bare.IsArray() && isList {
		return driftList(bare.ArrayValue(), appliedList, liveList), true
	}
	return toProperty(live), true
}

// driftList keeps to the inputs' shape while the lists are as long as each other; a list with
// elements more or fewer is taken whole.
func driftList(inputs []resource.PropertyValue, applied, live []any) resource.PropertyValue {
	if len(applied) != len(live) || len(inputs) != len(live) {
		return toProperty(live)
	}
	items := make([]resource.PropertyValue, 0, len(live))
	for i := range live {
		if next, keep := drift(inputs[i], applied[i], live[i]); keep {
			items = append(items, next)
		}
	}
	return resource.NewArrayProperty(items)
}

// driftStringData compares a Secret's text with the data it became; texts that changed in the cluster
// come back under `data`, where the API server keeps them.
func driftStringData(
	inputs resource.PropertyMap, applied, live *unstructured.Unstructured, out resource.PropertyMap,
) {
	appliedData, _, _ := unstructured.NestedMap(applied.Object, "data")
	liveData, _, _ := unstructured.NestedMap(live.Object, "data")
	text, data := resource.PropertyMap{}, copyOf(child(inputs, "data"))
	for key, value := range child(PlainMap(inputs), "stringData") {
		name := string(key)
		switch {
		case equality.Semantic.DeepEqual(appliedData[name], liveData[name]):
			text[key] = value
		case liveData[name] != nil:
			data[key] = toProperty(liveData[name])
		}
	}
	if len(text) > 0 {
		out["stringData"] = resource.MakeSecret(resource.NewObjectProperty(text))
	}
	if len(data) > len(child(inputs, "data")) {
		out["data"] = resource.MakeSecret(resource.NewObjectProperty(data))
	}
}

// serverFields are set by the API server and its controllers; nobody writes them into a program.
var serverFields = []string{
	"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink",
	"deletionTimestamp", "deletionGracePeriodSeconds",
}

// ImportedInputs gives the inputs of an object that was made elsewhere: everything but what the
// server writes.
func ImportedInputs(live *unstructured.Unstructured) resource.PropertyMap {
	content := live.DeepCopy().Object
	delete(content, "status")
	for _, field := range serverFields {
		unstructured.RemoveNestedField(content, "metadata", field)
	}
	const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
	annotations, _, _ := unstructured.NestedMap(content, "metadata", "annotations")
	delete(annotations, lastApplied)
	if len(annotations) == 0 {
		unstructured.RemoveNestedField(content, "metadata", "annotations")
	} else {
		_ = unstructured.SetNestedMap(content, annotations, "metadata", "annotations")
	}
	props := ToProperties(content)
	if IsSecret(live) {
		MarkSecretData(props)
	}
	return props
}

// SameObject tells whether two versions of an object differ in nothing but the server's bookkeeping.
func SameObject(a, b *unstructured.Unstructured) bool {
	return equality.Semantic.DeepEqual(bare(a), bare(b))
}

func bare(u *unstructured.Unstructured) map[string]any {
	content := u.DeepCopy().Object
	delete(content, "status")
	for _, field := range serverFields {
		unstructured.RemoveNestedField(content, "metadata", field)
	}
	return content
}

// DropServerFields takes out of an object to apply what only the server may set; the inputs of an
// object that was read with another tool may hold it.
func DropServerFields(u *unstructured.Unstructured) {
	for _, field := range serverFields {
		unstructured.RemoveNestedField(u.Object, "metadata", field)
	}
}

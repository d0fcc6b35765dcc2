package object

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Outputs gives the resource's state: the live object and the bookkeeping, with secrets marked.
// Managed fields stay out: they change with every apply and nobody programs against them.
func Outputs(
	live *unstructured.Unstructured, inputs, olds resource.PropertyMap, manager string,
) resource.PropertyMap {
	content := live.DeepCopy()
	unstructured.RemoveNestedField(content.Object, "metadata", "managedFields")
	props := MarkSecrets(ToProperties(content.Object), inputs)
	if IsSecret(live) {
		MarkSecretData(props)
	}
	return withBookkeeping(props, inputs, olds, manager)
}

func withBookkeeping(
	props, inputs, olds resource.PropertyMap, manager string,
) resource.PropertyMap {
	version, kind := inputs["apiVersion"], inputs["kind"]
	if old, ok := olds[InitialAPIVersionKey]; ok {
		version = old
	}
	if old, ok := olds[InitialKindKey]; ok {
		kind = old
	}
	props[InitialAPIVersionKey] = version
	props[InitialKindKey] = kind
	kept := withoutInternal(inputs)
	if gk := kindOf(inputs).GroupKind(); gk.Group == "" && gk.Kind == "Secret" {
		MarkSecretData(kept)
	}
	props[InputsKey] = resource.NewObjectProperty(kept)
	if manager != "" {
		props[FieldManagerKey] = resource.NewStringProperty(manager)
	}
	return props
}

func withoutInternal(props resource.PropertyMap) resource.PropertyMap {
	out := make(resource.PropertyMap, len(props))
	for key, value := range props {
		if !resource.IsInternalPropertyKey(key) {
			out[key] = value
		}
	}
	return out
}

var unknown = resource.MakeComputed(resource.NewStringProperty(""))

// PreviewCreate gives the outputs of an object that does not exist yet. `base` is a dry run's result,
// or the inputs where none could be made. What only the real creation decides is unknown.
func PreviewCreate(base, inputs resource.PropertyMap) resource.PropertyMap {
	out := copyOf(base)
	metadata := copyOf(Metadata(base))
	for _, key := range []resource.PropertyKey{
		"uid", "resourceVersion", "creationTimestamp", "generation",
	} {
		metadata[key] = unknown
	}
	delete(metadata, "managedFields")
	out = withMetadata(out, metadata)
	out["status"] = unknown
	gk := kindOf(inputs).GroupKind()
	switch {
	case gk.Group == "" && gk.Kind == "Service":
		out["spec"] = previewService(child(base, "spec"), child(inputs, "spec"))
	case gk.Group == "" && gk.Kind == "PersistentVolumeClaim":
		out["spec"] = withUnknown(child(base, "spec"), child(inputs, "spec"), "volumeName")
	case gk.Group == "" && gk.Kind == "Pod":
		out["spec"] = withUnknown(child(base, "spec"), child(inputs, "spec"), "nodeName")
	case gk.Group == "batch" && gk.Kind == "Job":
		out["spec"] = withUnknown(child(base, "spec"), child(inputs, "spec"), "selector")
	}
	if gk.Group == "" && gk.Kind == "Secret" {
		MarkSecretData(out)
	}
	return MarkSecrets(out, inputs)
}

func withUnknown(
	spec, inputs resource.PropertyMap, keys ...resource.PropertyKey,
) resource.PropertyValue {
	out := copyOf(spec)
	for _, key := range keys {
		if _, given := inputs[key]; !given {
			out[key] = unknown
		}
	}
	return resource.NewObjectProperty(out)
}

func previewService(spec, inputs resource.PropertyMap) resource.PropertyValue {
	if ip, _ := Text(inputs, "clusterIP"); ip == "None" {
		return resource.NewObjectProperty(spec)
	}
	out := withUnknown(spec, inputs, "clusterIP", "clusterIPs").ObjectValue()
	if kind, _ := Text(inputs, "type"); kind != "NodePort" && kind != "LoadBalancer" {
		return resource.NewObjectProperty(out)
	}
	ports, given := Plain(spec["ports"]), Plain(inputs["ports"])
	if !ports.IsArray() || !given.IsArray() || len(given.ArrayValue()) != len(ports.ArrayValue()) {
		return resource.NewObjectProperty(out)
	}
	items := make([]resource.PropertyValue, 0, len(ports.ArrayValue()))
	for i, port := range ports.ArrayValue() {
		asked := given.ArrayValue()[i]
		if port.IsObject() && asked.IsObject() {
			port = withUnknown(port.ObjectValue(), asked.ObjectValue(), "nodePort")
		}
		items = append(items, port)
	}
	out["ports"] = resource.NewArrayProperty(items)
	return resource.NewObjectProperty(out)
}

// PreviewUpdate gives the outputs of an update that a dry run answered.
func PreviewUpdate(
	dryRun *unstructured.Unstructured, inputs, olds resource.PropertyMap, manager string,
) resource.PropertyMap {
	out := Outputs(dryRun, inputs, olds, manager)
	metadata := copyOf(Metadata(out))
	for _, key := range []resource.PropertyKey{"resourceVersion", "generation"} {
		metadata[key] = unknown
	}
	return withMetadata(out, metadata)
}

// PreviewUpdateOffline gives the outputs of an update that no dry run could answer: the old ones with
// the new inputs over them, and the status unknown.
func PreviewUpdateOffline(inputs, olds resource.PropertyMap, manager string) resource.PropertyMap {
	out := overlay(olds, inputs)
	out["status"] = unknown
	if kindOf(inputs).Group == "" && kindOf(inputs).Kind == "Secret" {
		MarkSecretData(out)
	}
	return withBookkeeping(out, inputs, olds, manager)
}

func overlay(base, over resource.PropertyMap) resource.PropertyMap {
	out := copyOf(base)
	for key, value := range over {
		if resource.IsInternalPropertyKey(key) {
			continue
		}
		below, above := child(base, key), child(over, key)
		if below == nil || above == nil || value.IsSecret() || base[key].IsSecret() {
			out[key] = value
			continue
		}
		out[key] = resource.NewObjectProperty(overlay(below, above))
	}
	return out
}

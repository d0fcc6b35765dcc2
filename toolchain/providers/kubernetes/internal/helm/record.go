package helm

import (
	"fmt"
	"os"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Variable makes the provider record releases, when it is "record".
const Variable = "AGENT_PLATFORM_HELM"

// Recorded is the status of a release of which only the record exists.
const Recorded = "recorded"

const hidden = "[secret]"

// Recording tells whether releases are recorded, as rehearsals want it.
func Recording() bool { return os.Getenv(Variable) == "record" }

// Note says that nothing but the record was made.
func Note(inputs resource.PropertyMap) string {
	return Recorded + ", not installed: chart " + Source(inputs)
}

// RecordName is the name of the ConfigMap that keeps a release.
func RecordName(release string) string { return "helm-release-" + release }

// Record gives the ConfigMap that a person can look at. Secret values are left out of it, and `redact`
// takes their copies out of the others.
func Record(
	inputs resource.PropertyMap, revision int, redact func(string) string,
) (resource.PropertyMap, error) {
	name, _ := object.Text(inputs, "name")
	namespace, _ := object.Text(inputs, "namespace")
	chart, _ := object.Text(inputs, "chart")
	version, _ := object.Text(inputs, "version")
	values, err := yaml.Marshal(withoutSecrets(inputs["values"]))
	if err != nil {
		return nil, fmt.Errorf("the values of release %s cannot be written: %w", name, err)
	}
	data := map[string]any{
		"chart": chart, "version": version, "revision": strconv.Itoa(revision), "values": redact(string(values)),
		"status": Note(inputs),
	}
	return object.ToProperties(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{
			"name": RecordName(name), "namespace": namespace,
			"labels": map[string]any{
				"app.kubernetes.io/name": name, "app.kubernetes.io/component": "helm-release",
				"app.kubernetes.io/part-of": "agent-platform",
			},
		},
		"data": data,
	}), nil
}

func withoutSecrets(value resource.PropertyValue) any {
	switch {
	case value.IsSecret(), value.IsOutput() && value.OutputValue().Secret:
		return hidden
	case value.IsOutput():
		return withoutSecrets(value.OutputValue().Element)
	case value.IsObject():
		out := map[string]any{}
		for key, element := range value.ObjectValue() {
			out[string(key)] = withoutSecrets(element)
		}
		return out
	case value.IsArray():
		out := make([]any, 0, len(value.ArrayValue()))
		for _, element := range value.ArrayValue() {
			out = append(out, withoutSecrets(element))
		}
		return out
	default:
		return value.Mappable()
	}
}

// Outputs gives the state of a recorded release under the official names.
func Outputs(inputs resource.PropertyMap, revision int) resource.PropertyMap {
	out := inputs.Copy()
	out["status"] = status(
		inputs, resource.NewStringProperty(Recorded), resource.NewNumberProperty(float64(revision)))
	namespace, _ := object.Text(inputs, "namespace")
	name, _ := object.Text(inputs, "name")
	out["resourceNames"] = toProperty(map[string]any{
		"ConfigMap/v1": []any{object.FormatID(namespace, RecordName(name))},
	})
	return out
}

// Noted gives the id and the state of a release of which there is not even a record.
func Noted(inputs, state resource.PropertyMap) (id string, outputs resource.PropertyMap) {
	outputs = Outputs(inputs, Revision(state)+1)
	outputs["resourceNames"] = resource.NewObjectProperty(resource.PropertyMap{})
	namespace, _ := object.Text(inputs, "namespace")
	name, _ := object.Text(inputs, "name")
	return object.FormatID(namespace, name), outputs
}

// Preview gives the outputs of a release that is not there yet.
func Preview(inputs resource.PropertyMap) resource.PropertyMap {
	out := inputs.Copy()
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	out["status"] = status(inputs, unknown, unknown)
	out["resourceNames"] = unknown
	return out
}

func status(inputs resource.PropertyMap, text, revision resource.PropertyValue) resource.PropertyValue {
	fields := resource.PropertyMap{"status": text, "revision": revision}
	for _, key := range []resource.PropertyKey{"name", "namespace", "chart", "version"} {
		if value, ok := inputs[key]; ok {
			fields[key] = value
		}
	}
	return resource.NewObjectProperty(fields)
}

func toProperty(content map[string]any) resource.PropertyValue {
	return resource.NewObjectProperty(object.ToProperties(content))
}

// Revision gives the revision in a state, 0 where there is none.
func Revision(state resource.PropertyMap) int {
	fields := object.Plain(state["status"])
	if !fields.IsObject() || !fields.ObjectValue()["revision"].IsNumber() {
		return 0
	}
	return int(fields.ObjectValue()["revision"].NumberValue())
}

// Installed tells whether the state is that of a release which Helm itself installed.
func Installed(state resource.PropertyMap) bool {
	fields := object.Plain(state["status"])
	if !fields.IsObject() {
		return false
	}
	text, known := object.Text(fields.ObjectValue(), "status")
	return known && text != Recorded
}

// Drifted gives the inputs and the revision as the live record has them.
func Drifted(inputs resource.PropertyMap, record *unstructured.Unstructured) (resource.PropertyMap, int) {
	out := inputs.Copy()
	data, _, _ := unstructured.NestedStringMap(record.Object, "data")
	for _, key := range []resource.PropertyKey{"chart", "version"} {
		if was, _ := object.Text(inputs, key); was != data[string(key)] {
			out[key] = resource.NewStringProperty(data[string(key)])
		}
	}
	revision, _ := strconv.Atoi(data["revision"])
	return out, revision
}

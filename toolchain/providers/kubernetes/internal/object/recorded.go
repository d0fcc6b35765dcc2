package object

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// recordedAt is when every recorded object is said to have been made: none was.
const recordedAt = "2000-01-01T00:00:00Z"

// Recorded gives the state of an object that is in no cluster: the inputs, and what an API server would
// add to them, made up of the URN. `olds` is the state so far, whose values stay; it is empty for a new
// object. The id belongs to it.
func Recorded(
	urn string, inputs, olds resource.PropertyMap, manager string,
) (id string, outputs resource.PropertyMap) {
	r := recorder{urn: urn, balanced: isBalanced(inputs)}
	named := r.named(inputs)
	outputs = resource.PropertyMap{}
	for key, value := range PreviewCreate(named, inputs) {
		outputs[key] = r.known(value, olds[key], string(key))
	}
	if status := Plain(outputs["status"]); status.IsObject() && len(status.ObjectValue()) == 0 {
		// Kinds without a status are no different from those of whose status nothing is known.
		delete(outputs, "status")
	}
	namespace, _ := Text(Metadata(named), "namespace")
	name, _ := Text(Metadata(named), "name")
	return FormatID(namespace, name), withBookkeeping(outputs, inputs, olds, manager)
}

// isBalanced tells whether the object is one that an address from outside leads to.
func isBalanced(inputs resource.PropertyMap) bool {
	switch gk := kindOf(inputs).GroupKind(); gk.String() {
	case "Ingress.networking.k8s.io":
		return true
	case "Service":
		kind, _ := Text(child(inputs, "spec"), "type")
		return kind == "LoadBalancer"
	default:
		return false
	}
}

type recorder struct {
	urn      string
	balanced bool
}

// digits gives 64 hexadecimal digits for one purpose, the same in every run.
func (r recorder) digits(purpose string) string {
	sum := sha256.Sum256([]byte(r.urn + "\x00" + purpose))
	return hex.EncodeToString(sum[:])
}

func (r recorder) uid() string {
	d := r.digits("uid")
	return fmt.Sprintf("%s-%s-%s-%s-%s", d[:8], d[8:12], d[12:16], d[16:20], d[20:32])
}

// number gives one below the limit.
func (r recorder) number(purpose string, limit int) int {
	var n int
	_, _ = fmt.Sscanf(r.digits(purpose)[:7], "%x", &n)
	return n % limit
}

// named gives the inputs with the name that an API server makes of a generateName.
func (r recorder) named(inputs resource.PropertyMap) resource.PropertyMap {
	prefix, generates := Text(Metadata(inputs), "generateName")
	if _, given := Text(Metadata(inputs), "name"); given || !generates {
		return inputs
	}
	metadata := copyOf(Metadata(inputs))
	metadata["name"] = resource.NewStringProperty(prefix + r.digits("name")[:5])
	return withMetadata(inputs, metadata)
}

// known gives the value with something for everything in it that a preview does not know: what the
// state has in its place, else what is made up for its path.
func (r recorder) known(value, old resource.PropertyValue, path string) resource.PropertyValue {
	for old.IsSecret() {
		old = old.SecretValue().Element
	}
	switch {
	case value.IsSecret():
		return resource.MakeSecret(r.known(value.SecretValue().Element, old, path))
	case value.IsComputed():
		return r.next(path, old)
	case value.IsObject():
		out := resource.PropertyMap{}
		for key, element := range value.ObjectValue() {
			var was resource.PropertyValue
			if old.IsObject() {
				was = old.ObjectValue()[key]
			}
			out[key] = r.known(element, was, path+"."+string(key))
		}
		return resource.NewObjectProperty(out)
	case value.IsArray():
		items := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for i, element := range value.ArrayValue() {
			var was resource.PropertyValue
			if old.IsArray() && i < len(old.ArrayValue()) {
				was = old.ArrayValue()[i]
			}
			items = append(items, r.known(element, was, fmt.Sprintf("%s[%d]", path, i)))
		}
		return resource.NewArrayProperty(items)
	default:
		return value
	}
}

// next keeps what the state has; what counts the changes of an object counts on.
func (r recorder) next(path string, old resource.PropertyValue) resource.PropertyValue {
	switch {
	case path == "metadata.generation" && old.IsNumber():
		return resource.NewNumberProperty(old.NumberValue() + 1)
	case path == "metadata.resourceVersion" && old.IsString():
		var version int
		_, _ = fmt.Sscan(old.StringValue(), &version)
		return resource.NewStringProperty(fmt.Sprint(version + 1))
	case old.IsNull():
		return r.made(path)
	default:
		return old
	}
}

func (r recorder) made(path string) resource.PropertyValue {
	switch path {
	case "metadata.uid":
		return resource.NewStringProperty(r.uid())
	case "metadata.resourceVersion":
		return resource.NewStringProperty("1")
	case "metadata.creationTimestamp":
		return resource.NewStringProperty(recordedAt)
	case "metadata.generation":
		return resource.NewNumberProperty(1)
	case "status":
		return resource.NewObjectProperty(r.status())
	case "spec.clusterIP":
		return resource.NewStringProperty(r.address())
	case "spec.clusterIPs":
		return resource.NewArrayProperty([]resource.PropertyValue{resource.NewStringProperty(r.address())})
	case "spec.volumeName":
		return resource.NewStringProperty("pvc-" + r.uid())
	case "spec.nodeName":
		return resource.NewStringProperty("recorded")
	case "spec.selector":
		return resource.NewObjectProperty(resource.NewPropertyMapFromMap(map[string]any{
			"matchLabels": map[string]any{"batch.kubernetes.io/controller-uid": r.uid()},
		}))
	default:
		// A port of a node is all that is left.
		return resource.NewNumberProperty(float64(30000 + r.number(path, 2768)))
	}
}

// address is of the range that Kubernetes takes for services if it is given none.
func (r recorder) address() string {
	n := r.number("address", 1<<16-2) + 1
	return fmt.Sprintf("10.96.%d.%d", n/256, n%256)
}

func (r recorder) status() resource.PropertyMap {
	if !r.balanced {
		return resource.PropertyMap{}
	}
	host := r.digits("host")[:10] + ".recorded.invalid"
	return resource.NewPropertyMapFromMap(map[string]any{
		"loadBalancer": map[string]any{"ingress": []any{map[string]any{"hostname": host}}},
	})
}

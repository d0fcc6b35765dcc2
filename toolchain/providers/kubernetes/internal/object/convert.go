// Package object holds what the provider knows about Kubernetes objects without asking a cluster:
// their form on either side of the protocol, their names, and which changes need a replacement.
package object

import (
	"encoding/base64"
	"fmt"
	"math"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Properties of the state that describe the object but are not part of it. The official provider
// reads and writes the same keys.
const (
	InitialAPIVersionKey resource.PropertyKey = "__initialApiVersion"
	InitialKindKey       resource.PropertyKey = "__initialKind"
	FieldManagerKey      resource.PropertyKey = "__fieldManager"
	InputsKey            resource.PropertyKey = "__inputs"
)

// FromProperties gives the object that the inputs describe: plain values, without internal keys and
// nulls, `stringData` of a Secret folded into `data`. Inputs with unknown values are refused.
func FromProperties(inputs resource.PropertyMap) (*unstructured.Unstructured, error) {
	if inputs.ContainsUnknowns() {
		return nil, fmt.Errorf("the inputs hold values that are not known yet")
	}
	content, err := plainMap(inputs)
	if err != nil {
		return nil, err
	}
	u := &unstructured.Unstructured{Object: content}
	if IsSecret(u) {
		foldStringData(content)
	}
	return u, nil
}

// IsSecret tells whether the object is a core Secret, whose data is secret whatever the program says.
func IsSecret(u *unstructured.Unstructured) bool {
	return u.GetAPIVersion() == "v1" && u.GetKind() == "Secret"
}

func plainMap(props resource.PropertyMap) (map[string]any, error) {
	out := make(map[string]any, len(props))
	for key, value := range props {
		if resource.IsInternalPropertyKey(key) {
			continue
		}
		plain, err := plainValue(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if plain != nil {
			out[string(key)] = plain
		}
	}
	return out, nil
}

func plainValue(v resource.PropertyValue) (any, error) {
	switch {
	case v.IsNull():
		return nil, nil
	case v.IsSecret():
		return plainValue(v.SecretValue().Element)
	case v.IsOutput():
		return plainValue(v.OutputValue().Element)
	case v.IsObject():
		return plainMap(v.ObjectValue())
	case v.IsArray():
		items := make([]any, 0, len(v.ArrayValue()))
		for i, element := range v.ArrayValue() {
			plain, err := plainValue(element)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			items = append(items, plain)
		}
		return items, nil
	case v.IsNumber():
		// The API machinery tells integers from floats; the protocol has floats alone.
		number := v.NumberValue()
		if number == math.Trunc(number) && math.Abs(number) < 1<<53 {
			return int64(number), nil
		}
		return number, nil
	case v.IsBool():
		return v.BoolValue(), nil
	case v.IsString():
		return v.StringValue(), nil
	default:
		return nil, fmt.Errorf("a %s cannot be part of a Kubernetes object", v.TypeString())
	}
}

func foldStringData(content map[string]any) {
	text, ok := content["stringData"].(map[string]any)
	if !ok {
		return
	}
	data, ok := content["data"].(map[string]any)
	if !ok {
		data = map[string]any{}
	}
	for key, value := range text {
		if s, ok := value.(string); ok {
			data[key] = base64.StdEncoding.EncodeToString([]byte(s))
		}
	}
	content["data"] = data
	delete(content, "stringData")
}

// ToProperties is the way back: an object as the protocol carries it.
func ToProperties(content map[string]any) resource.PropertyMap {
	props := make(resource.PropertyMap, len(content))
	for key, value := range content {
		props[resource.PropertyKey(key)] = toProperty(value)
	}
	return props
}

func toProperty(value any) resource.PropertyValue {
	switch v := value.(type) {
	case map[string]any:
		return resource.NewObjectProperty(ToProperties(v))
	case []any:
		items := make([]resource.PropertyValue, 0, len(v))
		for _, element := range v {
			items = append(items, toProperty(element))
		}
		return resource.NewArrayProperty(items)
	case int64:
		return resource.NewNumberProperty(float64(v))
	default:
		return resource.NewPropertyValue(value)
	}
}

// Plain takes secrets' wrappers off, so that values compare by content.
func Plain(v resource.PropertyValue) resource.PropertyValue {
	switch {
	case v.IsSecret():
		return Plain(v.SecretValue().Element)
	case v.IsOutput():
		return Plain(v.OutputValue().Element)
	case v.IsObject():
		return resource.NewObjectProperty(PlainMap(v.ObjectValue()))
	case v.IsArray():
		items := make([]resource.PropertyValue, 0, len(v.ArrayValue()))
		for _, element := range v.ArrayValue() {
			items = append(items, Plain(element))
		}
		return resource.NewArrayProperty(items)
	default:
		return v
	}
}

// PlainMap is Plain for a map, without internal keys and nulls.
func PlainMap(props resource.PropertyMap) resource.PropertyMap {
	out := make(resource.PropertyMap, len(props))
	for key, value := range props {
		if resource.IsInternalPropertyKey(key) || value.IsNull() {
			continue
		}
		out[key] = Plain(value)
	}
	return out
}

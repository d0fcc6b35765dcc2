package object

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Annotations and labels that the provider reads or writes; the names are the official provider's.
const (
	AutonamedAnnotation         = "pulumi.com/autonamed"
	PatchForceAnnotation        = "pulumi.com/patchForce"
	PatchFieldManagerAnnotation = "pulumi.com/patchFieldManager"
	SkipAwaitAnnotation         = "pulumi.com/skipAwait"
	TimeoutAnnotation           = "pulumi.com/timeoutSeconds"
	PropagationAnnotation       = "pulumi.com/deletionPropagationPolicy"
	ManagedByLabel              = "app.kubernetes.io/managed-by"
)

const (
	suffixLength      = 8
	longestAutonaming = 63
)

var refusedInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

// Metadata gives the metadata map of the properties, through secrets; nil where there is none.
func Metadata(props resource.PropertyMap) resource.PropertyMap {
	return child(props, "metadata")
}

func child(props resource.PropertyMap, key resource.PropertyKey) resource.PropertyMap {
	value, ok := props[key]
	if !ok {
		return nil
	}
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsObject() {
		return nil
	}
	return value.ObjectValue()
}

// Text gives the string under the key and whether there is a known one.
func Text(props resource.PropertyMap, key resource.PropertyKey) (string, bool) {
	value, ok := props[key]
	if !ok {
		return "", false
	}
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", false
	}
	return value.StringValue(), true
}

// Annotation gives a metadata annotation, "" where it is absent or not known.
func Annotation(props resource.PropertyMap, name string) string {
	text, _ := Text(child(Metadata(props), "annotations"), resource.PropertyKey(name))
	return text
}

// IsAutonamed tells whether the name was made by the provider.
func IsAutonamed(props resource.PropertyMap) bool {
	return Annotation(props, AutonamedAnnotation) == "true"
}

// HasName tells whether the inputs name the object, if only by a value not known yet.
func HasName(props resource.PropertyMap) bool {
	if whole := props["metadata"]; whole.ContainsUnknowns() && Metadata(props) == nil {
		return true
	}
	metadata := Metadata(props)
	for _, key := range []resource.PropertyKey{"name", "generateName"} {
		if value, ok := metadata[key]; ok && !value.IsNull() {
			return true
		}
	}
	return false
}

// Autoname gives a name to inputs without one: the old one if the provider made it, else one that
// follows from the resource's name and the engine's seed. It returns the inputs' copy.
func Autoname(
	inputs, olds resource.PropertyMap, name string, seed []byte,
	options *pulumirpc.CheckRequest_AutonamingOptions,
) (resource.PropertyMap, error) {
	if HasName(inputs) {
		return inputs, nil
	}
	if old, ok := Text(Metadata(olds), "name"); ok && IsAutonamed(olds) {
		return withAutoname(inputs, old), nil
	}
	if options != nil {
		switch options.Mode {
		case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
			return nil, fmt.Errorf("metadata.name is missing and autonaming is switched off: set metadata.name")
		case pulumirpc.CheckRequest_AutonamingOptions_ENFORCE:
			return withAutoname(inputs, options.ProposedName), nil
		case pulumirpc.CheckRequest_AutonamingOptions_PROPOSE:
			if options.ProposedName != "" {
				return withAutoname(inputs, options.ProposedName), nil
			}
		}
	}
	prefix := strings.Trim(refusedInNames.ReplaceAllString(strings.ToLower(name), "-"), "-.")
	if longest := longestAutonaming - suffixLength - 1; len(prefix) > longest {
		prefix = strings.TrimRight(prefix[:longest], "-.")
	}
	made, err := resource.NewUniqueName(seed, prefix+"-", suffixLength, longestAutonaming, nil)
	if err != nil {
		return nil, fmt.Errorf("no name could be made for %q: %w", name, err)
	}
	return withAutoname(inputs, made), nil
}

func withAutoname(inputs resource.PropertyMap, name string) resource.PropertyMap {
	metadata := copyOf(Metadata(inputs))
	annotations := copyOf(child(metadata, "annotations"))
	annotations[AutonamedAnnotation] = resource.NewStringProperty("true")
	metadata["name"] = resource.NewStringProperty(name)
	metadata["annotations"] = resource.NewObjectProperty(annotations)
	return withMetadata(inputs, metadata)
}

// WithNamespace gives the inputs with a namespace, if they have none.
func WithNamespace(inputs resource.PropertyMap, namespace string) resource.PropertyMap {
	if inputs["metadata"].ContainsUnknowns() && Metadata(inputs) == nil {
		return inputs
	}
	if value, ok := Metadata(inputs)["namespace"]; ok && !value.IsNull() {
		if text, known := Text(Metadata(inputs), "namespace"); !known || text != "" {
			return inputs
		}
	}
	metadata := copyOf(Metadata(inputs))
	metadata["namespace"] = resource.NewStringProperty(namespace)
	return withMetadata(inputs, metadata)
}

// KeepManagedByLabel carries over the label that a client-side apply set on the object once. Objects
// that were always applied on the server have none: their managed fields say who manages them.
func KeepManagedByLabel(inputs, olds resource.PropertyMap) resource.PropertyMap {
	if by, _ := Text(child(Metadata(olds), "labels"), ManagedByLabel); by != "pulumi" {
		return inputs
	}
	metadata := copyOf(Metadata(inputs))
	labels := copyOf(child(metadata, "labels"))
	if _, set := labels[ManagedByLabel]; set {
		return inputs
	}
	labels[ManagedByLabel] = resource.NewStringProperty("pulumi")
	metadata["labels"] = resource.NewObjectProperty(labels)
	return withMetadata(inputs, metadata)
}

func withMetadata(inputs, metadata resource.PropertyMap) resource.PropertyMap {
	out := copyOf(inputs)
	value := resource.NewObjectProperty(metadata)
	if inputs["metadata"].IsSecret() {
		value = resource.MakeSecret(value)
	}
	out["metadata"] = value
	return out
}

func copyOf(props resource.PropertyMap) resource.PropertyMap {
	out := make(resource.PropertyMap, len(props)+1)
	for key, value := range props {
		out[key] = value
	}
	return out
}

// rules of names by group and kind; the groups in subdomainGroups take DNS subdomains otherwise.
var (
	labelKinds = map[schema.GroupKind]func(string) []string{
		{Kind: "Namespace"}: validation.IsDNS1123Label,
		{Kind: "Service"}:   validation.IsDNS1035Label,
	}
	subdomainGroups = map[string]bool{
		"": true, "apps": true, "batch": true, "autoscaling": true, "policy": true,
		"networking.k8s.io": true, "storage.k8s.io": true, "apiextensions.k8s.io": true,
	}
	pathKinds = map[schema.GroupKind]bool{
		{Group: "networking.k8s.io", Kind: "IPAddress"}: true,
	}
)

// CheckName says what Kubernetes would refuse about the name; "" where it is allowed.
func CheckName(gk schema.GroupKind, name string) string {
	check := func(name string) []string { return path.IsValidPathSegmentName(name) }
	rule := "a path segment"
	if label, ok := labelKinds[gk]; ok {
		check, rule = label, "a DNS label"
	} else if subdomainGroups[gk.Group] && !pathKinds[gk] {
		check, rule = validation.IsDNS1123Subdomain, "a DNS subdomain"
	}
	if problems := check(name); len(problems) > 0 {
		return fmt.Sprintf("%s name %q is refused by Kubernetes, which wants %s: %s",
			gk.Kind, name, rule, strings.Join(problems, "; "))
	}
	return ""
}

package object

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// FormatID gives the resource's id: `namespace/name`, or `name` for what belongs to no namespace.
func FormatID(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// ParseID takes an id apart; the namespace is empty where the id has none.
func ParseID(id string) (namespace, name string, err error) {
	parts := strings.Split(id, "/")
	switch {
	case len(parts) == 1 && parts[0] != "":
		return "", parts[0], nil
	case len(parts) == 2 && parts[0] != "" && parts[1] != "":
		return parts[0], parts[1], nil
	default:
		return "", "", fmt.Errorf("id %q has not the form namespace/name, or name for cluster-wide kinds", id)
	}
}

// ParseToken reads the kind of object from a resource type such as `kubernetes:apps/v1:Deployment`.
func ParseToken(token string) (schema.GroupVersionKind, error) {
	parts := strings.Split(token, ":")
	if len(parts) != 3 || parts[0] != "kubernetes" {
		return schema.GroupVersionKind{},
			fmt.Errorf("type %q has not the form kubernetes:<group>/<version>:<Kind>", token)
	}
	group, version, ok := strings.Cut(parts[1], "/")
	if !ok {
		group, version = "", parts[1]
	}
	if group == "core" {
		group = ""
	}
	return schema.GroupVersionKind{Group: group, Version: version, Kind: parts[2]}, nil
}

// IsPatch tells whether the resource owns some fields of an object that others made: the SDK's types
// for those are the kind with Patch behind it.
func IsPatch(token, kind string) bool {
	return kind != "" && strings.HasSuffix(token, ":"+kind+"Patch")
}

// ManagerPrefix begins the name of every field manager of this provider, as of the official one.
const ManagerPrefix = "pulumi-kubernetes"

// FieldManager gives the name under which this resource applies. It follows from the URN, so an
// update that was interrupted before its state was written still owns its fields the next time, and
// two stacks that touch one object are seen as two.
func FieldManager(urn string, state resource.PropertyMap) string {
	if v, ok := state[FieldManagerKey]; ok && v.IsString() && v.StringValue() != "" {
		return v.StringValue()
	}
	sum := sha256.Sum256([]byte(urn))
	return ManagerPrefix + "-" + hex.EncodeToString(sum[:4])
}

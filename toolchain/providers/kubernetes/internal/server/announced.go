package server

import (
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// announced remembers what the program of this update declares, as far as it came by. It lets a
// resource be made in the same update as its namespace or its definition without an explicit order.
type announced struct {
	mu         sync.Mutex
	namespaces map[string]bool
	scopes     map[schema.GroupKind]bool
	existing   map[string]string
}

func newAnnounced() announced {
	return announced{
		namespaces: map[string]bool{}, scopes: map[schema.GroupKind]bool{}, existing: map[string]string{},
	}
}

// note remembers namespaces and definitions among the checked inputs.
func (a *announced) note(inputs resource.PropertyMap) {
	kind, _ := object.Text(inputs, "kind")
	a.mu.Lock()
	defer a.mu.Unlock()
	switch kind {
	case "Namespace":
		if name, ok := object.Text(object.Metadata(inputs), "name"); ok {
			a.namespaces[name] = true
		}
	case "CustomResourceDefinition":
		spec := object.PlainMap(inputs)["spec"]
		if !spec.IsObject() {
			return
		}
		fields := spec.ObjectValue()
		group, _ := object.Text(fields, "group")
		scope, _ := object.Text(fields, "scope")
		if names := fields["names"]; names.IsObject() {
			if defined, ok := object.Text(names.ObjectValue(), "kind"); ok {
				a.scopes[schema.GroupKind{Group: group, Kind: defined}] = scope == "Namespaced"
			}
		}
	}
}

// release remembers the namespace that a Helm release makes for itself.
func (a *announced) release(inputs resource.PropertyMap) {
	asked := object.Plain(inputs["createNamespace"])
	if name, ok := object.Text(inputs, "namespace"); ok && asked.IsBool() && asked.BoolValue() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.namespaces[name] = true
	}
}

func (a *announced) namespace(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.namespaces[name]
}

// scope tells whether a kind that the program defines lives in namespaces.
func (a *announced) scope(gk schema.GroupKind) (namespaced, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	namespaced, known = a.scopes[gk]
	return namespaced, known
}

// keep remembers that the state has the object, so that the preview of its replacement does not take
// it for somebody else's.
func (a *announced) keep(urn, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.existing[urn] = id
}

func (a *announced) has(urn, id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.existing[urn] == id
}

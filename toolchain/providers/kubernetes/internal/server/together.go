package server

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
)

// together bounds how long a resource waits for a namespace or definition that the same program makes
// beside it without saying so in depends_on.
const together = 60 * time.Second

var (
	namespaces  = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	definitions = schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	}
)

// awaitNamespace waits for a namespace that another resource of the program is just making.
func (s *Server) awaitNamespace(ctx context.Context, urn string, a *apply, namespace string) error {
	s.Host.Status(ctx, urn, fmt.Sprintf("waiting for namespace %s", namespace))
	return s.until(ctx, a, namespaces, func(u *unstructured.Unstructured) bool {
		return u.GetName() == namespace && await.Judge(await.State{Object: u}).Ready
	})
}

// awaitDefinition waits for the definition of the object's kind, and until the kind is served.
func (s *Server) awaitDefinition(ctx context.Context, urn string, a *apply) error {
	gvk := a.wanted.GroupVersionKind()
	s.Host.Status(ctx, urn, fmt.Sprintf("waiting for the definition of %s", gvk.Kind))
	var found *unstructured.Unstructured
	err := s.until(ctx, a, definitions, func(u *unstructured.Unstructured) bool {
		group, _, _ := unstructured.NestedString(u.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(u.Object, "spec", "names", "kind")
		found = u
		return group == gvk.Group && kind == gvk.Kind
	})
	if err != nil {
		return err
	}
	_, err = await.Ready(ctx, await.Request{
		Client: a.client, Object: found, Timeout: together, Report: func(string) {},
	})
	return err
}

// until watches a set of objects until one is as wanted.
func (s *Server) until(
	ctx context.Context, a *apply, set schema.GroupVersionResource,
	wanted func(*unstructured.Unstructured) bool,
) error {
	ctx, cancel := context.WithTimeout(ctx, together)
	defer cancel()
	resource := a.client.Dynamic.Resource(set)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return resource.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return resource.Watch(ctx, o)
		},
	}
	_, err := watchtools.UntilWithSync(ctx, source, &unstructured.Unstructured{}, nil,
		func(event watch.Event) (bool, error) {
			u, ok := event.Object.(*unstructured.Unstructured)
			return ok && event.Type != watch.Deleted && wanted(u), nil
		})
	return err
}

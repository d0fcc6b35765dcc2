package await

import (
	"context"
	"sort"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
)

// relation is something to watch beside the object.
type relation struct {
	name      string
	resource  schema.GroupVersionResource
	namespace string
	labels    string
	fields    string
}

var (
	podResource   = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	eventResource = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	setResource   = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "replicasets"}
	sliceResource = schema.GroupVersionResource{
		Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices",
	}
)

// relations gives what to watch to know how an object fares.
func relations(u *unstructured.Unstructured) []relation {
	gvk := u.GroupVersionKind()
	namespace := u.GetNamespace()
	events := relation{
		name: "events", resource: eventResource, namespace: namespace,
		fields: "type=Warning,involvedObject.uid=" + string(u.GetUID()),
	}
	switch gvk.Group + "/" + gvk.Kind {
	case "apps/Deployment":
		selector := selectorOf(u)
		return []relation{
			events,
			{name: "pods", resource: podResource, namespace: namespace, labels: selector},
			{name: "replicasets", resource: setResource, namespace: namespace, labels: selector},
		}
	case "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "batch/Job":
		return []relation{
			events, {name: "pods", resource: podResource, namespace: namespace, labels: selectorOf(u)},
		}
	case "/ReplicationController":
		return []relation{
			events, {name: "pods", resource: podResource, namespace: namespace, labels: plainSelectorOf(u)},
		}
	case "/PersistentVolumeClaim":
		return []relation{events}
	case "/Service":
		spec, _, _ := unstructured.NestedMap(u.Object, "spec")
		if !needsEndpoints(spec) {
			return nil
		}
		return []relation{
			{name: "pods", resource: podResource, namespace: namespace, labels: plainSelectorOf(u)},
			{
				name: "slices", resource: sliceResource, namespace: namespace,
				labels: "kubernetes.io/service-name=" + u.GetName(),
			},
		}
	}
	return nil
}

func selectorOf(u *unstructured.Unstructured) string {
	raw, _, _ := unstructured.NestedMap(u.Object, "spec", "selector")
	var selector metav1.LabelSelector
	selector.MatchLabels, _, _ = unstructured.NestedStringMap(raw, "matchLabels")
	expressions, _, _ := unstructured.NestedSlice(raw, "matchExpressions")
	for _, entry := range expressions {
		fields, _ := entry.(map[string]any)
		key, _ := fields["key"].(string)
		operator, _ := fields["operator"].(string)
		values, _, _ := unstructured.NestedStringSlice(fields, "values")
		selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: key, Operator: metav1.LabelSelectorOperator(operator), Values: values,
		})
	}
	return metav1.FormatLabelSelector(&selector)
}

func plainSelectorOf(u *unstructured.Unstructured) string {
	selector, _, _ := unstructured.NestedStringMap(u.Object, "spec", "selector")
	return labels.SelectorFromSet(selector).String()
}

// follower keeps copies of some sets of objects up to date and tells when one changes.
type follower struct {
	changed chan struct{}
	stop    context.CancelFunc
	mu      sync.Mutex
	sets    map[string]cache.SharedIndexInformer
	denied  map[string]error
	done    sync.WaitGroup
}

func follow(ctx context.Context, client dynamic.Interface, wanted []relation) *follower {
	ctx, stop := context.WithCancel(ctx)
	f := &follower{
		changed: make(chan struct{}, 1), stop: stop,
		sets: map[string]cache.SharedIndexInformer{}, denied: map[string]error{},
	}
	for _, r := range wanted {
		f.start(ctx, client, r)
	}
	return f
}

func (f *follower) start(ctx context.Context, client dynamic.Interface, r relation) {
	informer := dynamicinformer.NewFilteredDynamicInformer(
		client, r.resource, r.namespace, 0, cache.Indexers{},
		func(options *metav1.ListOptions) {
			options.LabelSelector = r.labels
			options.FieldSelector = r.fields
		}).Informer()
	// Both setters fail only on an informer that already runs.
	_ = informer.SetWatchErrorHandlerWithContext(
		func(_ context.Context, _ *cache.Reflector, err error) { f.deny(r.name, err) })
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { f.signal() },
		UpdateFunc: func(any, any) { f.signal() },
		DeleteFunc: func(any) { f.signal() },
	})
	f.sets[r.name] = informer
	f.done.Add(2)
	go func() {
		defer f.done.Done()
		informer.RunWithContext(ctx)
	}()
	go func() {
		defer f.done.Done()
		// An empty list makes no event; the first sight of it has to be told all the same.
		cache.WaitForCacheSync(ctx.Done(), informer.HasSynced)
		f.signal()
	}()
}

func (f *follower) signal() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

func (f *follower) deny(name string, err error) {
	f.mu.Lock()
	f.denied[name] = err
	f.mu.Unlock()
	f.signal()
}

// seen tells whether the set was listed once, or never can be, in which case the error says why. A
// connection that failed is tried again by the informer.
func (f *follower) seen(name string) (bool, error) {
	if f.sets[name].HasSynced() {
		return true, nil
	}
	err := f.trouble(name)
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) || apierrors.IsNotFound(err) ||
		apierrors.IsMethodNotSupported(err) {
		return true, err
	}
	return false, nil
}

// trouble gives the last error of watching a set, nil if there was none.
func (f *follower) trouble(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.denied[name]
}

func (f *follower) list(name string) []*unstructured.Unstructured {
	informer, ok := f.sets[name]
	if !ok {
		return nil
	}
	var out []*unstructured.Unstructured
	for _, item := range informer.GetStore().List() {
		if u, ok := item.(*unstructured.Unstructured); ok {
			out = append(out, u)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].GetName() < out[j].GetName() })
	return out
}

func (f *follower) close() {
	f.stop()
	f.done.Wait()
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

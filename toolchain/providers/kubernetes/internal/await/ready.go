// Package await watches objects until they are ready or gone, and says why when they are not.
package await

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
)

// DefaultTimeout is how long an object may take where neither the program nor an annotation says.
const DefaultTimeout = 10 * time.Minute

// ErrCancelled is the cause of a wait that the engine or a signal ended.
var ErrCancelled = errors.New("cancelled")

// Request is one object to wait for. Report gets each change of what is waited for.
type Request struct {
	Client  *cluster.Client
	Object  *unstructured.Unstructured
	Timeout time.Duration
	Report  func(text string)
}

// Failure says that an object did not become ready, and everything the cluster tells about it.
type Failure struct {
	Summary string
	Details []string
}

func (f *Failure) Error() string {
	text := f.Summary
	for _, line := range f.Details {
		text += "\n  " + line
	}
	return text
}

// Ready waits until the object is ready and gives its newest version; a Failure says why it is not.
// The newest version comes with a Failure as well.
func Ready(ctx context.Context, r Request) (*unstructured.Unstructured, error) {
	mapping, err := r.Client.Mapping(r.Object.GroupVersionKind())
	if err != nil {
		return r.Object, err
	}
	if len(relations(r.Object)) == 0 && Judge(State{Object: r.Object}).Ready {
		return r.Object, served(ctx, r)
	}
	w := &watch{Request: r, live: r.Object, bindsLate: bindsLate(ctx, r)}
	if w.bindsLate {
		return r.Object, nil
	}
	own := relation{
		name: "object", resource: mapping.Resource, namespace: r.Object.GetNamespace(),
		fields: "metadata.name=" + r.Object.GetName(),
	}
	w.follower = follow(ctx, r.Client.Dynamic, append([]relation{own}, relations(r.Object)...))
	defer w.follower.close()
	if err := w.run(ctx); err != nil {
		return w.live, err
	}
	return w.live, served(ctx, r)
}

// served waits until a new definition's kind is known to the API server's discovery as well, which
// follows a moment after its condition. Discovery has no watch.
func served(ctx context.Context, r Request) error {
	if r.Object.GetKind() != "CustomResourceDefinition" {
		return nil
	}
	group, _, _ := unstructured.NestedString(r.Object.Object, "spec", "group")
	kind, _, _ := unstructured.NestedString(r.Object.Object, "spec", "names", "kind")
	versions, _, _ := unstructured.NestedSlice(r.Object.Object, "spec", "versions")
	for _, entry := range versions {
		version, _ := entry.(map[string]any)
		if version["served"] != true {
			continue
		}
		name, _ := version["name"].(string)
		gvk := schema.GroupVersionKind{Group: group, Version: name, Kind: kind}
		err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, r.Timeout, true,
			func(context.Context) (bool, error) {
				r.Client.Forget()
				_, err := r.Client.Mapping(gvk)
				return err == nil, nil
			})
		if err != nil {
			return &Failure{Summary: fmt.Sprintf("%s is established, but the API server does not serve %s",
				title(r.Object), gvk)}
		}
	}
	return nil
}

type watch struct {
	Request
	follower  *follower
	live      *unstructured.Unstructured
	bindsLate bool
	found     bool
	verdict   Verdict
}

func (w *watch) run(ctx context.Context) error {
	deadline := time.NewTimer(w.Timeout)
	defer deadline.Stop()
	start := time.Now()
	for {
		if done, err := w.look(ctx); done || err != nil {
			return err
		}
		select {
		case <-w.follower.changed:
		case <-deadline.C:
			return w.fail(ctx, fmt.Sprintf("%s is not ready after %s: %s",
				title(w.live), w.Timeout, w.verdict.Message))
		case <-ctx.Done():
			return &Failure{Summary: fmt.Sprintf("%s: the wait was cancelled after %s; last seen: %s",
				title(w.live), time.Since(start).Round(time.Second), w.verdict.Message)}
		}
	}
}

// look judges what the copies hold now; it holds its judgement until every set was listed once.
func (w *watch) look(ctx context.Context) (bool, error) {
	listed, err := w.follower.seen("object")
	if err != nil {
		return false, fmt.Errorf("%s cannot be watched: %w", title(w.live), w.Client.Explain(err))
	}
	if !listed {
		return false, nil
	}
	for name := range w.follower.sets {
		// What cannot be listed (no permission) is done without: the object itself decides.
		if listed, _ := w.follower.seen(name); !listed {
			return false, nil
		}
	}
	current := w.match()
	if current == nil {
		return w.missing(ctx)
	}
	w.found, w.live = true, current
	verdict := Judge(w.state())
	if verdict.Message != w.verdict.Message && !verdict.Ready {
		w.Report(verdict.Message)
	}
	if verdict.Ready && w.verdict.Message != "" {
		// Else the last line of the wait would stay beside the finished resource.
		w.Report("ready")
	}
	w.verdict = verdict
	if verdict.Failed {
		return false, w.fail(ctx, fmt.Sprintf("%s failed: %s", title(w.live), verdict.Message))
	}
	return verdict.Ready, nil
}

// missing tells an object that was deleted from one that an older list does not hold yet.
func (w *watch) missing(ctx context.Context) (bool, error) {
	gone := w.found
	if !gone {
		resource, _, err := w.Client.For(w.Object)
		if err != nil {
			return false, err
		}
		if gone, err = isGone(ctx, resource, w.Object); err != nil {
			return false, w.Client.Explain(err)
		}
	}
	if gone {
		return false, &Failure{Summary: title(w.live) + " was deleted while it was waited for"}
	}
	return false, nil
}

// match finds the applied object in the copies; a list may still hold the one before it.
func (w *watch) match() *unstructured.Unstructured {
	for _, u := range w.follower.list("object") {
		if u.GetUID() == w.Object.GetUID() && u.GetGeneration() >= w.Object.GetGeneration() {
			// Informers do not fill the kind of what they list.
			u = u.DeepCopy()
			u.SetGroupVersionKind(w.Object.GroupVersionKind())
			return u
		}
	}
	return nil
}

func (w *watch) state() State {
	return State{
		Object:      w.live,
		Pods:        toPods(w.follower.list("pods")),
		ReplicaSets: w.follower.list("replicasets"),
		Slices:      w.follower.list("slices"),
		Events:      w.follower.list("events"),
		BindsLate:   w.bindsLate,
	}
}

func (w *watch) fail(ctx context.Context, summary string) error {
	return &Failure{Summary: summary, Details: explain(ctx, w.Client, w.state())}
}

var classResource = schema.GroupVersionResource{
	Group: "storage.k8s.io", Version: "v1", Resource: "storageclasses",
}

// bindsLate tells whether the claim's class waits for a pod. If the class cannot be read, the claim is
// watched like any other.
func bindsLate(ctx context.Context, r Request) bool {
	if r.Object.GetKind() != "PersistentVolumeClaim" {
		return false
	}
	name, _, _ := unstructured.NestedString(r.Object.Object, "spec", "storageClassName")
	if name == "" {
		return false
	}
	class, err := r.Client.Dynamic.Resource(classResource).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return false
	}
	mode, _, _ := unstructured.NestedString(class.Object, "volumeBindingMode")
	return mode == "WaitForFirstConsumer"
}

func title(u *unstructured.Unstructured) string {
	if u.GetNamespace() == "" {
		return u.GetKind() + " " + u.GetName()
	}
	return u.GetKind() + " " + u.GetNamespace() + "/" + u.GetName()
}

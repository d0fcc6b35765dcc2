package await

import (
	"context"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Gone waits until the object, this very one by its uid, is no more.
func Gone(ctx context.Context, r Request) error {
	resource, mapping, err := r.Client.For(r.Object)
	if err != nil {
		return err
	}
	own := relation{
		name: "object", resource: mapping.Resource, namespace: r.Object.GetNamespace(),
		fields: "metadata.name=" + r.Object.GetName(),
	}
	f := follow(ctx, r.Client.Dynamic, []relation{own})
	defer f.close()
	deadline := time.NewTimer(r.Timeout)
	defer deadline.Stop()
	last := ""
	for {
		listed, err := f.seen("object")
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("%s cannot be watched: %w", title(r.Object), r.Client.Explain(err))
		}
		if listed {
			live := withUID(f.list("object"), r.Object)
			if live == nil || f.trouble("object") != nil {
				// A list from the server's cache may be older than the deletion, and a kind whose
				// definition went away cannot be listed at all; ask for certain.
				gone, err := isGone(ctx, resource, r.Object)
				if gone || err != nil {
					return r.Client.Explain(err)
				}
			}
			if live == nil {
				live = r.Object
			}
			if text := remains(live); text != last {
				last = text
				r.Report("waiting for deletion: " + text)
			}
		}
		select {
		case <-f.changed:
		case <-deadline.C:
			return &Failure{Summary: fmt.Sprintf("%s is still there after %s: %s",
				title(r.Object), r.Timeout, orElse(last, "its deletion was accepted"))}
		case <-ctx.Done():
			return &Failure{Summary: fmt.Sprintf("%s: waiting for its deletion was cancelled; last seen: %s",
				title(r.Object), orElse(last, "its deletion was accepted"))}
		}
	}
}

func withUID(objects []*unstructured.Unstructured, want *unstructured.Unstructured) *unstructured.Unstructured {
	for _, u := range objects {
		if want.GetUID() == "" || u.GetUID() == want.GetUID() {
			return u
		}
	}
	return nil
}

type getter interface {
	Get(context.Context, string, metav1.GetOptions, ...string) (*unstructured.Unstructured, error)
}

func isGone(ctx context.Context, resource getter, u *unstructured.Unstructured) (bool, error) {
	live, err := resource.Get(ctx, u.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return u.GetUID() != "" && live.GetUID() != u.GetUID(), nil
}

// remains says what keeps a deleted object: its finalizers, or for a namespace what is left in it.
func remains(u *unstructured.Unstructured) string {
	var parts []string
	conditions := []string{
		"NamespaceContentRemaining", "NamespaceFinalizersRemaining",
		"NamespaceDeletionContentFailure", "NamespaceDeletionDiscoveryFailure",
	}
	for _, kind := range conditions {
		if message, ok := condition(u, kind, "True"); ok {
			parts = append(parts, message)
		}
	}
	if finalizers := u.GetFinalizers(); len(finalizers) > 0 {
		parts = append(parts, "finalizers "+strings.Join(finalizers, ", "))
	}
	if len(parts) == 0 {
		return "its deletion was accepted"
	}
	return strings.Join(parts, "; ")
}

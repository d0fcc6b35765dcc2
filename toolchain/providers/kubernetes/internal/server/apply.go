package server

import (
	"context"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// apply is one object to bring to the server: what is wanted, what is there, and under which name.
type apply struct {
	client   *cluster.Client
	resource dynamic.ResourceInterface
	wanted   *unstructured.Unstructured
	live     *unstructured.Unstructured
	manager  string
	force    bool
	isPatch  bool
	timeout  time.Duration
}

// newApply finds the kind and the live object. The inputs have to be known.
func (s *Server) newApply(
	ctx context.Context, urn, token string, state, inputs resource.PropertyMap, ignored []string,
) (*apply, error) {
	client, err := s.connected()
	if err != nil {
		return nil, err
	}
	wanted, err := object.FromProperties(inputs)
	if err != nil {
		return nil, err
	}
	object.DropServerFields(wanted)
	a := &apply{
		client:  client,
		wanted:  wanted,
		manager: object.FieldManager(urn, state),
		force:   s.settings.PatchForce,
		isPatch: object.IsPatch(token, wanted.GetKind()),
		timeout: s.settings.Client.RequestTimeout(),
	}
	switch object.Annotation(inputs, object.PatchForceAnnotation) {
	case "true":
		a.force = true
	case "false":
		a.force = false
	}
	if name := object.Annotation(inputs, object.PatchFieldManagerAnnotation); name != "" && a.isPatch {
		a.manager = name
	}
	if a.resource, _, err = client.For(wanted); err != nil {
		return a, err
	}
	if err := a.look(ctx); err != nil {
		return a, err
	}
	a.wanted = object.LeaveIgnored(wanted, a.live, ignored, a.manager)
	return a, nil
}

// look reads the live object; none is there after it where there is none.
func (a *apply) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	live, err := a.resource.Get(ctx, a.wanted.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		a.live = nil
		return nil
	}
	if err != nil {
		return a.client.Explain(err)
	}
	a.live = live
	return nil
}

// ours tells whether this resource applied the live object before: an update that was interrupted
// before its state was written.
func (a *apply) ours() bool {
	for _, entry := range a.live.GetManagedFields() {
		if entry.Manager == a.manager && entry.Operation == metav1.ManagedFieldsOperationApply {
			return true
		}
	}
	return false
}

func (a *apply) dryRun(ctx context.Context) (*unstructured.Unstructured, error) {
	return a.send(ctx, []string{metav1.DryRunAll})
}

func (a *apply) send(ctx context.Context, dryRun []string) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	result, err := a.resource.Apply(ctx, a.wanted.GetName(), a.wanted, metav1.ApplyOptions{
		FieldManager: a.manager, Force: a.force, DryRun: dryRun,
	})
	return result, a.client.Explain(err)
}

// passing bounds how long an error that may pass by itself is borne: a webhook or an aggregated API
// whose pods are just starting.
var passing = wait.Backoff{Duration: 500 * time.Millisecond, Factor: 2, Steps: 6, Cap: 10 * time.Second}

// commit applies for real.
func (a *apply) commit(ctx context.Context) (*unstructured.Unstructured, error) {
	var result *unstructured.Unstructured
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, passing, func(ctx context.Context) (bool, error) {
		result, last = a.send(ctx, nil)
		if last != nil && mayPass(last) {
			return false, nil
		}
		return true, last
	})
	if wait.Interrupted(err) && last != nil {
		return nil, last
	}
	return result, err
}

func mayPass(err error) bool {
	return apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err)
}

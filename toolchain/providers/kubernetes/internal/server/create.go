package server

import (
	"context"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Create applies a new object and waits until it is ready; in a preview it makes a dry run.
func (s *Server) Create(
	ctx context.Context, req *pulumirpc.CreateRequest,
) (*pulumirpc.CreateResponse, error) {
	ctx, done := s.operation(ctx, req.Urn)
	defer done()
	inputs, err := s.unmarshal("the inputs", req.Properties)
	if err != nil {
		return nil, err
	}
	if s.recording && !req.Preview {
		return s.createRecorded(req, inputs)
	}
	if req.Type == helm.Token {
		return s.createRelease(ctx, req, inputs)
	}
	if req.Preview {
		outputs, err := s.previewCreate(ctx, req, inputs)
		if err != nil {
			return nil, err
		}
		properties, err := s.marshal("the outputs", outputs)
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	a, err := s.readyToCreate(ctx, req, inputs)
	if err != nil {
		return nil, err
	}
	live, err := s.finish(ctx, a, req.Urn, inputs, req.Timeout)
	if live == nil {
		return nil, err
	}
	outputs := object.Outputs(live, inputs, nil, a.manager)
	id := object.FormatID(live.GetNamespace(), live.GetName())
	if err != nil {
		return nil, s.initFailed(id, outputs, inputs, err)
	}
	properties, err := s.marshal("the outputs", outputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

// readyToCreate finds the kind, waiting for its definition if the program makes it, and makes sure
// that nobody else's object is in the place.
func (s *Server) readyToCreate(
	ctx context.Context, req *pulumirpc.CreateRequest, inputs resource.PropertyMap,
) (*apply, error) {
	a, err := s.newApply(ctx, req.Urn, req.Type, nil, inputs, nil)
	if err != nil && a != nil && meta.IsNoMatchError(err) {
		if _, announced := s.program.scope(a.wanted.GroupVersionKind().GroupKind()); announced {
			if err = s.awaitDefinition(ctx, req.Urn, a); err == nil {
				a, err = s.newApply(ctx, req.Urn, req.Type, nil, inputs, nil)
			}
		}
	}
	if err != nil {
		if a == nil {
			return nil, err
		}
		return nil, s.refuse(a.wanted, err)
	}
	if a.isPatch {
		if a.live == nil {
			return nil, status.Errorf(codes.NotFound,
				"%s does not exist, so there is nothing to patch. Create it first, or use the resource without Patch",
				name(a.wanted))
		}
		return a, nil
	}
	if a.live != nil && a.live.GetDeletionTimestamp() != nil {
		if err := await.Gone(ctx, s.waitFor(req.Urn, a, a.live, inputs, req.Timeout)); err != nil {
			return nil, s.refuse(a.wanted, err)
		}
		a.live = nil
	}
	if a.live != nil && !a.ours() && !s.settings.UpsertExisting {
		return nil, alreadyExists(a.live)
	}
	return a, nil
}

// finish applies and waits. It gives the object as soon as there is one, and the error beside it if it
// is not ready.
func (s *Server) finish(
	ctx context.Context, a *apply, urn string, inputs resource.PropertyMap, timeout float64,
) (*unstructured.Unstructured, error) {
	applied, err := a.commit(ctx)
	if namespace := missingNamespace(err); namespace != "" && s.program.namespace(namespace) {
		if err = s.awaitNamespace(ctx, urn, a, namespace); err == nil {
			applied, err = a.commit(ctx)
		}
	}
	if err != nil {
		return nil, s.refuse(a.wanted, err)
	}
	if definesKinds(applied.GetKind()) {
		a.client.Forget()
	}
	if a.isPatch || object.Annotation(inputs, object.SkipAwaitAnnotation) == "true" {
		return applied, nil
	}
	live, err := await.Ready(ctx, s.waitFor(urn, a, applied, inputs, timeout))
	return live, err
}

func definesKinds(kind string) bool {
	return kind == "CustomResourceDefinition" || kind == "APIService"
}

func (s *Server) waitFor(
	urn string, a *apply, u *unstructured.Unstructured, inputs resource.PropertyMap, timeout float64,
) await.Request {
	return await.Request{
		Client: a.client, Object: u, Timeout: waitTimeout(inputs, timeout),
		Report: func(text string) { s.Host.Status(context.Background(), urn, text) },
	}
}

// waitTimeout: the resource option comes before the annotation, and that before the default.
func waitTimeout(inputs resource.PropertyMap, option float64) time.Duration {
	if option > 0 {
		return time.Duration(option * float64(time.Second))
	}
	text := object.Annotation(inputs, object.TimeoutAnnotation)
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	return await.DefaultTimeout
}

func (s *Server) previewCreate(
	ctx context.Context, req *pulumirpc.CreateRequest, inputs resource.PropertyMap,
) (resource.PropertyMap, error) {
	offline := object.PreviewCreate(inputs, inputs)
	if inputs.ContainsUnknowns() || !s.configured() {
		return offline, nil
	}
	a, err := s.newApply(ctx, req.Urn, req.Type, nil, inputs, nil)
	if err != nil {
		return offline, s.previewRefuses(ctx, req.Urn, a, err)
	}
	id := object.FormatID(a.wanted.GetNamespace(), a.wanted.GetName())
	if a.live != nil && !a.isPatch {
		// The object goes before this one comes: there is nothing to try it on.
		if s.program.has(req.Urn, id) || a.live.GetDeletionTimestamp() != nil {
			return offline, nil
		}
		if !a.ours() && !s.settings.UpsertExisting {
			return nil, alreadyExists(a.live)
		}
	}
	result, err := a.dryRun(ctx)
	if err != nil {
		return offline, s.previewRefuses(ctx, req.Urn, a, err)
	}
	return object.PreviewCreate(object.ToProperties(result.Object), inputs), nil
}

// previewRefuses gives the error for a preview, or nil where it goes on without an answer.
func (s *Server) previewRefuses(ctx context.Context, urn string, a *apply, err error) error {
	if a == nil {
		return err
	}
	if cluster.IsUnasked(err) {
		s.warnUnasked(ctx, err)
		return nil
	}
	goesOn, warning := s.previewGoesOn(a.wanted, err)
	if !goesOn {
		return s.refuse(a.wanted, err)
	}
	if warning != "" {
		s.Host.Warn(ctx, urn, warning)
	}
	return nil
}

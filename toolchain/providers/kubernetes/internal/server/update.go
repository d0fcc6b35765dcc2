package server

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Update applies the new inputs to the object and waits until it is ready again.
func (s *Server) Update(
	ctx context.Context, req *pulumirpc.UpdateRequest,
) (*pulumirpc.UpdateResponse, error) {
	ctx, done := s.operation(ctx, req.Urn)
	defer done()
	state, _, inputs, err := s.versions(req.Olds, req.OldInputs, req.News)
	if err != nil {
		return nil, err
	}
	if !req.Preview {
		if err := s.sameWorld(state); err != nil {
			return nil, err
		}
		if s.recording {
			return s.updateRecorded(req, state, inputs)
		}
	}
	if req.Type == helm.Token {
		return s.updateRelease(ctx, req, state, inputs)
	}
	if req.Preview {
		outputs, err := s.previewUpdate(ctx, req, state, inputs)
		if err != nil {
			return nil, err
		}
		properties, err := s.marshal("the outputs", outputs)
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	a, err := s.newApply(ctx, req.Urn, req.Type, state, inputs, req.IgnoreChanges)
	if err != nil {
		if a == nil {
			return nil, err
		}
		if s.skipsUnreachable(ctx, req.Urn, err) {
			return &pulumirpc.UpdateResponse{Properties: req.Olds}, nil
		}
		return nil, s.refuse(a.wanted, err)
	}
	if a.live == nil && !a.isPatch {
		s.Host.Warn(ctx, req.Urn, name(a.wanted)+" was not in the cluster any more; it is made anew")
	}
	live, err := s.finish(ctx, a, req.Urn, inputs, req.Timeout)
	if live == nil {
		return nil, err
	}
	outputs := object.Outputs(live, inputs, state, a.manager)
	if err != nil {
		return nil, s.initFailed(req.Id, outputs, inputs, err)
	}
	properties, err := s.marshal("the outputs", outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

func (s *Server) previewUpdate(
	ctx context.Context, req *pulumirpc.UpdateRequest, state, inputs resource.PropertyMap,
) (resource.PropertyMap, error) {
	manager := object.FieldManager(req.Urn, state)
	offline := object.PreviewUpdateOffline(inputs, state, manager)
	if inputs.ContainsUnknowns() || !s.configured() {
		return offline, nil
	}
	a, err := s.newApply(ctx, req.Urn, req.Type, state, inputs, req.IgnoreChanges)
	if err != nil {
		return offline, s.previewRefuses(ctx, req.Urn, a, err)
	}
	if a.live == nil {
		return offline, nil
	}
	result, err := a.dryRun(ctx)
	if err != nil {
		return offline, s.previewRefuses(ctx, req.Urn, a, err)
	}
	return object.PreviewUpdate(result, inputs, state, manager), nil
}

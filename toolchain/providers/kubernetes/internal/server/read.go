package server

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Read gives the live object: for a refresh with the inputs as the cluster has them now, for an import
// with inputs made of the object. An empty answer means that there is no such object.
func (s *Server) Read(
	ctx context.Context, req *pulumirpc.ReadRequest,
) (*pulumirpc.ReadResponse, error) {
	ctx, done := s.operation(ctx, req.Urn)
	defer done()
	state, inputs, _, err := s.versions(req.Properties, req.Inputs, nil)
	if err != nil {
		return nil, err
	}
	if err := s.sameWorld(state); err != nil {
		return nil, err
	}
	if s.recording {
		return readRecorded(req)
	}
	u, err := whatIsMeant(req.Id, req.Type, state, inputs)
	if err != nil {
		return nil, err
	}
	client, err := s.connected()
	if err != nil {
		return nil, err
	}
	a := &apply{client: client, wanted: u, timeout: s.settings.Client.RequestTimeout()}
	if a.resource, _, err = client.For(u); err == nil {
		err = a.look(ctx)
	}
	switch {
	case meta.IsNoMatchError(err) && len(state) > 0:
		// Its definition is gone, and every object of the kind with it.
		return &pulumirpc.ReadResponse{}, nil
	case cluster.IsUnreachable(err) && s.settings.DeleteUnreachable && len(state) > 0:
		s.Host.Warn(ctx, req.Urn, name(u)+" is dropped from the state only: "+err.Error())
		return &pulumirpc.ReadResponse{}, nil
	case err != nil:
		return nil, s.refuse(u, err)
	case a.live == nil:
		return &pulumirpc.ReadResponse{}, nil
	case req.Type == helm.Token:
		return s.readRelease(req.Id, a.live, state, inputs)
	}
	if len(inputs) == 0 {
		return s.imported(a.live)
	}
	return s.refreshed(ctx, req, a.live, state, inputs)
}

func (s *Server) imported(live *unstructured.Unstructured) (*pulumirpc.ReadResponse, error) {
	inputs := object.ImportedInputs(live)
	s.redactor.Learn(inputs)
	// No field manager: nothing was applied under one yet, which Diff has to know.
	return s.readResponse(live, object.Outputs(live, inputs, nil, ""), inputs)
}

func (s *Server) refreshed(
	ctx context.Context, req *pulumirpc.ReadRequest, live *unstructured.Unstructured,
	state, inputs resource.PropertyMap,
) (*pulumirpc.ReadResponse, error) {
	a, err := s.newApply(ctx, req.Urn, req.Type, state, inputs, nil)
	if err != nil {
		return nil, s.refuse(live, err)
	}
	a.force = true
	applied, err := a.dryRun(ctx)
	if err != nil {
		// What the cluster refuses to make of the inputs is drift as well; compare with them as they are.
		applied = a.wanted
	}
	manager, _ := object.Text(state, object.FieldManagerKey)
	drifted := object.Drifted(inputs, applied, live)
	outputs := object.Outputs(live, drifted, state, manager)
	waits := object.Annotation(inputs, object.SkipAwaitAnnotation) != "true" && !a.isPatch
	if verdict := await.JudgeAlone(live); waits && verdict.Message != "" {
		id := object.FormatID(live.GetNamespace(), live.GetName())
		return nil, s.initFailed(id, outputs, drifted, &await.Failure{
			Summary: name(live) + " is not ready: " + verdict.Message,
		})
	}
	return s.readResponse(live, outputs, drifted)
}

func (s *Server) readResponse(
	live *unstructured.Unstructured, outputs, inputs resource.PropertyMap,
) (*pulumirpc.ReadResponse, error) {
	properties, err := s.marshal("the outputs", outputs)
	if err != nil {
		return nil, err
	}
	kept, err := s.marshal("the inputs", inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{
		Id: object.FormatID(live.GetNamespace(), live.GetName()), Properties: properties, Inputs: kept,
	}, nil
}

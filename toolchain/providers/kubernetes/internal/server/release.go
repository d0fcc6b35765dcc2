package server

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

const (
	configMapToken = "kubernetes:core/v1:ConfigMap"
	namespaceToken = "kubernetes:core/v1:Namespace"
)

// cannotInstall names the chart and the two ways on.
func cannotInstall(inputs resource.PropertyMap) string {
	return "chart " + helm.Source(inputs) + " cannot be installed by this provider, which applies single " +
		"objects. Install the official plugin, which has Helm built in (pulumi plugin install resource " +
		"kubernetes " + Version + "), or set " + helm.Variable + "=record to rehearse without it"
}

// checkRelease completes the name and the namespace, and refuses inputs that Helm would refuse, as well
// as what would install another version one day.
func (s *Server) checkRelease(
	req *pulumirpc.CheckRequest, olds, news resource.PropertyMap,
) (*pulumirpc.CheckResponse, error) {
	namespace, _ := s.defaultNamespace()
	named, err := helm.Named(news, olds, req.Name, namespace, req.RandomSeed)
	if err != nil {
		return s.checked(news, []*pulumirpc.CheckFailure{failure("name", err.Error())})
	}
	var failures []*pulumirpc.CheckFailure
	for _, problem := range helm.Problems(named) {
		failures = append(failures, failure(problem.Property, problem.Reason))
	}
	s.program.release(named)
	return s.checked(named, failures)
}

func diffRelease(olds, news resource.PropertyMap, ignored []string) *pulumirpc.DiffResponse {
	changes := object.Changes(olds, news, ignored)
	if len(changes) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	}
	return diffResponse(changes, object.Replacing(changes, helm.Replacing(), nil), false)
}

func (s *Server) createRelease(
	ctx context.Context, req *pulumirpc.CreateRequest, inputs resource.PropertyMap,
) (*pulumirpc.CreateResponse, error) {
	if req.Preview {
		properties, err := s.previewRelease(ctx, req.Urn, inputs)
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	id, outputs, err := s.record(ctx, req.Urn, nil, inputs, req.Timeout)
	if err != nil {
		return nil, err
	}
	properties, err := s.marshal("the outputs", outputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

func (s *Server) updateRelease(
	ctx context.Context, req *pulumirpc.UpdateRequest, state, inputs resource.PropertyMap,
) (*pulumirpc.UpdateResponse, error) {
	if req.Preview {
		properties, err := s.previewRelease(ctx, req.Urn, inputs)
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	_, outputs, err := s.record(ctx, req.Urn, state, inputs, req.Timeout)
	if err != nil {
		return nil, err
	}
	properties, err := s.marshal("the outputs", outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// previewRelease takes what Check let through; that the update will be refused is told beforehand.
func (s *Server) previewRelease(
	ctx context.Context, urn string, inputs resource.PropertyMap,
) (*structpb.Struct, error) {
	if !helm.Recording() && !s.recording {
		s.Host.Warn(ctx, urn, cannotInstall(inputs)+". The update will be refused")
	}
	return s.marshal("the outputs", helm.Preview(inputs))
}

// record writes down what Helm would install, in place of installing it.
func (s *Server) record(
	ctx context.Context, urn string, state, inputs resource.PropertyMap, timeout float64,
) (id string, outputs resource.PropertyMap, err error) {
	switch {
	case !helm.Recording():
		return "", nil, status.Error(codes.Unimplemented, cannotInstall(inputs))
	case helm.Installed(state):
		return "", nil, installedByHelm(inputs)
	}
	revision := helm.Revision(state) + 1
	wanted, err := helm.Record(inputs, revision, s.redactor.Redact)
	if err != nil {
		return "", nil, status.Error(codes.InvalidArgument, err.Error())
	}
	namespace, _ := object.Text(inputs, "namespace")
	if asked := object.Plain(inputs["createNamespace"]); asked.IsBool() && asked.BoolValue() {
		if err := s.ensureNamespace(ctx, urn, namespace, timeout); err != nil {
			return "", nil, err
		}
	}
	a, err := s.newApply(ctx, urn, configMapToken, state, wanted, nil)
	if err != nil {
		if a == nil {
			return "", nil, err
		}
		return "", nil, s.refuse(a.wanted, err)
	}
	if a.live != nil && !a.ours() {
		return "", nil, alreadyExists(a.live)
	}
	if live, err := s.finish(ctx, a, urn, wanted, timeout); live == nil || err != nil {
		return "", nil, err
	}
	s.Host.Warn(ctx, urn, helm.Note(inputs))
	outputs = helm.Outputs(inputs, revision)
	outputs[object.FieldManagerKey] = resource.NewStringProperty(a.manager)
	release, _ := object.Text(inputs, "name")
	return object.FormatID(namespace, release), outputs, nil
}

// ensureNamespace makes the namespace where there is none. As with Helm, it outlives the release.
func (s *Server) ensureNamespace(ctx context.Context, urn, namespace string, timeout float64) error {
	wanted := object.ToProperties(map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace},
	})
	a, err := s.newApply(ctx, urn, namespaceToken, nil, wanted, nil)
	if err != nil {
		if a == nil {
			return err
		}
		return s.refuse(a.wanted, err)
	}
	if a.live != nil {
		return nil
	}
	_, err = s.finish(ctx, a, urn, wanted, timeout)
	return err
}

// readRelease tells what the record says now. There is nothing to import: a record is no release.
func (s *Server) readRelease(
	id string, live *unstructured.Unstructured, state, inputs resource.PropertyMap,
) (*pulumirpc.ReadResponse, error) {
	if len(inputs) == 0 {
		return nil, status.Errorf(codes.Unimplemented, notHere, "the import of Helm releases")
	}
	now, revision := helm.Drifted(inputs, live)
	outputs := helm.Outputs(now, revision)
	outputs[object.FieldManagerKey] = state[object.FieldManagerKey]
	properties, err := s.marshal("the outputs", outputs)
	if err != nil {
		return nil, err
	}
	kept, err := s.marshal("the inputs", now)
	return &pulumirpc.ReadResponse{Id: id, Properties: properties, Inputs: kept}, err
}

// recordOf gives the bare ConfigMap that keeps a release; one that Helm installed has none.
func recordOf(id string, state resource.PropertyMap) (*unstructured.Unstructured, error) {
	if helm.Installed(state) {
		return nil, installedByHelm(state)
	}
	namespace, release, err := object.ParseID(id)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("v1")
	u.SetKind("ConfigMap")
	u.SetNamespace(namespace)
	u.SetName(helm.RecordName(release))
	return u, nil
}

func installedByHelm(props resource.PropertyMap) error {
	name, _ := object.Text(props, "name")
	return status.Errorf(codes.FailedPrecondition, "release %q was installed by the official plugin; only that "+
		"one can change or remove it: pulumi plugin install resource kubernetes %s", name, Version)
}

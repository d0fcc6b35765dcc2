package server

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Check completes the inputs (name, namespace) and refuses what Kubernetes would refuse by its rules
// of names.
func (s *Server) Check(
	ctx context.Context, req *pulumirpc.CheckRequest,
) (*pulumirpc.CheckResponse, error) {
	olds, err := s.unmarshal("the old inputs", req.Olds)
	if err != nil {
		return nil, err
	}
	news, err := s.unmarshal("the inputs", req.News)
	if err != nil {
		return nil, err
	}
	if req.Type == helm.Token {
		return s.checkRelease(req, olds, news)
	}
	gvk, failures := kindOf(news, req.Type)
	if len(failures) > 0 {
		return s.checked(news, failures)
	}
	if object.IsPatch(req.Type, gvk.Kind) {
		if !object.HasName(news) {
			failures = append(failures, failure("metadata.name", "a patch needs the name of the object it changes"))
		}
	} else {
		named, err := object.Autoname(news, olds, req.Name, req.RandomSeed, req.Autonaming)
		if err != nil {
			return s.checked(news, append(failures, failure("metadata.name", err.Error())))
		}
		news = object.KeepManagedByLabel(named, olds)
	}
	if namespaced, known := s.namespaced(ctx, gvk); known {
		failures = append(failures, s.place(&news, gvk, namespaced)...)
	}
	if name, ok := object.Text(object.Metadata(news), "name"); ok {
		if problem := object.CheckName(gvk.GroupKind(), name); problem != "" {
			failures = append(failures, failure("metadata.name", problem))
		}
	}
	s.program.note(news)
	return s.checked(news, failures)
}

func (s *Server) checked(
	inputs resource.PropertyMap, failures []*pulumirpc.CheckFailure,
) (*pulumirpc.CheckResponse, error) {
	for _, f := range failures {
		f.Reason = s.redactor.Redact(f.Reason)
	}
	marshalled, err := s.marshal("the checked inputs", inputs)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.CheckResponse{Inputs: marshalled, Failures: failures}, nil
}

func failure(property, reason string) *pulumirpc.CheckFailure {
	return &pulumirpc.CheckFailure{Property: property, Reason: reason}
}

func kindOf(inputs resource.PropertyMap, token string) (schema.GroupVersionKind, []*pulumirpc.CheckFailure) {
	version, hasVersion := object.Text(inputs, "apiVersion")
	kind, hasKind := object.Text(inputs, "kind")
	var failures []*pulumirpc.CheckFailure
	if !hasVersion {
		failures = append(failures, failure("apiVersion", fmt.Sprintf("%s has no apiVersion: give one", token)))
	}
	if !hasKind {
		failures = append(failures, failure("kind", fmt.Sprintf("%s has no kind: give one", token)))
	}
	return schema.FromAPIVersionAndKind(version, kind), failures
}

// place puts the default namespace in, or refuses a namespace that the kind cannot have.
func (s *Server) place(
	inputs *resource.PropertyMap, gvk schema.GroupVersionKind, namespaced bool,
) []*pulumirpc.CheckFailure {
	if namespaced {
		// Without a configuration the default namespace is not known either.
		if namespace, known := s.defaultNamespace(); known {
			*inputs = object.WithNamespace(*inputs, namespace)
		}
		return nil
	}
	if namespace, ok := object.Text(object.Metadata(*inputs), "namespace"); ok && namespace != "" {
		return []*pulumirpc.CheckFailure{failure("metadata.namespace", fmt.Sprintf(
			"%s belongs to the whole cluster and cannot be in namespace %q: leave metadata.namespace out",
			gvk.Kind, namespace))}
	}
	return nil
}

// namespaced tells where a kind lives: by the cluster, by the program's own definitions, or by what is
// known of Kubernetes. It is not known for a kind whose definition comes from elsewhere later on.
func (s *Server) namespaced(
	ctx context.Context, gvk schema.GroupVersionKind,
) (namespaced, known bool) {
	client, err := s.connected()
	if err != nil {
		return cluster.BuiltInScope(gvk.GroupKind())
	}
	if namespaced, known := cluster.BuiltInScope(gvk.GroupKind()); known {
		return namespaced, known
	}
	mapping, err := client.Mapping(gvk)
	if err == nil {
		return mapping.Scope.Name() == meta.RESTScopeNameNamespace, true
	}
	if cluster.IsUnasked(err) {
		s.warnUnasked(ctx, err)
	}
	return s.program.scope(gvk.GroupKind())
}

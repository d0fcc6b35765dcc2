package server

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Delete removes the object and waits until it is gone. What is gone already needs nothing.
func (s *Server) Delete(
	ctx context.Context, req *pulumirpc.DeleteRequest,
) (*emptypb.Empty, error) {
	ctx, done := s.operation(ctx, req.Urn)
	defer done()
	state, err := s.unmarshal("the state", req.Properties)
	if err != nil {
		return nil, err
	}
	if err := s.sameWorld(state); err != nil || s.recording {
		return &emptypb.Empty{}, err
	}
	inputs, err := s.unmarshal("the old inputs", req.OldInputs)
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		inputs = state
	}
	u, err := whatIsMeant(req.Id, req.Type, state, inputs)
	if err != nil {
		return nil, err
	}
	client, err := s.connected()
	if err != nil {
		return nil, err
	}
	a := &apply{
		client: client, wanted: u, manager: object.FieldManager(req.Urn, state), force: true,
		timeout: s.settings.Client.RequestTimeout(), isPatch: object.IsPatch(req.Type, u.GetKind()),
	}
	if a.resource, _, err = client.For(u); err == nil {
		err = s.remove(ctx, a, req, inputs)
	}
	switch {
	case err == nil, meta.IsNoMatchError(err), apierrors.IsNotFound(err):
		return &emptypb.Empty{}, nil
	case cluster.IsUnreachable(err) && s.settings.DeleteUnreachable:
		s.Host.Warn(ctx, req.Urn, name(u)+" is dropped from the state only: "+err.Error())
		return &emptypb.Empty{}, nil
	case cluster.IsUnreachable(err):
		return nil, status.Error(codes.Unavailable, s.redactor.Redact(fmt.Sprintf(
			"%s cannot be deleted: %v. If the cluster is gone for good, and its objects with it, run this again "+
				"with PULUMI_K8S_DELETE_UNREACHABLE=true: they are then dropped from the state only", name(u), err)))
	default:
		return nil, s.refuse(u, err)
	}
}

func (s *Server) remove(
	ctx context.Context, a *apply, req *pulumirpc.DeleteRequest, inputs resource.PropertyMap,
) error {
	if a.isPatch {
		return s.release(ctx, a, inputs)
	}
	if err := a.look(ctx); err != nil || a.live == nil {
		return err
	}
	policy := propagation(a.wanted.GroupVersionKind(), inputs)
	requestCtx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	err := a.resource.Delete(requestCtx, a.wanted.GetName(), metav1.DeleteOptions{PropagationPolicy: &policy})
	if err != nil {
		return a.client.Explain(err)
	}
	if object.Annotation(inputs, object.SkipAwaitAnnotation) != "true" {
		if err := await.Gone(ctx, s.waitFor(req.Urn, a, a.live, inputs, req.Timeout)); err != nil {
			return err
		}
	}
	if definesKinds(a.wanted.GetKind()) {
		a.client.Forget()
	}
	return nil
}

// release gives up a patch's fields: applying nothing but the object's name under the same manager
// leaves what others own and removes what only the patch set.
func (s *Server) release(ctx context.Context, a *apply, inputs resource.PropertyMap) error {
	if name := object.Annotation(inputs, object.PatchFieldManagerAnnotation); name != "" {
		a.manager = name
	}
	if err := a.look(ctx); err != nil || a.live == nil {
		return err
	}
	_, err := a.commit(ctx)
	return err
}

// leaves are kinds that own nothing, so that the garbage collector need not be waited for.
var leaves = map[schema.GroupKind]bool{
	{Kind: "ConfigMap"}: true, {Kind: "Secret"}: true, {Kind: "ServiceAccount"}: true,
	{Kind: "Pod"}: true, {Kind: "PersistentVolumeClaim"}: true, {Kind: "PersistentVolume"}: true,
	{Kind: "Namespace"}: true, {Kind: "LimitRange"}: true, {Kind: "ResourceQuota"}: true,
	{Kind: "Service"}: true,
	{Group: "rbac.authorization.k8s.io", Kind: "Role"}:                         true,
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}:                  true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}:                  true,
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}:           true,
	{Group: "networking.k8s.io", Kind: "NetworkPolicy"}:                        true,
	{Group: "networking.k8s.io", Kind: "Ingress"}:                              true,
	{Group: "networking.k8s.io", Kind: "IngressClass"}:                         true,
	{Group: "policy", Kind: "PodDisruptionBudget"}:                             true,
	{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}:                    true,
	{Group: "storage.k8s.io", Kind: "StorageClass"}:                            true,
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:                        true,
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:          true,
	{Group: "apiregistration.k8s.io", Kind: "APIService"}:                      true,
	{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"}: true,
}

func propagation(gvk schema.GroupVersionKind, inputs resource.PropertyMap) metav1.DeletionPropagation {
	switch object.Annotation(inputs, object.PropagationAnnotation) {
	case "orphan":
		return metav1.DeletePropagationOrphan
	case "background":
		return metav1.DeletePropagationBackground
	case "foreground":
		return metav1.DeletePropagationForeground
	}
	if leaves[gvk.GroupKind()] {
		return metav1.DeletePropagationBackground
	}
	return metav1.DeletePropagationForeground
}

// whatIsMeant gives the bare object that a resource stands for: of a release, its record.
func whatIsMeant(
	id, token string, state, inputs resource.PropertyMap,
) (*unstructured.Unstructured, error) {
	if token == helm.Token {
		return recordOf(id, state)
	}
	u, err := reference(id, token, state, inputs)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return u, nil
}

// reference gives the bare object that an id and a state speak of.
func reference(id, token string, sources ...resource.PropertyMap) (*unstructured.Unstructured, error) {
	namespace, plainName, err := object.ParseID(id)
	if err != nil {
		return nil, err
	}
	gvk, err := object.ParseToken(token)
	if err != nil {
		return nil, err
	}
	for _, props := range sources {
		version, hasVersion := object.Text(props, "apiVersion")
		kind, hasKind := object.Text(props, "kind")
		if hasVersion && hasKind {
			gvk = schema.FromAPIVersionAndKind(version, kind)
			break
		}
	}
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	u.SetNamespace(namespace)
	u.SetName(plainName)
	return u, nil
}

// skipsUnreachable tells whether the configuration lets an update of an unreachable cluster pass.
func (s *Server) skipsUnreachable(ctx context.Context, urn string, err error) bool {
	if !cluster.IsUnreachable(err) || !s.settings.SkipUpdateUnreachable {
		return false
	}
	s.Host.Warn(ctx, urn, "not updated: "+err.Error())
	return true
}

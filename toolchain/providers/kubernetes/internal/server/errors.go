package server

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"agent-platform/toolchain/providers/kubernetes/internal/cluster"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

func name(u *unstructured.Unstructured) string {
	return u.GetKind() + " " + object.FormatID(u.GetNamespace(), u.GetName())
}

// refuse gives the error that the user reads: what the API server said about which object, and what
// to do. Secrets are taken out of it.
func (s *Server) refuse(u *unstructured.Unstructured, err error) error {
	if errors.Is(err, context.Canceled) && s.stopping.Err() != nil {
		return status.Error(codes.Canceled, name(u)+": cancelled")
	}
	return status.Error(codes.Unknown, s.redactor.Redact(s.describe(u, err)))
}

func (s *Server) describe(u *unstructured.Unstructured, err error) string {
	switch {
	case cluster.IsUnasked(err):
		return err.Error()
	case meta.IsNoMatchError(err):
		return fmt.Sprintf("%s: the cluster serves no kind %s in %s. Install its definition first (a "+
			"CustomResourceDefinition of this program: name it in depends_on), or correct apiVersion and kind",
			name(u), u.GetKind(), u.GetAPIVersion())
	case isManagerConflict(err):
		return conflictText(u, err)
	case missingNamespace(err) != "":
		return fmt.Sprintf("%s: there is no namespace %q. Create it in the program and pass its name on, "+
			"or correct metadata.namespace", name(u), missingNamespace(err))
	case apierrors.IsInvalid(err):
		return fmt.Sprintf("%s is refused by the API server: %s", name(u), causes(err))
	default:
		return fmt.Sprintf("%s: %v", name(u), err)
	}
}

// causes lists what an Invalid answer says about each field.
func causes(err error) string {
	var refusal apierrors.APIStatus
	if !errors.As(err, &refusal) || refusal.Status().Details == nil ||
		len(refusal.Status().Details.Causes) == 0 {
		return err.Error()
	}
	var lines []string
	for _, cause := range refusal.Status().Details.Causes {
		lines = append(lines, fmt.Sprintf("%s: %s", cause.Field, cause.Message))
	}
	return strings.Join(lines, "; ")
}

func isManagerConflict(err error) bool {
	return apierrors.IsConflict(err) && apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict)
}

func conflictText(u *unstructured.Unstructured, err error) string {
	var refusal apierrors.APIStatus
	errors.As(err, &refusal)
	var lines []string
	for _, cause := range refusal.Status().Details.Causes {
		if cause.Type == metav1.CauseTypeFieldManagerConflict {
			lines = append(lines, fmt.Sprintf("  %s: %s", cause.Field, cause.Message))
		}
	}
	return fmt.Sprintf("%s: others manage these fields and gave them other values:\n%s\n"+
		"Either leave the fields to them (take them out of the program, or list them in ignore_changes), or "+
		"take them over with the annotation %s: \"true\" on the resource",
		name(u), strings.Join(lines, "\n"), object.PatchForceAnnotation)
}

// missingNamespace gives the namespace that the API server did not find, if that is the error.
func missingNamespace(err error) string {
	var refusal apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &refusal) || refusal.Status().Details == nil {
		return ""
	}
	if details := refusal.Status().Details; details.Kind == "namespaces" {
		return details.Name
	}
	return ""
}

func alreadyExists(u *unstructured.Unstructured) error {
	return status.Errorf(codes.AlreadyExists,
		"%s exists already and is not of this stack. Import it (the resource option import_=%q), remove it, or "+
			"set upsertExistingObjects on the provider to take it over",
		name(u), object.FormatID(u.GetNamespace(), u.GetName()))
}

// previewGoesOn tells whether a preview can do without the dry run's answer, because what is missing
// may come in the same update; `warning` says what could not be asked, if that is worth telling.
func (s *Server) previewGoesOn(u *unstructured.Unstructured, err error) (goesOn bool, warning string) {
	switch {
	case meta.IsNoMatchError(err), missingNamespace(err) != "":
		return true, ""
	case mayPass(err), apierrors.IsTimeout(err):
		return true, fmt.Sprintf("%s could not be checked with the API server: %v", name(u), err)
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot patch resource"),
		apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota"):
		return true, fmt.Sprintf("%s could not be checked with the API server: %v", name(u), err)
	default:
		return false, ""
	}
}

// warnUnasked tells once for all resources that the cluster gave no answer to a preview.
func (s *Server) warnUnasked(ctx context.Context, err error) {
	s.Host.Warn(ctx, "", err.Error()+". What this preview shows was not checked with it")
}

// initFailed says that the object exists but is not ready, so that the engine keeps it in the state.
func (s *Server) initFailed(id string, outputs, inputs resource.PropertyMap, cause error) error {
	properties, err := s.marshal("the outputs", outputs)
	if err != nil {
		return err
	}
	kept, err := s.marshal("the inputs", inputs)
	if err != nil {
		return err
	}
	reason := s.redactor.Redact(cause.Error())
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, reason), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: properties, Inputs: kept, Reasons: []string{reason},
	})
}

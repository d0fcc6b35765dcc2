package server

import (
	"context"
	"errors"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Diff compares the inputs, and asks the API server by a dry run which of the changes it refuses to
// make in place. Equal inputs need no question: a refresh brings in what changed in the cluster.
func (s *Server) Diff(
	ctx context.Context, req *pulumirpc.DiffRequest,
) (*pulumirpc.DiffResponse, error) {
	ctx, done := s.operation(ctx, req.Urn)
	defer done()
	state, olds, news, err := s.versions(req.Olds, req.OldInputs, req.News)
	if err != nil {
		return nil, err
	}
	if req.Type == helm.Token {
		return diffRelease(olds, news, req.IgnoreChanges), nil
	}
	s.program.keep(req.Urn, req.Id)
	changes := object.Changes(olds, news, req.IgnoreChanges)
	if len(changes) == 0 {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	immutable := object.ImmutableFields(olds, news, s.settings.Mutability)
	kind, _ := object.Text(news, "kind")
	if object.IsPatch(req.Type, kind) {
		immutable = []string{"kind", "metadata.name", "metadata.namespace"}
	}
	replaces := object.Replacing(changes, immutable, nil)
	if len(replaces) == 0 && !news.ContainsUnknowns() {
		answer, err := s.ask(ctx, req, state, olds, news)
		if err != nil {
			return nil, err
		}
		if answer.same {
			return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
		}
		replaces = object.Replacing(changes, nil, answer.immutable)
	}
	return diffResponse(changes, replaces, len(replaces) > 0 && object.DeletesFirst(olds, news)), nil
}

// versions reads the state and both sets of inputs. Old states hold their inputs among the outputs.
func (s *Server) versions(state, oldInputs, newInputs *structpb.Struct) (
	before, olds, news resource.PropertyMap, err error,
) {
	if before, err = s.unmarshal("the state", state); err != nil {
		return nil, nil, nil, err
	}
	if olds, err = s.unmarshal("the old inputs", oldInputs); err != nil {
		return nil, nil, nil, err
	}
	if news, err = s.unmarshal("the inputs", newInputs); err != nil {
		return nil, nil, nil, err
	}
	if len(olds) == 0 {
		if kept := object.Plain(before[object.InputsKey]); kept.IsObject() {
			olds = kept.ObjectValue()
		}
	}
	return before, olds, news, nil
}

// serverAnswer is what a dry run tells about changed inputs.
type serverAnswer struct {
	// same: the change makes no difference to the live object, which we did not apply ourselves yet.
	same bool
	// immutable lists the fields that the API server refuses to change.
	immutable []string
}

// ask makes the dry run. Whatever else the API server has against the inputs is told by the preview
// of the update, where the engine shows it beside the resource.
func (s *Server) ask(
	ctx context.Context, req *pulumirpc.DiffRequest, state, olds, news resource.PropertyMap,
) (serverAnswer, error) {
	a, err := s.newApply(ctx, req.Urn, req.Type, state, news, req.IgnoreChanges)
	if err != nil || a.live == nil {
		return serverAnswer{}, nil
	}
	// The question is what can change, not who owns it.
	a.force = true
	result, err := a.dryRun(ctx)
	if err != nil {
		var refusal apierrors.APIStatus
		if errors.As(err, &refusal) {
			return serverAnswer{immutable: object.RefusedAsImmutable(refusal.Status())}, nil
		}
		return serverAnswer{}, nil
	}
	if _, applied := state[object.FieldManagerKey]; !applied {
		return serverAnswer{same: object.SameObject(result, a.live) && samePlace(olds, news)}, nil
	}
	return serverAnswer{}, nil
}

func samePlace(olds, news resource.PropertyMap) bool {
	for _, key := range []resource.PropertyKey{"name", "namespace"} {
		was, _ := object.Text(object.Metadata(olds), key)
		is, _ := object.Text(object.Metadata(news), key)
		if was != is {
			return false
		}
	}
	return true
}

var diffKinds = map[plugin.DiffKind]pulumirpc.PropertyDiff_Kind{
	plugin.DiffAdd:           pulumirpc.PropertyDiff_ADD,
	plugin.DiffAddReplace:    pulumirpc.PropertyDiff_ADD_REPLACE,
	plugin.DiffDelete:        pulumirpc.PropertyDiff_DELETE,
	plugin.DiffDeleteReplace: pulumirpc.PropertyDiff_DELETE_REPLACE,
	plugin.DiffUpdate:        pulumirpc.PropertyDiff_UPDATE,
	plugin.DiffUpdateReplace: pulumirpc.PropertyDiff_UPDATE_REPLACE,
}

func diffResponse(
	changes map[string]plugin.PropertyDiff, replaces []string, deleteFirst bool,
) *pulumirpc.DiffResponse {
	detailed := make(map[string]*pulumirpc.PropertyDiff, len(changes))
	var top []string
	for path, change := range changes {
		detailed[path] = &pulumirpc.PropertyDiff{
			Kind: diffKinds[change.Kind], InputDiff: change.InputDiff,
		}
		if parsed, err := resource.ParsePropertyPath(path); err == nil && len(parsed) > 0 {
			if name, ok := parsed[0].(string); ok && !slices.Contains(top, name) {
				top = append(top, name)
			}
		}
	}
	slices.Sort(top)
	return &pulumirpc.DiffResponse{
		Changes:             pulumirpc.DiffResponse_DIFF_SOME,
		Diffs:               top,
		Replaces:            replaces,
		DetailedDiff:        detailed,
		HasDetailedDiff:     true,
		DeleteBeforeReplace: deleteFirst,
	}
}

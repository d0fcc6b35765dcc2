package server

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"agent-platform/toolchain/providers/kubernetes/internal/await"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

type m = map[string]any

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: nowhere, cluster: {server: "http://127.0.0.1:9"}}]
contexts: [{name: nowhere, context: {cluster: nowhere, user: u, namespace: team}}]
users: [{name: u, user: {token: t}}]
`

func encode(t *testing.T, content m) *structpb.Struct {
	t.Helper()
	s, err := structpb.NewStruct(content)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// offline gives a provider whose cluster does not answer: port 9 of the loopback is nobody's.
func offline(t *testing.T) *Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New()
	if _, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: encode(t, m{"kubeconfig": file}),
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func thing(kind, version string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(version)
	u.SetKind(kind)
	u.SetName("a")
	u.SetNamespace("n")
	return u
}

func TestCheckCompletesTheInputs(t *testing.T) {
	s := offline(t)
	res, err := s.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: "urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::settings", Name: "settings",
		Type: "kubernetes:core/v1:ConfigMap", RandomSeed: []byte("seed"),
		News: encode(t, m{"apiVersion": "v1", "kind": "ConfigMap"}),
	})
	if err != nil || len(res.Failures) > 0 {
		t.Fatal(err, res)
	}
	metadata := res.Inputs.AsMap()["metadata"].(m)
	if metadata["namespace"] != "team" || !strings.HasPrefix(metadata["name"].(string), "settings-") {
		t.Errorf("got %v", metadata)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	cases := []struct {
		title, token, property, reason string
		inputs                         m
	}{
		{
			"a refused name", "kubernetes:core/v1:ConfigMap", "metadata.name", "refused by Kubernetes",
			m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "A_b"}},
		},
		{
			"a namespace where none can be", "kubernetes:core/v1:Namespace", "metadata.namespace", "whole cluster",
			m{"apiVersion": "v1", "kind": "Namespace", "metadata": m{"name": "a", "namespace": "b"}},
		},
		{"no kind", "kubernetes:x.io/v1:Y", "kind", "give one", m{"apiVersion": "x.io/v1"}},
		{
			"a patch of nothing", "kubernetes:core/v1:ConfigMapPatch", "metadata.name", "a patch needs the name",
			m{"apiVersion": "v1", "kind": "ConfigMap"},
		},
	}
	s := offline(t)
	for _, c := range cases {
		res, err := s.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: "urn", Name: "a", Type: c.token, News: encode(t, c.inputs),
		})
		if err != nil || len(res.Failures) == 0 || res.Failures[0].Property != c.property ||
			!strings.Contains(res.Failures[0].Reason, c.reason) {
			t.Errorf("%s: got %v %v", c.title, res, err)
		}
	}
}

func TestWithoutAClusterAPreviewGoesOnAndAnUpdateDoesNot(t *testing.T) {
	s := offline(t)
	req := &pulumirpc.CreateRequest{
		Urn: "urn", Type: "kubernetes:core/v1:ConfigMap", Preview: true,
		Properties: encode(t, m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}}),
	}
	if _, err := s.Create(context.Background(), req); err != nil {
		t.Errorf("the preview failed: %v", err)
	}
	req.Preview = false
	_, err := s.Create(context.Background(), req)
	if err == nil || !strings.Contains(err.Error(), `context "nowhere" at http://127.0.0.1:9 cannot be reached`) {
		t.Errorf("got %v", err)
	}
}

func TestEqualInputsAskTheClusterNothing(t *testing.T) {
	inputs := m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}}
	res, err := offline(t).Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: "team/a", Urn: "urn", Type: "kubernetes:core/v1:ConfigMap",
		Olds: encode(t, inputs), OldInputs: encode(t, inputs), News: encode(t, inputs),
	})
	if err != nil || res.Changes != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("got %v %v", res, err)
	}
}

func TestOldStatesHoldTheirInputsAmongTheOutputs(t *testing.T) {
	inputs := m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}}
	res, err := offline(t).Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: "team/a", Urn: "urn", Type: "kubernetes:core/v1:ConfigMap",
		Olds: encode(t, m{"__inputs": inputs}), News: encode(t, inputs),
	})
	if err != nil || res.Changes != pulumirpc.DiffResponse_DIFF_NONE {
		t.Errorf("got %v %v", res, err)
	}
}

func TestWhatIsNotServedIsRefusedWithTheRemedy(t *testing.T) {
	s := New()
	_, invoke := s.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: "kubernetes:helm:template"})
	_, construct := s.Construct(context.Background(), &pulumirpc.ConstructRequest{Type: "kubernetes:helm.sh/v4:Chart"})
	for _, err := range []error{invoke, construct} {
		if status.Code(err) != codes.Unimplemented || !strings.Contains(err.Error(), "install the official plugin") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCancelEndsOperationsUnderWay(t *testing.T) {
	s := New()
	ctx, done := s.operation(context.Background(), "urn")
	defer done()
	if _, err := s.Cancel(context.Background(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
		t.Error("the operation goes on")
	}
}

func TestTheWaitsLimit(t *testing.T) {
	annotated := resource.NewPropertyMapFromMap(m{
		"metadata": m{"annotations": m{object.TimeoutAnnotation: "30"}},
	})
	for _, c := range []struct {
		inputs resource.PropertyMap
		option float64
		want   time.Duration
	}{
		{nil, 0, await.DefaultTimeout}, {annotated, 0, 30 * time.Second}, {annotated, 90, 90 * time.Second},
	} {
		if got := waitTimeout(c.inputs, c.option); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	s := New()
	s.redactor.Learn(resource.PropertyMap{"a": resource.MakeSecret(resource.NewStringProperty("hush-hush"))})
	conflict := apierrors.NewApplyConflict([]metav1.StatusCause{{
		Type: metav1.CauseTypeFieldManagerConflict, Field: ".spec.replicas", Message: `conflict with "kubectl" using apps/v1`,
	}}, "conflict")
	missing := apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "n")
	invalid := &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnprocessableEntity, Reason: metav1.StatusReasonInvalid,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Field: "spec.x", Message: `Invalid value: "hush-hush"`}}},
	}}
	for _, c := range []struct {
		err   error
		wants []string
	}{
		{conflict, []string{".spec.replicas", `"kubectl"`, object.PatchForceAnnotation, "ignore_changes"}},
		{missing, []string{`no namespace "n"`, "Create it"}},
		{invalid, []string{"spec.x", "[secret]"}},
	} {
		text := s.refuse(thing("Deployment", "apps/v1"), c.err).Error()
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("got %q, want %q in it", text, want)
			}
		}
		if strings.Contains(text, "hush-hush") {
			t.Errorf("a secret is told: %q", text)
		}
	}
}

func TestPreviewsGoOnOnlyWhereTheUpdateMayMendIt(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	cases := []struct {
		title        string
		err          error
		goesOn, told bool
	}{
		{"no namespace yet", apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "n"), true, false},
		{"a webhook that starts", apierrors.NewInternalError(context.DeadlineExceeded), true, true},
		{"no right to try", apierrors.NewForbidden(pods, "a", errText("User cannot patch resource")), true, true},
		{"a policy's refusal", apierrors.NewForbidden(pods, "a", errText("violates PodSecurity")), false, false},
		{"a wrong value", apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "a", nil), false, false},
	}
	for _, c := range cases {
		goesOn, warning := New().previewGoesOn(thing("Pod", "v1"), c.err)
		if goesOn != c.goesOn || (warning != "") != c.told {
			t.Errorf("%s: got %v %q", c.title, goesOn, warning)
		}
	}
}

type errText string

func (e errText) Error() string { return string(e) }

func TestTheProviderIsReplacedOnlyForAnotherCluster(t *testing.T) {
	other := strings.ReplaceAll(kubeconfig, "127.0.0.1:9", "127.0.0.1:10")
	for want, news := range map[bool]m{true: {"kubeconfig": other}, false: {"kubeconfig": kubeconfig, "namespace": "x"}} {
		res, err := New().DiffConfig(context.Background(), &pulumirpc.DiffRequest{
			OldInputs: encode(t, m{"kubeconfig": kubeconfig}), News: encode(t, news),
		})
		if err != nil || (len(res.Replaces) > 0) != want || res.Changes != pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("got %v %v", res, err)
		}
	}
}

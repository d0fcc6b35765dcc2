package server

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// unknownYet gives a provider whose kubeconfig another resource of the same update will tell, on a
// machine that has an ambient one.
func unknownYet(t *testing.T) *Server {
	t.Helper()
	ambient := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(ambient, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", ambient)
	s := New()
	if _, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: encode(t, m{"kubeconfig": plugin.UnknownStringValue}),
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnUnknownKubeconfigIsNeverTheAmbientOne(t *testing.T) {
	if s := unknownYet(t); s.configured() {
		t.Errorf("got a client of %s", s.client.Target.Server)
	}
}

func TestAnEmptyKubeconfigIsRefused(t *testing.T) {
	res, err := New().CheckConfig(context.Background(), &pulumirpc.CheckRequest{
		News: encode(t, m{"kubeconfig": " \n"}),
	})
	if err != nil || len(res.Failures) != 1 || !strings.Contains(res.Failures[0].Reason, "given and empty") {
		t.Errorf("got %v %v", res, err)
	}
}

func TestWithoutAKubeconfigAPreviewAsksNobody(t *testing.T) {
	s, ctx := unknownYet(t), context.Background()
	for _, object := range []m{
		{"apiVersion": "v1", "kind": "ConfigMap"},
		{"apiVersion": "example.org/v1", "kind": "Robot"},
		{"apiVersion": "v1", "kind": "Namespace"},
	} {
		token := "kubernetes:" + object["apiVersion"].(string) + ":" + object["kind"].(string)
		checked, err := s.Check(ctx, &pulumirpc.CheckRequest{
			Urn: "urn", Name: "a", Type: token, RandomSeed: []byte("seed"), News: encode(t, object),
		})
		if err != nil || len(checked.Failures) > 0 {
			t.Fatalf("%s: got %v %v", token, checked, err)
		}
		if metadata := checked.Inputs.AsMap()["metadata"].(m); metadata["namespace"] != nil {
			t.Errorf("%s: got the namespace of a cluster that is not known: %v", token, metadata)
		}
		created, err := s.Create(ctx, &pulumirpc.CreateRequest{
			Urn: "urn", Type: token, Preview: true, Properties: checked.Inputs,
		})
		if err != nil || created.Properties.AsMap()["status"] != plugin.UnknownStringValue {
			t.Errorf("%s: got %v %v", token, created, err)
		}
		changed := encode(t, m{"apiVersion": object["apiVersion"], "kind": object["kind"], "spec": m{"arms": 2}})
		diff, err := s.Diff(ctx, &pulumirpc.DiffRequest{
			Urn: "urn", Id: "a", Type: token, Olds: checked.Inputs, OldInputs: encode(t, object), News: changed,
		})
		if err != nil || diff.Changes != pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("%s: got %v %v", token, diff, err)
		}
		if _, err = s.Update(ctx, &pulumirpc.UpdateRequest{
			Urn: "urn", Id: "a", Type: token, Preview: true, Olds: checked.Inputs, News: changed,
		}); err != nil {
			t.Errorf("%s: got %v", token, err)
		}
	}
}

func TestWithoutAKubeconfigNothingIsChanged(t *testing.T) {
	inputs := m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}}
	_, err := unknownYet(t).Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: "urn", Type: "kubernetes:core/v1:ConfigMap", Properties: encode(t, inputs),
	})
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "not known yet") {
		t.Errorf("got %v", err)
	}
}

func TestAKubeconfigThatIsNotKnownYetReplacesNothing(t *testing.T) {
	res, err := New().DiffConfig(context.Background(), &pulumirpc.DiffRequest{
		OldInputs: encode(t, m{"kubeconfig": kubeconfig}),
		News:      encode(t, m{"kubeconfig": plugin.UnknownStringValue}),
	})
	if err != nil || len(res.Replaces) > 0 || res.Changes != pulumirpc.DiffResponse_DIFF_SOME {
		t.Errorf("got %v %v", res, err)
	}
}

const command = `
apiVersion: v1
kind: Config
current-context: eks
clusters: [{name: eks, cluster: {server: "https://127.0.0.1:9"}}]
contexts: [{name: eks, context: {cluster: eks, user: eks}}]
users:
- name: eks
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: no-such-command
      interactiveMode: Never
`

func TestMissingCredentialsAreNotAClusterThatIsGone(t *testing.T) {
	t.Setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
	s := New()
	if _, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: encode(t, m{"kubeconfig": command}),
	}); err != nil {
		t.Fatal(err)
	}
	state := m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a", "namespace": "n"}}
	_, err := s.Delete(context.Background(), &pulumirpc.DeleteRequest{
		Id: "n/a", Urn: "urn", Type: "kubernetes:core/v1:ConfigMap", Properties: encode(t, state),
	})
	if err == nil || !strings.Contains(err.Error(), `no credentials for the cluster of context "eks"`) {
		t.Errorf("got %v", err)
	}
}

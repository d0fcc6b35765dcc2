package server

import (
	"context"
	"net"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// recorder gives a provider in a recording, whose context and kubeconfig are nowhere.
func recorder(t *testing.T, config m) *Server {
	t.Helper()
	t.Setenv(recordingVariable, "record")
	t.Setenv("KUBECONFIG", "/nowhere/at/all")
	s := New()
	if _, err := s.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: encode(t, config)}); err != nil {
		t.Fatal(err)
	}
	return s
}

const deployment = "kubernetes:apps/v1:Deployment"

func web(image, selected string) m {
	return m{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": m{"name": "web", "namespace": "edge"},
		"spec": m{
			"selector": m{"matchLabels": m{"app": selected}},
			"template": m{"spec": m{"containers": []any{m{"name": "web", "image": image}}}},
		},
	}
}

func created(t *testing.T, s *Server, token string, inputs m) *pulumirpc.CreateResponse {
	t.Helper()
	res, err := s.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: "urn", Type: token, Properties: encode(t, inputs),
	})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestARecordingConnectsToNothing(t *testing.T) {
	for title, config := range map[string]m{
		"a context that is nowhere":     {"context": "nowhere"},
		"a kubeconfig that is nowhere":  {"kubeconfig": "/nowhere/at/all"},
		"a kubeconfig that makes none":  {"kubeconfig": `{"clusters": "recorded"}`},
		"the ambient one, also nowhere": {},
	} {
		s := recorder(t, config)
		if s.configured() {
			t.Errorf("%s: there is a client", title)
		}
	}
}

func TestNothingIsSentWhereAClusterWouldListen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	calls := make(chan net.Addr, 16)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(calls)
				return
			}
			calls <- conn.RemoteAddr()
			_ = conn.Close()
		}
	}()
	s := recorder(t, m{"kubeconfig": strings.ReplaceAll(kubeconfig, "127.0.0.1:9", listener.Addr().String())})
	ctx, state := context.Background(), created(t, s, deployment, web("a", "web"))
	news := encode(t, web("b", "web"))
	for _, preview := range []bool{true, false} {
		if _, err := s.Create(ctx, &pulumirpc.CreateRequest{Urn: "urn", Type: deployment, Properties: news, Preview: preview}); err != nil {
			t.Error(err)
		}
		if _, err := s.Update(ctx, &pulumirpc.UpdateRequest{
			Id: state.Id, Urn: "urn", Type: deployment, Olds: state.Properties, News: news, Preview: preview,
		}); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Diff(ctx, &pulumirpc.DiffRequest{Id: state.Id, Urn: "urn", Type: deployment, Olds: state.Properties, News: news}); err != nil {
		t.Error(err)
	}
	if _, err := s.Check(ctx, &pulumirpc.CheckRequest{
		Urn: "urn", Name: "a", Type: "kubernetes:example.org/v1:Thing",
		News: encode(t, m{"apiVersion": "example.org/v1", "kind": "Thing"}),
	}); err != nil {
		t.Error(err)
	}
	if _, err := s.Read(ctx, &pulumirpc.ReadRequest{Id: state.Id, Urn: "urn", Type: deployment, Properties: state.Properties}); err != nil {
		t.Error(err)
	}
	if _, err := s.Delete(ctx, &pulumirpc.DeleteRequest{Id: state.Id, Urn: "urn", Type: deployment, Properties: state.Properties}); err != nil {
		t.Error(err)
	}
	_ = listener.Close()
	for address := range calls {
		t.Errorf("%s called", address)
	}
}

func TestTheStateOfARecordingIsWhatIsReadAgain(t *testing.T) {
	s := recorder(t, m{})
	state := created(t, s, deployment, web("a", "web"))
	if state.Id != "edge/web" {
		t.Errorf("got the id %q", state.Id)
	}
	inputs := encode(t, web("a", "web"))
	res, err := s.Read(context.Background(), &pulumirpc.ReadRequest{
		Id: state.Id, Urn: "urn", Type: deployment, Properties: state.Properties, Inputs: inputs,
	})
	if err != nil || res.Id != state.Id || res.Properties != state.Properties || res.Inputs != inputs {
		t.Errorf("got %v %v", res, err)
	}
	_, err = s.Read(context.Background(), &pulumirpc.ReadRequest{Id: "edge/other", Urn: "urn", Type: deployment})
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "edge/other is in no state") {
		t.Errorf("got %v", err)
	}
}

func TestARecordingTellsAReplacementByTheTable(t *testing.T) {
	s := recorder(t, m{})
	state := created(t, s, deployment, web("a", "web"))
	for want, news := range map[string]m{"": web("b", "web"), "spec.selector.matchLabels.app": web("a", "other")} {
		res, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{
			Id: state.Id, Urn: "urn", Type: deployment, Olds: state.Properties,
			OldInputs: encode(t, web("a", "web")), News: encode(t, news),
		})
		if err != nil || res.Changes != pulumirpc.DiffResponse_DIFF_SOME || strings.Join(res.Replaces, " ") != want {
			t.Errorf("wanted %q, got %v %v", want, res, err)
		}
	}
}

func TestTheSettingsOfTheProviderCountInARecordingToo(t *testing.T) {
	for mutable, replaced := range map[bool]bool{true: false, false: true} {
		s := recorder(t, m{"enableConfigMapMutable": mutable})
		config := func(text string) *structpb.Struct {
			return encode(t, m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}, "data": m{"a": text}})
		}
		res, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{
			Id: "a", Urn: "urn", Type: "kubernetes:core/v1:ConfigMap", OldInputs: config("1"), News: config("2"),
		})
		if err != nil || (len(res.Replaces) > 0) != replaced {
			t.Errorf("mutable %v: got %v %v", mutable, res, err)
		}
	}
}

func TestTheNamespaceOfARecordingIsTheProvidersOrTheDefault(t *testing.T) {
	for want, config := range map[string]m{"team": {"namespace": "team"}, "default": {"kubeconfig": kubeconfig}} {
		res, err := recorder(t, config).Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: "urn", Name: "a", Type: "kubernetes:core/v1:ConfigMap",
			News: encode(t, m{"apiVersion": "v1", "kind": "ConfigMap"}),
		})
		if err != nil || res.Inputs.AsMap()["metadata"].(m)["namespace"] != want {
			t.Errorf("wanted %q, got %v %v", want, res, err)
		}
	}
}

func TestAnotherKubeconfigIsTheSameProviderInARecording(t *testing.T) {
	other := strings.ReplaceAll(kubeconfig, "127.0.0.1:9", "127.0.0.2:9")
	for _, c := range []struct {
		title      string
		olds, news m
		replaces   string
	}{
		{"a kubeconfig", m{"kubeconfig": kubeconfig}, m{"kubeconfig": other}, ""},
		{"a context", m{"context": "a"}, m{"context": "b"}, "context"},
		{"an identifier", m{"clusterIdentifier": "a"}, m{"clusterIdentifier": "b"}, "clusterIdentifier"},
		{
			"a context beside an identifier", m{"clusterIdentifier": "a", "context": "a"},
			m{"clusterIdentifier": "a", "context": "b"}, "",
		},
	} {
		res, err := recorder(t, m{}).DiffConfig(context.Background(), &pulumirpc.DiffRequest{
			OldInputs: encode(t, c.olds), News: encode(t, c.news),
		})
		if err != nil || res.Changes != pulumirpc.DiffResponse_DIFF_SOME || strings.Join(res.Replaces, " ") != c.replaces {
			t.Errorf("%s: got %v %v", c.title, res, err)
		}
	}
}

func TestAReleaseIsInTheStateOfARecordingAlone(t *testing.T) {
	s := recorder(t, m{})
	state := created(t, s, helm.Token, chart())
	outputs := state.Properties.AsMap()
	if state.Id != "edge/front" || outputs["status"].(m)["status"] != helm.Recorded || len(outputs["resourceNames"].(m)) > 0 {
		t.Errorf("got %v", state)
	}
	news := chart()
	news["version"] = "1.2.4"
	res, err := s.Update(context.Background(), &pulumirpc.UpdateRequest{
		Id: state.Id, Urn: "urn", Type: helm.Token, Olds: state.Properties, OldInputs: encode(t, chart()), News: encode(t, news),
	})
	if err != nil || res.Properties.AsMap()["status"].(m)["revision"] != 2.0 {
		t.Errorf("got %v %v", res, err)
	}
}

func TestARecordedSecretIsSecret(t *testing.T) {
	s := recorder(t, m{})
	state := created(t, s, "kubernetes:core/v1:Secret", m{
		"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"}, "stringData": m{"a": "hush-hush"},
	})
	props, err := s.unmarshal("the state", state.Properties)
	if err != nil || !props["stringData"].IsSecret() {
		t.Errorf("got %v %v", props, err)
	}
	if text := s.redactor.Redact("it is hush-hush"); strings.Contains(text, "hush") {
		t.Errorf("got %q", text)
	}
	if manager, _ := object.Text(props, object.FieldManagerKey); manager == "" {
		t.Error("nobody manages it")
	}
}

func TestAMisspeltRecordingIsRefused(t *testing.T) {
	t.Setenv(recordingVariable, "recrod")
	_, err := New().Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: encode(t, m{})})
	if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), `"recrod"; wanted "record"`) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsInAClusterIsNotForgottenByARecording(t *testing.T) {
	s, ctx := recorder(t, m{}), context.Background()
	recorded, real := created(t, s, deployment, web("a", "web")).Properties, encode(t, web("a", "web"))
	acts := map[string]func(s *Server, state *structpb.Struct) error{
		"an update": func(s *Server, state *structpb.Struct) error {
			_, err := s.Update(ctx, &pulumirpc.UpdateRequest{
				Id: "edge/web", Urn: "urn", Type: deployment, Olds: state, News: encode(t, web("b", "web")),
			})
			return err
		},
		"a deletion": func(s *Server, state *structpb.Struct) error {
			_, err := s.Delete(ctx, &pulumirpc.DeleteRequest{Id: "edge/web", Urn: "urn", Type: deployment, Properties: state})
			return err
		},
		"a refresh": func(s *Server, state *structpb.Struct) error {
			_, err := s.Read(ctx, &pulumirpc.ReadRequest{Id: "edge/web", Urn: "urn", Type: deployment, Properties: state})
			return err
		},
	}
	t.Setenv(recordingVariable, "")
	outside := offline(t)
	for title, act := range acts {
		if err := act(s, recorded); err != nil {
			t.Errorf("%s of a recording: got %v", title, err)
		}
		if err := act(s, real); err == nil || !strings.Contains(err.Error(), "says that this is in a cluster") {
			t.Errorf("%s of what is in a cluster: got %v", title, err)
		}
		if err := act(outside, recorded); err == nil || !strings.Contains(err.Error(), "the state was recorded") {
			t.Errorf("%s without the variable: got %v", title, err)
		}
	}
	// To look at what a change would do harms nobody.
	if _, err := s.Update(ctx, &pulumirpc.UpdateRequest{
		Id: "edge/web", Urn: "urn", Type: deployment, Olds: real, News: encode(t, web("b", "web")), Preview: true,
	}); err != nil {
		t.Errorf("the preview failed: %v", err)
	}
}

package server

import (
	"context"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"agent-platform/toolchain/providers/kubernetes/internal/helm"
)

func chart() m {
	return m{
		"chart": "proxy", "version": "1.2.3", "name": "front", "namespace": "edge",
		"repositoryOpts": m{"repo": "https://charts.example.org"},
	}
}

func TestAPreviewTakesAReleaseAndAnUpdateDoesNot(t *testing.T) {
	s, ctx := offline(t), context.Background()
	checked, err := s.Check(ctx, &pulumirpc.CheckRequest{Urn: "urn", Name: "front", Type: helm.Token, News: encode(t, chart())})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatal(err, checked)
	}
	req := &pulumirpc.CreateRequest{Urn: "urn", Type: helm.Token, Preview: true, Properties: checked.Inputs}
	if _, err := s.Create(ctx, req); err != nil {
		t.Error(err)
	}
	req.Preview = false
	_, err = s.Create(ctx, req)
	if status.Code(err) != codes.Unimplemented ||
		!strings.Contains(err.Error(), "chart proxy 1.2.3 from https://charts.example.org cannot be installed") ||
		!strings.Contains(err.Error(), "pulumi plugin install resource kubernetes "+Version) {
		t.Errorf("got %v", err)
	}
}

func TestARefusedReleaseNamesEveryInput(t *testing.T) {
	inputs := chart()
	inputs["version"], inputs["replicas"] = ">=1", 2
	res, err := offline(t).Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: "urn", Name: "front", Type: helm.Token, News: encode(t, inputs),
	})
	if err != nil || len(res.Failures) != 2 {
		t.Errorf("got %v %v", res, err)
	}
}

func TestOnlyAnotherNameOrNamespaceIsAnotherRelease(t *testing.T) {
	for property, replaced := range map[string]bool{"namespace": true, "name": true, "version": false, "values": false} {
		news := chart()
		news[property] = "changed"
		if property == "values" {
			news[property] = m{"replicas": 2}
		}
		res, err := offline(t).Diff(context.Background(), &pulumirpc.DiffRequest{
			Id: "edge/front", Urn: "urn", Type: helm.Token, OldInputs: encode(t, chart()), News: encode(t, news),
		})
		if err != nil || (len(res.Replaces) > 0) != replaced || res.Changes != pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("%s: got %v %v", property, res, err)
		}
	}
}

func TestWhatHelmInstalledIsLeftToHelm(t *testing.T) {
	state := chart()
	state["status"] = m{"status": "deployed", "revision": 4}
	_, err := offline(t).Delete(context.Background(), &pulumirpc.DeleteRequest{
		Id: "edge/front", Urn: "urn", Type: helm.Token, Properties: encode(t, state),
	})
	if err == nil || !strings.Contains(err.Error(), `release "front" was installed by the official plugin`) {
		t.Errorf("got %v", err)
	}
}

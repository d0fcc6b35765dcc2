package object

import (
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const recordedURN = "urn:pulumi:s::p::kubernetes:core/v1:Service::web"

func recorded(t *testing.T, content m) (string, m) {
	t.Helper()
	id, outputs := Recorded(recordedURN, props(content), nil, "us")
	if outputs.ContainsUnknowns() {
		t.Fatalf("something is unknown: %v", outputs)
	}
	return id, outputs.Mappable()
}

func TestARecordedObjectHasWhatAServerWouldAdd(t *testing.T) {
	id, got := recorded(t, m{
		"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "web", "namespace": "edge"},
		"spec": m{"type": "LoadBalancer", "ports": []any{m{"port": 80.0}}},
	})
	metadata, spec := got["metadata"].(m), got["spec"].(m)
	if id != "edge/web" || metadata["resourceVersion"] != "1" || metadata["generation"] != 1.0 {
		t.Errorf("got %q %v", id, metadata)
	}
	if uid := metadata["uid"].(string); !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(uid) {
		t.Errorf("got the uid %q", uid)
	}
	if ip := spec["clusterIP"].(string); !regexp.MustCompile(`^10\.96\.\d+\.\d+$`).MatchString(ip) ||
		spec["clusterIPs"].([]any)[0] != ip {
		t.Errorf("got %v", spec)
	}
	if port := spec["ports"].([]any)[0].(m)["nodePort"].(float64); port < 30000 || port > 32767 {
		t.Errorf("got the port %v", port)
	}
	ingress := got["status"].(m)["loadBalancer"].(m)["ingress"].([]any)
	if host := ingress[0].(m)["hostname"].(string); !regexp.MustCompile(`\.invalid$`).MatchString(host) {
		t.Errorf("got the host %q", host)
	}
}

func TestOtherKindsGetWhatTheyNeed(t *testing.T) {
	_, claim := recorded(t, m{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": m{"name": "a"}, "spec": m{}})
	if claim["spec"].(m)["volumeName"] != "pvc-"+claim["metadata"].(m)["uid"].(string) {
		t.Errorf("got %v", claim)
	}
	_, job := recorded(t, m{"apiVersion": "batch/v1", "kind": "Job", "metadata": m{"name": "a"}, "spec": m{}})
	if job["spec"].(m)["selector"].(m)["matchLabels"] == nil {
		t.Errorf("got %v", job)
	}
	_, pod := recorded(t, m{"apiVersion": "v1", "kind": "Pod", "metadata": m{"name": "a"}, "spec": m{}})
	if pod["spec"].(m)["nodeName"] != "recorded" {
		t.Errorf("got %v", pod)
	}
	_, config := recorded(t, m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{"name": "a"}})
	if _, given := config["status"]; given {
		t.Errorf("a ConfigMap has no status: %v", config)
	}
	id, generated := recorded(t, m{"apiVersion": "v1", "kind": "Namespace", "metadata": m{"generateName": "team-"}})
	if name := generated["metadata"].(m)["name"].(string); len(name) != len("team-")+5 || id != name {
		t.Errorf("got %q %q", id, name)
	}
}

func TestARecordingIsTheSameEachTime(t *testing.T) {
	content := m{"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "web"}, "spec": m{"type": "NodePort"}}
	_, one := Recorded(recordedURN, props(content), nil, "us")
	_, two := Recorded(recordedURN, props(content), nil, "us")
	_, other := Recorded(recordedURN+"2", props(content), nil, "us")
	if !one.DeepEquals(two) || one.DeepEquals(other) {
		t.Errorf("got %v, %v, %v", one, two, other)
	}
}

func TestARecordedUpdateKeepsWhatTheServerGaveAndCountsOn(t *testing.T) {
	content := func(port float64) m {
		return m{
			"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "web", "namespace": "edge"},
			"spec": m{"type": "NodePort", "ports": []any{m{"port": port}}},
		}
	}
	_, before := Recorded(recordedURN, props(content(80)), nil, "us")
	before["spec"].ObjectValue()["clusterIP"] = resource.NewStringProperty("10.0.0.7")
	_, after := Recorded(recordedURN, props(content(8080)), before, "us")
	got := after.Mappable()
	metadata, spec := got["metadata"].(m), got["spec"].(m)
	if metadata["resourceVersion"] != "2" || metadata["generation"] != 2.0 || spec["clusterIP"] != "10.0.0.7" ||
		spec["ports"].([]any)[0].(m)["port"] != 8080.0 {
		t.Errorf("got %v", got)
	}
	if !Metadata(after)["uid"].DeepEquals(Metadata(before)["uid"]) {
		t.Error("the uid changed")
	}
}

func TestWhatIsSecretIsRecordedAsSecret(t *testing.T) {
	_, secret := Recorded(recordedURN, props(m{
		"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"}, "data": m{"a": "MQ=="},
	}), nil, "us")
	inputs := props(m{"apiVersion": "v1", "kind": "Service", "metadata": m{"name": "a"}})
	inputs["spec"] = resource.MakeSecret(resource.NewObjectProperty(props(m{"type": "NodePort"})))
	_, service := Recorded(recordedURN, inputs, nil, "us")
	if !secret["data"].IsSecret() || !service["spec"].IsSecret() || service.ContainsUnknowns() {
		t.Errorf("got %v %v", secret, service)
	}
}

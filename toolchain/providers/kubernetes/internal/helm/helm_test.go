package helm

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

type m = map[string]any

func release(changes m) resource.PropertyMap {
	inputs := m{
		"chart": "proxy", "version": "1.2.3", "name": "front", "namespace": "edge", "compat": "true",
		"repositoryOpts": m{"repo": "https://charts.example.org"}, "values": m{"replicas": 2},
	}
	for key, value := range changes {
		if value == nil {
			delete(inputs, key)
			continue
		}
		inputs[key] = value
	}
	return resource.NewPropertyMapFromMap(inputs)
}

func TestGoodInputsPass(t *testing.T) {
	computed := resource.MakeComputed(resource.NewStringProperty(""))
	for title, changes := range map[string]m{
		"as they are":       {},
		"a v before":        {"version": "v1.2.3"},
		"a pre-release":     {"version": "1.2.3-rc.1"},
		"unknown values":    {"values": computed, "namespace": computed, "version": computed},
		"an OCI chart":      {"chart": "oci://registry.example.org/proxy", "repositoryOpts": nil},
		"an unknown source": {"repositoryOpts": computed},
	} {
		if problems := Problems(release(changes)); len(problems) > 0 {
			t.Errorf("%s: got %v", title, problems)
		}
	}
}

func TestBadInputsAreNamed(t *testing.T) {
	for property, changes := range map[string]m{
		"version":               {"version": "~1.2"},
		"chart":                 {"chart": nil},
		"replica":               {"replica": 2},
		"name":                  {"name": strings.Repeat("a", 54)},
		"namespace":             {"namespace": "a.b"},
		"values":                {"values": "replicas: 2"},
		"valueYamlFiles":        {"valueYamlFiles": []any{"values.yaml"}},
		"repositoryOpts.repo":   {"repositoryOpts": m{"repo": "http://charts.example.org"}},
		"repositoryOpts.secret": {"repositoryOpts": m{"repo": "https://charts.example.org", "secret": "x"}},
	} {
		problems := Problems(release(changes))
		if len(problems) != 1 || problems[0].Property != property {
			t.Errorf("%s: got %v", property, problems)
		}
	}
	if problems := Problems(release(m{"version": nil})); len(problems) != 1 ||
		!strings.Contains(problems[0].Reason, "got none, wanted one version") {
		t.Errorf("got %v", problems)
	}
}

func TestAReleaseKeepsTheNameItWasGiven(t *testing.T) {
	inputs := release(m{"name": nil, "namespace": nil})
	named, err := Named(inputs, nil, "Front", "team", []byte("seed"))
	name, _ := object.Text(named, "name")
	namespace, _ := object.Text(named, "namespace")
	if err != nil || !strings.HasPrefix(name, "front-") || len(name) != len("front-")+8 || namespace != "team" {
		t.Errorf("got %q %q %v", namespace, name, err)
	}
	again, err := Named(inputs, named, "Front", "", []byte("other"))
	if kept, _ := object.Text(again, "name"); err != nil || kept != name {
		t.Errorf("got %q %v", kept, err)
	}
	if _, given := again["namespace"]; given {
		t.Error("a namespace was made up without a provider's")
	}
}

func TestTheRecordHoldsNoSecret(t *testing.T) {
	inputs := release(m{})
	inputs["values"] = resource.NewObjectProperty(resource.PropertyMap{
		"password": resource.MakeSecret(resource.NewStringProperty("hush-hush")),
		"line":     resource.NewStringProperty("--password=hush-hush"),
		"list":     resource.NewArrayProperty([]resource.PropertyValue{resource.NewNumberProperty(2)}),
	})
	redactor := &object.Redactor{}
	redactor.Learn(inputs)
	record, err := Record(inputs, 3, redactor.Redact)
	if err != nil {
		t.Fatal(err)
	}
	data := record["data"].ObjectValue()
	want := "line: --password=[secret]\nlist:\n- 2\npassword: '[secret]'\n"
	if got := data["values"].StringValue(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if data["revision"].StringValue() != "3" || data["chart"].StringValue() != "proxy" {
		t.Errorf("got %v", data)
	}
}

func TestWhatTheRecordSaysComesBack(t *testing.T) {
	inputs := release(m{})
	record, err := Record(release(m{"version": "1.2.4"}), 2, strings.Clone)
	if err != nil {
		t.Fatal(err)
	}
	live, err := object.FromProperties(record)
	if err != nil {
		t.Fatal(err)
	}
	now, revision := Drifted(inputs, live)
	if version, _ := object.Text(now, "version"); version != "1.2.4" || revision != 2 {
		t.Errorf("got %q %d", version, revision)
	}
	outputs := Outputs(now, revision)
	if Revision(outputs) != 2 || Installed(outputs) {
		t.Errorf("got %v", outputs["status"])
	}
	deployed := resource.NewPropertyMapFromMap(m{"status": m{"status": "deployed", "revision": 1}})
	if !Installed(deployed) {
		t.Error("what Helm deployed is taken for a record")
	}
}

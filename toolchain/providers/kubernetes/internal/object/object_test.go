package object

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type m = map[string]any

func props(content m) resource.PropertyMap { return resource.NewPropertyMapFromMap(content) }

func secret(text string) resource.PropertyValue {
	return resource.MakeSecret(resource.NewStringProperty(text))
}

func TestObjectsAreMadeOfInputs(t *testing.T) {
	inputs := props(m{
		"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"},
		"data": m{"x": "eA=="}, "__internal": "no",
	})
	inputs["stringData"] = resource.MakeSecret(resource.NewObjectProperty(props(m{"y": "why"})))
	u, err := FromProperties(inputs)
	if err != nil {
		t.Fatal(err)
	}
	want := m{
		"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"},
		"data": m{"x": "eA==", "y": base64.StdEncoding.EncodeToString([]byte("why"))},
	}
	if !reflect.DeepEqual(u.Object, want) {
		t.Errorf("got %v, want %v", u.Object, want)
	}
}

func TestNumbersKeepTheirKind(t *testing.T) {
	u, err := FromProperties(props(m{"spec": m{"replicas": 3.0, "ratio": 0.5}}))
	if err != nil {
		t.Fatal(err)
	}
	want := m{"spec": m{"replicas": int64(3), "ratio": 0.5}}
	if !reflect.DeepEqual(u.Object, want) {
		t.Errorf("got %#v, want %#v", u.Object, want)
	}
}

func TestUnknownInputsMakeNoObject(t *testing.T) {
	inputs := resource.PropertyMap{"spec": resource.MakeComputed(resource.NewStringProperty(""))}
	if _, err := FromProperties(inputs); err == nil {
		t.Error("got an object, want an error")
	}
}

func TestIDs(t *testing.T) {
	cases := []struct {
		id, namespace, name string
		bad                 bool
	}{
		{id: "ns/a", namespace: "ns", name: "a"},
		{id: "a", name: "a"},
		{id: "a/b/c", bad: true},
		{id: "/a", bad: true},
		{id: "", bad: true},
	}
	for _, c := range cases {
		namespace, name, err := ParseID(c.id)
		if (err != nil) != c.bad || namespace != c.namespace || name != c.name {
			t.Errorf("%q: got %q %q %v", c.id, namespace, name, err)
		}
		if !c.bad && FormatID(namespace, name) != c.id {
			t.Errorf("%q: got %q back", c.id, FormatID(namespace, name))
		}
	}
}

func TestTokens(t *testing.T) {
	cases := map[string]schema.GroupVersionKind{
		"kubernetes:core/v1:ConfigMap":                        {Version: "v1", Kind: "ConfigMap"},
		"kubernetes:v1:ConfigMap":                             {Version: "v1", Kind: "ConfigMap"},
		"kubernetes:apps/v1:Deployment":                       {Group: "apps", Version: "v1", Kind: "Deployment"},
		"kubernetes:traefik.io/v1alpha1:IngressRoute":         {Group: "traefik.io", Version: "v1alpha1", Kind: "IngressRoute"},
		"kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": {Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"},
	}
	for token, want := range cases {
		if got, err := ParseToken(token); err != nil || got != want {
			t.Errorf("%s: got %v %v", token, got, err)
		}
	}
	if _, err := ParseToken("aws:s3:Bucket"); err == nil {
		t.Error("another provider's token was taken")
	}
	if !IsPatch("kubernetes:apps/v1:DeploymentPatch", "Deployment") || IsPatch("kubernetes:x/v1:FooPatch", "FooPatch") {
		t.Error("patches are not told from kinds whose name ends in Patch")
	}
}

func TestAutonaming(t *testing.T) {
	named := props(m{"metadata": m{"name": "mine"}})
	bare := props(m{"metadata": m{"labels": m{"a": "b"}}})
	old := props(m{"metadata": m{"name": "old-12345678", "annotations": m{AutonamedAnnotation: "true"}}})
	users := props(m{"metadata": m{"name": "by-hand"}})
	option := func(mode pulumirpc.CheckRequest_AutonamingOptions_Mode, name string) *pulumirpc.CheckRequest_AutonamingOptions {
		return &pulumirpc.CheckRequest_AutonamingOptions{Mode: mode, ProposedName: name}
	}
	cases := []struct {
		title        string
		inputs, olds resource.PropertyMap
		options      *pulumirpc.CheckRequest_AutonamingOptions
		want, prefix string
	}{
		{title: "a given name stays", inputs: named, olds: old, want: "mine"},
		{title: "a made name is kept", inputs: bare, olds: old, want: "old-12345678"},
		{title: "a user's old name is not taken for made", inputs: bare, olds: users, prefix: "big-thing-"},
		{title: "a new name follows the resource's", inputs: bare, prefix: "big-thing-"},
		{
			title: "the engine's proposal is taken", inputs: bare,
			options: option(pulumirpc.CheckRequest_AutonamingOptions_ENFORCE, "given"), want: "given",
		},
	}
	for _, c := range cases {
		got, err := Autoname(c.inputs, c.olds, "Big_Thing", []byte("seed"), c.options)
		if err != nil {
			t.Fatalf("%s: %v", c.title, err)
		}
		name, _ := Text(Metadata(got), "name")
		if c.want != "" && name != c.want {
			t.Errorf("%s: got %q", c.title, name)
		}
		if c.prefix != "" && (!strings.HasPrefix(name, c.prefix) || !IsAutonamed(got)) {
			t.Errorf("%s: got %q", c.title, name)
		}
	}
	one, _ := Autoname(bare, nil, "a", []byte("1"), nil)
	same, _ := Autoname(bare, nil, "a", []byte("1"), nil)
	other, _ := Autoname(bare, nil, "a", []byte("2"), nil)
	if !one.DeepEquals(same) || one.DeepEquals(other) {
		t.Error("names do not follow from the seed")
	}
	disabled := option(pulumirpc.CheckRequest_AutonamingOptions_DISABLE, "")
	if _, err := Autoname(bare, nil, "a", nil, disabled); err == nil {
		t.Error("a name was made although autonaming is off")
	}
	long, err := Autoname(bare, nil, strings.Repeat("x", 200), nil, nil)
	if name, _ := Text(Metadata(long), "name"); err != nil || len(name) > 63 {
		t.Errorf("got %q %v", name, err)
	}
}

func TestNamesThatKubernetesRefuses(t *testing.T) {
	cases := []struct {
		gk   schema.GroupKind
		name string
		ok   bool
	}{
		{schema.GroupKind{Kind: "ConfigMap"}, "a.b-c", true},
		{schema.GroupKind{Kind: "ConfigMap"}, "A", false},
		{schema.GroupKind{Kind: "Namespace"}, "a.b", false},
		{schema.GroupKind{Kind: "Service"}, "1a", false},
		{schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}, "system:thing", true},
		{schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"}, "a/b", false},
	}
	for _, c := range cases {
		if problem := CheckName(c.gk, c.name); (problem == "") != c.ok {
			t.Errorf("%s %q: got %q", c.gk, c.name, problem)
		}
	}
}

func TestSecretsStaySecretAtTheirPlace(t *testing.T) {
	inputs := props(m{"spec": m{"open": "a", "list": []any{m{"v": "x"}, m{"v": "y"}}}})
	spec := inputs["spec"].ObjectValue()
	spec["hidden"] = secret("b")
	spec["list"].ArrayValue()[1].ObjectValue()["v"] = secret("y")
	same := props(m{"spec": m{"open": "a", "hidden": "b", "list": []any{m{"v": "x"}, m{"v": "y"}}}})
	got := MarkSecrets(same, inputs)["spec"].ObjectValue()
	if got["open"].ContainsSecrets() || !got["hidden"].IsSecret() {
		t.Errorf("got %v", got)
	}
	list := got["list"].ArrayValue()
	if list[0].ContainsSecrets() || !list[1].ObjectValue()["v"].IsSecret() {
		t.Errorf("got %v", list)
	}
	longer := props(m{"spec": m{"list": []any{m{"v": "?"}, m{"v": "x"}, m{"v": "y"}}}})
	if !MarkSecrets(longer, inputs)["spec"].ObjectValue()["list"].IsSecret() {
		t.Error("a list that the server changed has to be secret as a whole")
	}
}

func TestRedaction(t *testing.T) {
	var r Redactor
	r.Learn(resource.PropertyMap{
		"a": secret("open-sesame"), "b": secret(base64.StdEncoding.EncodeToString([]byte("inner"))),
		"c": resource.NewStringProperty("public"), "d": secret("no"),
	})
	encoded := base64.StdEncoding.EncodeToString([]byte("open-sesame"))
	got := r.Redact("open-sesame " + encoded + " inner public no")
	if got != "[secret] [secret] [secret] public no" {
		t.Errorf("got %q", got)
	}
}

package object

import (
	"reflect"
	"sort"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func paths(changes map[string]plugin.PropertyDiff) []string {
	out := []string{}
	for path := range changes {
		out = append(out, path)
	}
	sort.Strings(out)
	return out
}

func TestChanges(t *testing.T) {
	base := m{"apiVersion": "v1", "kind": "Secret", "metadata": m{"name": "a"}}
	with := func(extra m) resource.PropertyMap {
		content := m{}
		for _, part := range []m{base, extra} {
			for key, value := range part {
				content[key] = value
			}
		}
		return props(content)
	}
	wrapped := with(m{})
	wrapped["data"] = resource.MakeSecret(resource.NewObjectProperty(props(m{"x": "eA=="})))
	cases := []struct {
		title      string
		olds, news resource.PropertyMap
		ignored    []string
		want       []string
	}{
		{"equal", with(m{}), with(m{}), nil, []string{}},
		{"secret and plain values compare by content", wrapped, with(m{"data": m{"x": "eA=="}}), nil, []string{}},
		{"text compares as the data it becomes", with(m{"stringData": m{"x": "x"}}), with(m{"data": m{"x": "eA=="}}), nil, []string{}},
		{"changed", with(m{"data": m{"x": "eA=="}}), with(m{"data": m{"x": "eQ=="}}), nil, []string{"data.x"}},
		{"ignored", with(m{"data": m{"x": "eA=="}}), with(m{"data": m{"x": "eQ=="}}), []string{"data"}, []string{}},
		{"internal keys", with(m{"__a": "1"}), with(m{"__a": "2"}), nil, []string{}},
	}
	for _, c := range cases {
		if got := paths(Changes(c.olds, c.news, c.ignored)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.title, got, c.want)
		}
	}
}

func TestReplacements(t *testing.T) {
	object := func(version, kind string, rest m) resource.PropertyMap {
		content := m{"apiVersion": version, "kind": kind, "metadata": m{"name": "a", "namespace": "b"}}
		for key, value := range rest {
			content[key] = value
		}
		return props(content)
	}
	spec := func(content m) m { return m{"spec": content} }
	cases := []struct {
		title      string
		olds, news resource.PropertyMap
		mutability Mutability
		want       []string
	}{
		{
			"a new selector", object("apps/v1", "Deployment", spec(m{"selector": m{"matchLabels": m{"a": "1"}}})),
			object("apps/v1", "Deployment", spec(m{"selector": m{"matchLabels": m{"a": "2"}}})), Mutability{},
			[]string{"spec.selector.matchLabels.a"},
		},
		{
			"more replicas", object("apps/v1", "Deployment", spec(m{"replicas": 1.0})),
			object("apps/v1", "Deployment", spec(m{"replicas": 2.0})), Mutability{}, []string{},
		},
		{
			"a new API version of the same group", object("autoscaling/v1", "HorizontalPodAutoscaler", nil),
			object("autoscaling/v2", "HorizontalPodAutoscaler", nil), Mutability{}, []string{},
		},
		{
			"another group", object("extensions/v1", "Ingress", nil), object("networking.k8s.io/v1", "Ingress", nil),
			Mutability{}, []string{"apiVersion"},
		},
		{
			"config data", object("v1", "ConfigMap", m{"data": m{"a": "1"}}),
			object("v1", "ConfigMap", m{"data": m{"a": "2"}}), Mutability{}, []string{"data.a"},
		},
		{
			"mutable config data", object("v1", "ConfigMap", m{"data": m{"a": "1"}}),
			object("v1", "ConfigMap", m{"data": m{"a": "2"}}), Mutability{ConfigMap: true}, []string{},
		},
		{
			"immutable secret data", object("v1", "Secret", m{"immutable": true, "data": m{"a": "MQ=="}}),
			object("v1", "Secret", m{"immutable": true, "data": m{"a": "Mg=="}}), Mutability{Secret: true},
			[]string{"data.a"},
		},
		{
			"a job's template", object("batch/v1", "Job", spec(m{"template": m{"a": "1"}})),
			object("batch/v1", "Job", spec(m{"template": m{"a": "2"}})), Mutability{}, []string{"spec.template.a"},
		},
		{
			"a larger claim", object("v1", "PersistentVolumeClaim", spec(m{"resources": m{"requests": m{"storage": "1Gi"}}})),
			object("v1", "PersistentVolumeClaim", spec(m{"resources": m{"requests": m{"storage": "2Gi"}}})), Mutability{},
			[]string{},
		},
		{
			"another role", object("rbac.authorization.k8s.io/v1", "RoleBinding", m{"roleRef": m{"name": "a"}}),
			object("rbac.authorization.k8s.io/v1", "RoleBinding", m{"roleRef": m{"name": "b"}}), Mutability{},
			[]string{"roleRef.name"},
		},
	}
	for _, c := range cases {
		changes := Changes(c.olds, c.news, nil)
		got := Replacing(changes, ImmutableFields(c.olds, c.news, c.mutability), nil)
		if !reflect.DeepEqual(got, c.want) || AnyReplace(changes) != (len(c.want) > 0) {
			t.Errorf("%s: got %v, want %v", c.title, got, c.want)
		}
	}
}

func TestTheServersRefusalIsReadByItsWords(t *testing.T) {
	cause := func(field, message string) metav1.StatusCause {
		return metav1.StatusCause{Field: field, Message: message}
	}
	cases := []struct {
		title string
		cause metav1.StatusCause
		want  []string
	}{
		{"a selector", cause("spec.selector", "Invalid value: {}: field is immutable"), []string{"spec.selector"}},
		{"a cluster IP", cause("spec.clusterIPs[0]", `Invalid value: ["x"]: may not change once set`), []string{"spec.clusterIPs[0]"}},
		{"a stateful set", cause("spec", "Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden"), []string{"spec"}},
		{"a claim that would shrink", cause("spec.resources.requests.storage", "Forbidden: field can not be less than previous value"), nil},
		{"a wrong port", cause("spec.ports[0].port", "Invalid value: 99999: must be between 1 and 65535"), nil},
	}
	for _, c := range cases {
		status := metav1.Status{
			Reason: metav1.StatusReasonInvalid, Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{c.cause}},
		}
		if got := RefusedAsImmutable(status); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.title, got, c.want)
		}
	}
}

func TestTheRefusedFieldNeedNotBeAmongTheChanges(t *testing.T) {
	changes := map[string]plugin.PropertyDiff{"spec.a": {Kind: plugin.DiffUpdate}}
	if got := Replacing(changes, nil, []string{"spec.b"}); !reflect.DeepEqual(got, []string{"spec.b"}) {
		t.Errorf("got %v", got)
	}
	below := map[string]plugin.PropertyDiff{"spec": {Kind: plugin.DiffAdd}}
	if got := Replacing(below, nil, []string{"spec.b"}); !reflect.DeepEqual(got, []string{"spec"}) {
		t.Errorf("got %v", got)
	}
}

func TestDeletionBeforeReplacement(t *testing.T) {
	object := func(name, namespace, autonamed string) resource.PropertyMap {
		return props(m{"apiVersion": "v1", "kind": "ConfigMap", "metadata": m{
			"name": name, "namespace": namespace, "annotations": m{AutonamedAnnotation: autonamed},
		}})
	}
	cases := []struct {
		title      string
		olds, news resource.PropertyMap
		want       bool
	}{
		{"the same name", object("a", "n", ""), object("a", "n", ""), true},
		{"another name", object("a", "n", ""), object("b", "n", ""), false},
		{"another namespace", object("a", "n", ""), object("a", "o", ""), false},
		{"a made name", object("a", "n", "true"), object("a", "n", "true"), false},
	}
	for _, c := range cases {
		if got := DeletesFirst(c.olds, c.news); got != c.want {
			t.Errorf("%s: got %v", c.title, got)
		}
	}
}

const fieldsOfOthers = `{"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":` +
	`{"k:{\"name\":\"sidecar\"}":{"f:image":{}}}}}}}`

func live() *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: m{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": m{"name": "a"},
		"spec": m{
			"replicas": int64(5), "paused": true,
			"template": m{"spec": m{"containers": []any{
				m{"name": "app", "image": "app:2"}, m{"name": "sidecar", "image": "sidecar:2"},
			}}},
		},
	}}
	u.SetManagedFields([]metav1.ManagedFieldsEntry{
		{Manager: "us", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:spec":{"f:paused":{}}}`)}},
		{Manager: "hpa", Operation: metav1.ManagedFieldsOperationUpdate, FieldsV1: &metav1.FieldsV1{Raw: []byte(fieldsOfOthers)}},
	})
	return u
}

func TestIgnoredFields(t *testing.T) {
	wanted := &unstructured.Unstructured{Object: m{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": m{"name": "a"},
		"spec": m{
			"replicas": int64(1), "paused": false,
			"template": m{"spec": m{"containers": []any{
				m{"name": "app", "image": "app:1"}, m{"name": "sidecar", "image": "sidecar:1"},
			}}},
		},
	}}
	ignored := []string{"spec.replicas", "spec.paused", "spec.template.spec.containers[*].image", "metadata.name"}
	got := LeaveIgnored(wanted, live(), ignored, "us").Object["spec"]
	want := m{
		// replicas is another's: left out; paused is ours alone: as it is live.
		"paused": true,
		"template": m{"spec": m{"containers": []any{
			m{"name": "app", "image": "app:2"}, m{"name": "sidecar"},
		}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDrift(t *testing.T) {
	inputs := props(m{"apiVersion": "v1", "kind": "ResourceQuota", "spec": m{
		"memory": "1024Mi", "pods": "5", "gone": "x", "list": []any{m{"a": "1"}},
	}})
	applied := &unstructured.Unstructured{Object: m{"kind": "ResourceQuota", "spec": m{
		"memory": "1Gi", "pods": "5", "gone": "x", "list": []any{m{"a": "1", "default": "d"}},
	}}}
	now := &unstructured.Unstructured{Object: m{"kind": "ResourceQuota", "spec": m{
		"memory": "1Gi", "pods": "7", "list": []any{m{"a": "2", "default": "d"}},
	}}}
	got := Drifted(inputs, applied, now).Mappable()["spec"]
	want := m{"memory": "1024Mi", "pods": "7", "list": []any{m{"a": "2"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

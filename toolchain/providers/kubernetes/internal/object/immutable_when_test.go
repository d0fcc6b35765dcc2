package object

import (
	"reflect"
	"testing"
)

func TestWhatCannotChangeUnderACondition(t *testing.T) {
	pod := func(image, command string, more m) m {
		spec := m{"containers": []any{m{"name": "a", "image": image, "command": []any{command}}}}
		for key, value := range more {
			spec[key] = value
		}
		return spec
	}
	affinity := m{"required": m{"nodeSelectorTerms": []any{}}}
	cases := []struct {
		title, version, kind string
		olds, news           m
		want                 []string
	}{
		{"completions", "batch/v1", "Job", m{"completions": 1.0}, m{"completions": 2.0}, []string{"spec.completions"}},
		{
			"completions of an indexed job", "batch/v1", "Job", m{"completions": 1.0, "completionMode": "Indexed"},
			m{"completions": 2.0, "completionMode": "Indexed"}, []string{},
		},
		{
			"where a volume is kept", "v1", "PersistentVolume", m{"nfs": m{"path": "/a"}}, m{"nfs": m{"path": "/b"}},
			[]string{"spec.nfs.path"},
		},
		{"a first affinity", "v1", "PersistentVolume", m{}, m{"nodeAffinity": affinity}, []string{}},
		{
			"another affinity", "v1", "PersistentVolume", m{"nodeAffinity": affinity}, m{}, []string{"spec.nodeAffinity"},
		},
		{"a pod's image", "v1", "Pod", pod("a", "run", nil), pod("b", "run", nil), []string{}},
		{
			"a pod's command", "v1", "Pod", pod("a", "run", nil), pod("a", "sit", nil),
			[]string{"spec.containers[0].command[0]"},
		},
		{
			"one container less", "v1", "Pod", m{"containers": []any{m{"name": "a"}, m{"name": "b"}}},
			m{"containers": []any{m{"name": "a"}}}, []string{"spec.containers[1]"},
		},
		{
			"a pod's node", "v1", "Pod", pod("a", "run", m{"nodeName": "x"}), pod("a", "run", m{"nodeName": "y"}),
			[]string{"spec.nodeName"},
		},
		{
			"one toleration more", "v1", "Pod", pod("a", "run", nil),
			pod("a", "run", m{"tolerations": []any{m{"operator": "Exists"}}}), []string{},
		},
		{
			"the first family", "v1", "Service", m{"ipFamilies": []any{"IPv4"}}, m{"ipFamilies": []any{"IPv6"}},
			[]string{"spec.ipFamilies[0]"},
		},
		{
			"a second family", "v1", "Service", m{"ipFamilies": []any{"IPv4"}},
			m{"ipFamilies": []any{"IPv4", "IPv6"}}, []string{},
		},
		{
			"the family of what has no address", "v1", "Service", m{"clusterIP": "None", "ipFamilies": []any{"IPv4"}},
			m{"clusterIP": "None", "ipFamilies": []any{"IPv6"}}, []string{},
		},
		{
			"another class of balancer", "v1", "Service", m{"type": "LoadBalancer", "loadBalancerClass": "a"},
			m{"type": "LoadBalancer", "loadBalancerClass": "b"}, []string{"spec.loadBalancerClass"},
		},
		{
			"no balancer any more", "v1", "Service", m{"type": "LoadBalancer", "loadBalancerClass": "a"},
			m{"type": "ClusterIP"}, []string{},
		},
		{
			"no longer in the cluster", "v1", "Service", m{"ipFamilies": []any{"IPv4"}},
			m{"type": "ExternalName"}, []string{},
		},
	}
	for _, c := range cases {
		olds := props(m{"apiVersion": c.version, "kind": c.kind, "spec": c.olds})
		news := props(m{"apiVersion": c.version, "kind": c.kind, "spec": c.news})
		got := Replacing(Changes(olds, news, nil), ImmutableFields(olds, news, Mutability{}), nil)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.title, got, c.want)
		}
	}
}

package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

type m = map[string]any

const kubeconfig = `
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: one, cluster: {server: "https://one:6443"}}
- {name: two, cluster: {server: "https://two:6443"}}
contexts:
- {name: one, context: {cluster: one, user: u, namespace: team}}
- {name: two, context: {cluster: two, user: u}}
- {name: uno, context: {cluster: one, user: u}}
users:
- {name: u, user: {token: t}}
`

func settings(t *testing.T, content m) Settings {
	t.Helper()
	s, err := ReadSettings(resource.NewPropertyMapFromMap(content))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettingsArriveAsTextOrAsValues(t *testing.T) {
	s := settings(t, m{
		"enablePatchForce": "true", "suppressDeprecationWarnings": true, "context": "one",
		"kubeClientSettings": `{"qps": 5, "burst": 10, "timeout": 7}`,
	})
	if !s.PatchForce || !s.SuppressDeprecationWarnings || s.Context != "one" || s.Client.Burst != 10 ||
		s.Client.RequestTimeout().Seconds() != 7 {
		t.Errorf("got %+v", s)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	cases := map[string]m{
		"enableServerSideApply is false":      {"enableServerSideApply": "false"},
		"renderYamlToDirectory":               {"renderYamlToDirectory": "out"},
		`enablePatchForce is "maybe"`:         {"enablePatchForce": "maybe"},
		"kubeClientSettings is not an object": {"kubeClientSettings": "fast"},
	}
	for want, content := range cases {
		if _, err := ReadSettings(resource.NewPropertyMapFromMap(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTheTargetIsFoundInAFileOrInText(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{file, kubeconfig} {
		target, err := settings(t, m{"kubeconfig": source}).Target()
		if err != nil || target.Server != "https://one:6443" || target.Namespace != "team" {
			t.Errorf("got %+v %v", target, err)
		}
		target, err = settings(t, m{"kubeconfig": source, "context": "two", "namespace": "mine"}).Target()
		if err != nil || target.Server != "https://two:6443" || target.Namespace != "mine" {
			t.Errorf("got %+v %v", target, err)
		}
		_, err = settings(t, m{"kubeconfig": source, "context": "three"}).Target()
		if err == nil || !strings.Contains(err.Error(), `no context "three"; it has: one, two, uno`) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := settings(t, m{"kubeconfig": "/nowhere/config"}).Target(); err == nil {
		t.Error("a file that is not there was taken")
	}
}

func TestOnlyAnotherClusterReplacesTheProvider(t *testing.T) {
	base := m{"kubeconfig": kubeconfig, "context": "one"}
	with := func(key, value string) m {
		content := m{key: value}
		for k, v := range base {
			if _, set := content[k]; !set {
				content[k] = v
			}
		}
		return content
	}
	other := strings.ReplaceAll(kubeconfig, "https://one:6443", "https://moved:6443")
	cases := []struct {
		title string
		news  m
		want  string
	}{
		{"nothing", base, ""},
		{"another context", with("context", "two"), "context"},
		{"another name for the same cluster", with("context", "uno"), ""},
		{"a context that cannot be resolved", with("context", "three"), "context"},
		{"a kubeconfig with another server", with("kubeconfig", other), "kubeconfig"},
		{"a kubeconfig with other credentials", with("kubeconfig", strings.Replace(kubeconfig, "token: t", "token: x", 1)), ""},
		{"an identifier", with("clusterIdentifier", "c"), "clusterIdentifier"},
	}
	for _, c := range cases {
		if got, _ := Moved(settings(t, base), settings(t, c.news)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.title, got, c.want)
		}
	}
	kept := settings(t, m{"kubeconfig": kubeconfig, "context": "two", "clusterIdentifier": "c"})
	was := settings(t, with("clusterIdentifier", "c"))
	if got, _ := Moved(was, kept); got != "" {
		t.Errorf("the identifier did not decide: got %q", got)
	}
}

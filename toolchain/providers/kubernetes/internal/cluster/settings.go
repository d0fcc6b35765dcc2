// Package cluster connects the provider to one Kubernetes API server.
package cluster

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Settings is the provider's configuration under its official property names.
type Settings struct {
	Kubeconfig                  string
	Context                     string
	Cluster                     string
	Namespace                   string
	ClusterIdentifier           string
	PatchForce                  bool
	SuppressDeprecationWarnings bool
	DeleteUnreachable           bool
	SkipUpdateUnreachable       bool
	UpsertExisting              bool
	Mutability                  object.Mutability
	Client                      ClientSettings
}

// ClientSettings tunes the REST client; zero values mean no limit of the client's own.
type ClientSettings struct {
	Burst   int     `json:"burst"`
	QPS     float64 `json:"qps"`
	Timeout int     `json:"timeout"`
}

// unsupported names the options that only the official provider has, with what to do instead.
var unsupported = map[resource.PropertyKey]string{
	"renderYamlToDirectory": "rendering manifests is not supported by this provider: leave the option out",
	"alwaysRender":          "rendering manifests is not supported by this provider: leave the option out",
}

// ReadSettings takes the configuration apart. Booleans and objects arrive as JSON in strings. A value
// that is not known yet is refused: it must never pass for one that was not given, because then the
// ambient kubeconfig would be used in its place.
func ReadSettings(props resource.PropertyMap) (Settings, error) {
	for _, key := range props.StableKeys() {
		if props[key].ContainsUnknowns() {
			return Settings{}, fmt.Errorf("%s is not known yet", key)
		}
	}
	if given, ok := props["kubeconfig"]; ok && !object.Plain(given).IsNull() && strings.TrimSpace(text(given)) == "" {
		return Settings{}, fmt.Errorf("kubeconfig is given and empty: give the contents or the path of one, " +
			"or leave it out (and unset $KUBECONFIG if that is empty) to use the ambient one")
	}
	for key, remedy := range unsupported {
		if value, ok := props[key]; ok && text(value) != "" && text(value) != "false" {
			return Settings{}, fmt.Errorf("%s: %s", key, remedy)
		}
	}
	r := reader{props: props}
	if !r.flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true) {
		return Settings{}, fmt.Errorf(
			"enableServerSideApply is false: this provider always applies on the server; leave the option out")
	}
	s := Settings{
		Kubeconfig:                  r.text("kubeconfig"),
		Context:                     r.text("context"),
		Cluster:                     r.text("cluster"),
		Namespace:                   r.text("namespace"),
		ClusterIdentifier:           r.text("clusterIdentifier"),
		PatchForce:                  r.flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", false),
		SuppressDeprecationWarnings: r.flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS", false),
		DeleteUnreachable:           r.flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", false),
		SkipUpdateUnreachable:       r.flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", false),
		UpsertExisting:              r.flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS", false),
		Mutability: object.Mutability{
			ConfigMap: r.flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", false),
			Secret:    r.flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", false),
		},
	}
	if raw := r.text("kubeClientSettings"); raw != "" {
		if err := json.Unmarshal([]byte(raw), &s.Client); err != nil {
			r.problems = append(r.problems, fmt.Sprintf("kubeClientSettings is not an object of numbers: %v", err))
		}
	}
	if len(r.problems) > 0 {
		return Settings{}, fmt.Errorf("%s", strings.Join(r.problems, "; "))
	}
	return s, nil
}

// Timeout is how long one request may take; watches are not bound by it.
func (c ClientSettings) RequestTimeout() time.Duration {
	if c.Timeout > 0 {
		return time.Duration(c.Timeout) * time.Second
	}
	return 60 * time.Second
}

type reader struct {
	props    resource.PropertyMap
	problems []string
}

func (r *reader) text(key resource.PropertyKey) string { return text(r.props[key]) }

func (r *reader) flag(key resource.PropertyKey, variable string, fallback bool) bool {
	raw := r.text(key)
	if raw == "" {
		raw = os.Getenv(variable)
	}
	if raw == "" {
		return fallback
	}
	value, err := strconv.ParseBool(raw)
	if err != nil {
		r.problems = append(r.problems, fmt.Sprintf("%s is %q, not true or false", key, raw))
	}
	return value
}

// text gives a property as it would look in the configuration: strings bare, all else as JSON.
func text(value resource.PropertyValue) string {
	value = object.Plain(value)
	switch {
	case value.IsNull():
		return ""
	case value.IsString():
		return value.StringValue()
	default:
		encoded, err := json.Marshal(value.Mappable())
		if err != nil {
			return ""
		}
		return string(encoded)
	}
}

// loader gives kubectl's rules for the settings' kubeconfig: a path, the contents, or nothing, which
// means $KUBECONFIG and then ~/.kube/config.
func (s Settings) loader() (clientcmd.ClientConfig, error) {
	overrides := &clientcmd.ConfigOverrides{
		CurrentContext: s.Context,
		Context:        clientcmdapi.Context{Cluster: s.Cluster, Namespace: s.Namespace},
	}
	switch {
	case s.Kubeconfig == "":
		rules := clientcmd.NewDefaultClientConfigLoadingRules()
		return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
	case s.givenAsText():
		config, err := clientcmd.Load([]byte(s.Kubeconfig))
		if err != nil {
			return nil, fmt.Errorf("the kubeconfig given as text cannot be read: %w", err)
		}
		return clientcmd.NewNonInteractiveClientConfig(*config, s.Context, overrides, nil), nil
	default:
		path := expandHome(s.Kubeconfig)
		// The variable may hold several files, as kubectl allows.
		rules := &clientcmd.ClientConfigLoadingRules{Precedence: strings.Split(path, string(os.PathListSeparator))}
		if len(rules.Precedence) == 1 {
			if _, err := os.Stat(path); err != nil {
				return nil, fmt.Errorf("kubeconfig %s cannot be read: %w", path, err)
			}
			rules = &clientcmd.ClientConfigLoadingRules{ExplicitPath: path}
		}
		return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides), nil
	}
}

// givenAsText tells whether the kubeconfig is its contents, such as those made from another resource.
func (s Settings) givenAsText() bool {
	return strings.ContainsAny(s.Kubeconfig, "\n{") || strings.Contains(s.Kubeconfig, "apiVersion:")
}

func expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + "/" + rest
		}
	}
	return path
}

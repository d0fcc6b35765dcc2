package cluster

import (
	"fmt"
	"os"
	"sort"
	"strings"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Target is the cluster that the settings lead to.
type Target struct {
	Context   string
	Server    string
	CA        string
	Namespace string
	// GivenAsText: the context is that of a kubeconfig in the program, which kubectl does not know.
	GivenAsText bool
}

// Target resolves the context. The message names the contexts there are, if it is not among them.
func (s Settings) Target() (Target, error) {
	loader, err := s.loader()
	if err != nil {
		return Target{}, err
	}
	raw, err := loader.RawConfig()
	if err != nil {
		return Target{}, fmt.Errorf("the kubeconfig cannot be read: %w", err)
	}
	name := s.Context
	if name == "" {
		name = raw.CurrentContext
	}
	context, ok := raw.Contexts[name]
	if !ok && (s.Context != "" || len(raw.Contexts) > 0) {
		return Target{}, fmt.Errorf(
			"the kubeconfig has no context %q; it has: %s. Set kubernetes:context to one of them",
			name, orNone(contextNames(raw)))
	}
	rest, err := loader.ClientConfig()
	if err != nil {
		return Target{}, fmt.Errorf("context %q cannot be used: %w", name, err)
	}
	target := Target{Context: name, Server: rest.Host, CA: string(rest.CAData), Namespace: "default",
		GivenAsText: s.givenAsText()}
	if s.Namespace != "" {
		target.Namespace = s.Namespace
	} else if context != nil && context.Namespace != "" {
		target.Namespace = context.Namespace
	}
	if target.CA == "" && rest.CAFile != "" {
		if content, err := os.ReadFile(rest.CAFile); err == nil {
			target.CA = string(content)
		}
	}
	return target, nil
}

func contextNames(config clientcmdapi.Config) []string {
	names := make([]string, 0, len(config.Contexts))
	for name := range config.Contexts {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Moved says why the new settings lead to another cluster, so that everything in the old one has to
// be replaced; "" where they lead to the same.
func Moved(olds, news Settings) (property, reason string) {
	if olds.ClusterIdentifier != "" || news.ClusterIdentifier != "" {
		if olds.ClusterIdentifier != news.ClusterIdentifier {
			return "clusterIdentifier", "the cluster's identifier changed"
		}
		return "", ""
	}
	if olds.Context == news.Context && olds.Cluster == news.Cluster && olds.Kubeconfig == news.Kubeconfig {
		return "", ""
	}
	property = "kubeconfig"
	if olds.Cluster != news.Cluster {
		property = "cluster"
	}
	if olds.Context != news.Context {
		property = "context"
	}
	was, oldErr := olds.Target()
	is, newErr := news.Target()
	switch {
	case oldErr == nil && newErr == nil && was.Server == is.Server && was.CA == is.CA:
		return "", ""
	case oldErr == nil && newErr == nil:
		return property, fmt.Sprintf("the API server changed from %s to %s", was.Server, is.Server)
	case property == "context":
		return property, fmt.Sprintf("the context changed from %q to %q", olds.Context, news.Context)
	default:
		return "", ""
	}
}

// Renamed names the property by which the new settings call another cluster; "" where there is none. It
// reads no kubeconfig.
func Renamed(olds, news Settings) (property string) {
	switch {
	case olds.ClusterIdentifier != news.ClusterIdentifier:
		return "clusterIdentifier"
	case news.ClusterIdentifier == "" && olds.Context != news.Context:
		return "context"
	default:
		return ""
	}
}

// Package helm knows the inputs of the SDK's Helm release, and what is kept of one in a rehearsal. It
// holds no Helm: the provider records releases and installs none.
package helm

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"agent-platform/toolchain/providers/kubernetes/internal/object"
)

// Token is the resource's type.
const Token = "kubernetes:helm.sh/v3:Release"

// Helm refuses longer names, so that what charts append still fits into 63 characters.
const longestName = 53

// suffixLength is that of the official provider's made-up names.
const suffixLength = 8

var inputKeys = []string{
	"allowNullValues", "atomic", "chart", "cleanupOnFail", "compat", "createNamespace", "dependencyUpdate",
	"description", "devel", "disableCRDHooks", "disableOpenapiValidation", "disableWebhooks", "forceUpdate",
	"keyring", "lint", "manifest", "maxHistory", "name", "namespace", "postrender", "recreatePods",
	"renderSubchartNotes", "replace", "repositoryOpts", "resetValues", "resourceNames", "reuseValues",
	"skipAwait", "skipCrds", "takeOwnership", "timeout", "values", "verify", "version", "waitForJobs",
}

var repositoryKeys = []string{"caFile", "certFile", "keyFile", "password", "repo", "username"}

// exact is one version and no range, with or without a v: what is installed must not change by itself.
var exact = regexp.MustCompile(`^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// Problem is an input that is refused.
type Problem struct{ Property, Reason string }

// Problems tells what is wrong with the inputs. Values that are not known yet pass.
func Problems(inputs resource.PropertyMap) []Problem {
	plain := object.PlainMap(inputs)
	problems := unknownKeys("", plain, inputKeys)
	problems = append(problems, chartProblems(plain)...)
	if reason := textProblem(plain["version"], exact.MatchString,
		"wanted one version such as 1.2.3: a range or no version at all installs something else one day"); reason != "" {
		problems = append(problems, Problem{"version", reason})
	}
	if name, known := object.Text(plain, "name"); known {
		if reasons := validation.IsDNS1123Subdomain(name); len(reasons) > 0 || len(name) > longestName {
			problems = append(problems, Problem{"name", fmt.Sprintf(
				"got %q, wanted a DNS subdomain of at most %d characters", name, longestName)})
		}
	}
	if namespace, known := object.Text(plain, "namespace"); known {
		if reasons := validation.IsDNS1123Label(namespace); len(reasons) > 0 {
			problems = append(problems, Problem{"namespace", fmt.Sprintf("got %q, wanted a DNS label", namespace)})
		}
	}
	if values, ok := plain["values"]; ok && !values.IsObject() && !values.ContainsUnknowns() {
		problems = append(problems, Problem{"values", "got a " + values.TypeString() + ", wanted a map"})
	}
	return problems
}

func chartProblems(plain resource.PropertyMap) []Problem {
	var problems []Problem
	known := func(text string) bool { return strings.TrimSpace(text) != "" }
	if reason := textProblem(plain["chart"], known, "wanted the chart's name"); reason != "" {
		problems = append(problems, Problem{"chart", reason})
	}
	repository := resource.PropertyMap{}
	if given := plain["repositoryOpts"]; given.IsObject() {
		repository = given.ObjectValue()
	} else if given.ContainsUnknowns() {
		return problems
	}
	problems = append(problems, unknownKeys("repositoryOpts.", repository, repositoryKeys)...)
	if chart, _ := object.Text(plain, "chart"); strings.HasPrefix(chart, "oci://") {
		if _, both := repository["repo"]; both {
			problems = append(problems, Problem{"repositoryOpts.repo", "an oci:// chart names its registry: leave it out"})
		}
		return problems
	}
	secure := func(url string) bool { return strings.HasPrefix(url, "https://") }
	if reason := textProblem(repository["repo"], secure, "wanted the repository's https:// address"); reason != "" {
		problems = append(problems, Problem{"repositoryOpts.repo", reason})
	}
	return problems
}

// textProblem says what is wrong with a text that has to be given, "" if nothing is.
func textProblem(value resource.PropertyValue, good func(string) bool, wanted string) string {
	switch {
	case value.ContainsUnknowns():
		return ""
	case !value.IsString():
		return "got none, " + wanted
	case !good(value.StringValue()):
		return fmt.Sprintf("got %q, %s", value.StringValue(), wanted)
	default:
		return ""
	}
}

func unknownKeys(prefix string, given resource.PropertyMap, taken []string) []Problem {
	var problems []Problem
	for _, key := range given.StableKeys() {
		switch {
		case string(key) == "valueYamlFiles":
			problems = append(problems, Problem{prefix + string(key), "this provider reads no files: give values"})
		case !slices.Contains(taken, string(key)):
			problems = append(problems, Problem{prefix + string(key), "a release has no such input; it has " +
				prefix + strings.Join(taken, ", "+prefix)})
		}
	}
	return problems
}

// Named gives the inputs with a name and a namespace: the given ones, those the release has already, or
// a name that follows from the resource's and the provider's namespace. `namespace` is empty while the
// provider does not know its own.
func Named(
	inputs, olds resource.PropertyMap, name, namespace string, seed []byte,
) (resource.PropertyMap, error) {
	out := inputs.Copy()
	if !given(out, "namespace") && namespace != "" {
		out["namespace"] = resource.NewStringProperty(namespace)
	}
	if given(out, "name") {
		return out, nil
	}
	if old, known := object.Text(olds, "name"); known {
		out["name"] = resource.NewStringProperty(old)
		return out, nil
	}
	if longest := longestName - suffixLength - 1; len(name) > longest {
		name = strings.TrimRight(name[:longest], "-.")
	}
	made, err := resource.NewUniqueName(seed, strings.ToLower(name)+"-", suffixLength, longestName, nil)
	if err != nil {
		return nil, fmt.Errorf("no name could be made for %q: %w", name, err)
	}
	out["name"] = resource.NewStringProperty(made)
	return out, nil
}

func given(props resource.PropertyMap, key resource.PropertyKey) bool {
	value, ok := props[key]
	return ok && !value.IsNull()
}

// Source names what is installed, for messages: `traefik-crds 1.2.3 from https://…`.
func Source(inputs resource.PropertyMap) string {
	chart, _ := object.Text(inputs, "chart")
	version, _ := object.Text(inputs, "version")
	source := chart + " " + version
	if repository := object.Plain(inputs["repositoryOpts"]); repository.IsObject() {
		if repo, known := object.Text(repository.ObjectValue(), "repo"); known {
			source += " from " + repo
		}
	}
	return source
}

// Replacing lists the inputs whose change makes another release.
func Replacing() []string { return []string{"name", "namespace"} }

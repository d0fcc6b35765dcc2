package object

import (
	"encoding/base64"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Changes gives what differs between two sets of inputs, by property path. Secrets compare by content,
// `stringData` of a Secret compares as the `data` it becomes. Paths under ignored ones are left out.
func Changes(olds, news resource.PropertyMap, ignored []string) map[string]plugin.PropertyDiff {
	oldPlain, newPlain := foldSecret(PlainMap(olds)), foldSecret(PlainMap(news))
	changes := plugin.NewDetailedDiffFromObjectDiff(oldPlain.Diff(newPlain), true)
	patterns := parsePaths(ignored)
	for path := range changes {
		parsed, err := resource.ParsePropertyPath(path)
		if err == nil && anyContains(patterns, parsed) {
			delete(changes, path)
		}
	}
	return changes
}

func foldSecret(plain resource.PropertyMap) resource.PropertyMap {
	kind, _ := Text(plain, "kind")
	version, _ := Text(plain, "apiVersion")
	text := child(plain, "stringData")
	if kind != "Secret" || version != "v1" || text == nil {
		return plain
	}
	data := copyOf(child(plain, "data"))
	for key, value := range text {
		if value.IsString() {
			encoded := base64.StdEncoding.EncodeToString([]byte(value.StringValue()))
			value = resource.NewStringProperty(encoded)
		}
		data[key] = value
	}
	out := copyOf(plain)
	out["data"] = resource.NewObjectProperty(data)
	delete(out, "stringData")
	return out
}

func parsePaths(texts []string) []resource.PropertyPath {
	paths := make([]resource.PropertyPath, 0, len(texts))
	for _, text := range texts {
		if parsed, err := resource.ParsePropertyPath(text); err == nil {
			paths = append(paths, parsed)
		}
	}
	return paths
}

func anyContains(patterns []resource.PropertyPath, path resource.PropertyPath) bool {
	for _, pattern := range patterns {
		if pattern.Contains(path) {
			return true
		}
	}
	return false
}

// Replacing marks the changes that need a replacement and gives their paths, sorted: what the table
// of immutable fields says, and `refused`, the fields that the API server itself called immutable. A
// refused field that is not among the changes (a default, say) still asks for the replacement.
func Replacing(changes map[string]plugin.PropertyDiff, immutable, refused []string) []string {
	replaced := map[string]bool{}
	for path, change := range changes {
		if under(path, immutable) || under(path, refused) || above(path, refused) {
			changes[path] = change.ToReplace()
			replaced[path] = true
		}
	}
	if len(replaced) == 0 {
		for _, field := range refused {
			replaced[field] = true
			changes[field] = plugin.PropertyDiff{Kind: plugin.DiffUpdateReplace, InputDiff: true}
		}
	}
	paths := make([]string, 0, len(replaced))
	for path := range replaced {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	return paths
}

func under(path string, fields []string) bool {
	for _, field := range fields {
		rest, ok := strings.CutPrefix(path, field)
		if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

func above(path string, fields []string) bool {
	for _, field := range fields {
		if under(field, []string{path}) {
			return true
		}
	}
	return false
}

package object

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// LeaveIgnored gives what to apply when changes to some fields are ignored. A field that another
// manager owns is left out, so that it stays theirs (an autoscaler's replicas). One that only we own
// keeps its live value: left out, it would fall back to its default.
func LeaveIgnored(
	wanted, live *unstructured.Unstructured, ignored []string, manager string,
) *unstructured.Unstructured {
	if live == nil || len(ignored) == 0 {
		return wanted
	}
	out := wanted.DeepCopy()
	var others []map[string]any
	for _, entry := range live.GetManagedFields() {
		if fields := foreignFields(entry, manager); fields != nil {
			others = append(others, fields)
		}
	}
	for _, path := range expand(out.Object, parsePaths(ignored)) {
		if isIdentity(path) {
			continue
		}
		value, found := lookup(live.Object, path)
		switch {
		case !found || ownedByAny(others, live.Object, path):
			remove(out.Object, path)
		default:
			assign(out.Object, path, value)
		}
	}
	return out
}

func foreignFields(entry metav1.ManagedFieldsEntry, manager string) map[string]any {
	ours := entry.Manager == manager && entry.Operation == metav1.ManagedFieldsOperationApply
	if ours || entry.FieldsV1 == nil {
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal(entry.FieldsV1.Raw, &fields); err != nil {
		return nil
	}
	return fields
}

func isIdentity(path resource.PropertyPath) bool {
	switch path.String() {
	case "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace":
		return true
	}
	return false
}

// expand resolves wildcards against the object; the deepest list positions come first, so that
// removing one does not move another.
func expand(content map[string]any, patterns []resource.PropertyPath) []resource.PropertyPath {
	var out []resource.PropertyPath
	for _, pattern := range patterns {
		out = append(out, expandOne(content, pattern, nil)...)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func expandOne(value any, rest, done resource.PropertyPath) []resource.PropertyPath {
	if len(rest) == 0 {
		return []resource.PropertyPath{append(resource.PropertyPath{}, done...)}
	}
	var out []resource.PropertyPath
	visit := func(key, element any) {
		next := append(append(resource.PropertyPath{}, done...), key)
		out = append(out, expandOne(element, rest[1:], next)...)
	}
	switch v := value.(type) {
	case map[string]any:
		for key, element := range v {
			if rest[0] == "*" || rest[0] == key {
				visit(key, element)
			}
		}
	case []any:
		for i, element := range v {
			if rest[0] == "*" || rest[0] == i {
				visit(i, element)
			}
		}
	}
	return out
}

func step(value, key any) (any, bool) {
	switch v := value.(type) {
	case map[string]any:
		if name, ok := key.(string); ok {
			element, found := v[name]
			return element, found
		}
	case []any:
		if i, ok := key.(int); ok && i >= 0 && i < len(v) {
			return v[i], true
		}
	}
	return nil, false
}

func lookup(content map[string]any, path resource.PropertyPath) (any, bool) {
	var value any = content
	for _, key := range path {
		next, found := step(value, key)
		if !found {
			return nil, false
		}
		value = next
	}
	return value, true
}

func assign(content map[string]any, path resource.PropertyPath, value any) {
	parent, found := lookup(content, path[:len(path)-1])
	if !found {
		return
	}
	switch v := parent.(type) {
	case map[string]any:
		v[path[len(path)-1].(string)] = value
	case []any:
		v[path[len(path)-1].(int)] = value
	}
}

func remove(content map[string]any, path resource.PropertyPath) {
	parent, found := lookup(content, path[:len(path)-1])
	if !found {
		return
	}
	switch v := parent.(type) {
	case map[string]any:
		delete(v, path[len(path)-1].(string))
	case []any:
		i := path[len(path)-1].(int)
		assign(content, path[:len(path)-1], append(append([]any{}, v[:i]...), v[i+1:]...))
	}
}

// ownedByAny tells whether a manager's field set holds the path or something below it.
func ownedByAny(sets []map[string]any, content map[string]any, path resource.PropertyPath) bool {
	for _, set := range sets {
		if owns(set, content, path) {
			return true
		}
	}
	return false
}

func owns(set map[string]any, content any, path resource.PropertyPath) bool {
	for _, key := range path {
		element, found := step(content, key)
		if !found {
			return false
		}
		next, found := ownedChild(set, key, element)
		if !found {
			return false
		}
		set, content = next, element
	}
	return true
}

// ownedChild walks one step of the field set's notation: f:<field>, k:{<keys>}, v:<value>, i:<index>.
func ownedChild(set map[string]any, key, element any) (map[string]any, bool) {
	for name, below := range set {
		kind, text, _ := strings.Cut(name, ":")
		matches := false
		switch kind {
		case "f":
			matches = text == key
		case "k":
			matches = hasKeys(element, text)
		case "v":
			encoded, err := json.Marshal(element)
			matches = err == nil && string(encoded) == text
		case "i":
			matches = text == fmt.Sprint(key)
		}
		if matches {
			children, _ := below.(map[string]any)
			return children, true
		}
	}
	return nil, false
}

func hasKeys(element any, encoded string) bool {
	fields, ok := element.(map[string]any)
	var keys map[string]any
	if !ok || json.Unmarshal([]byte(encoded), &keys) != nil {
		return false
	}
	for name, want := range keys {
		if fmt.Sprint(fields[name]) != fmt.Sprint(want) {
			return false
		}
	}
	return true
}

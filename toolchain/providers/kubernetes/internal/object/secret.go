package object

import (
	"encoding/base64"
	"sort"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// MarkSecrets gives the outputs with every value secret that is secret at the same place of the
// inputs. Where a list's length differs from the inputs', the whole list is secret: the API server may
// have put elements in between.
func MarkSecrets(outputs, inputs resource.PropertyMap) resource.PropertyMap {
	marked := make(resource.PropertyMap, len(outputs))
	for key, value := range outputs {
		if input, ok := inputs[key]; ok {
			marked[key] = markSecret(value, input)
		} else {
			marked[key] = value
		}
	}
	return marked
}

func markSecret(output, input resource.PropertyValue) resource.PropertyValue {
	switch {
	case output.IsSecret():
		return output
	case input.IsSecret() || (input.IsOutput() && input.OutputValue().Secret):
		return resource.MakeSecret(output)
	case !input.ContainsSecrets():
		return output
	case input.IsObject() && output.IsObject():
		return resource.NewObjectProperty(MarkSecrets(output.ObjectValue(), input.ObjectValue()))
	case input.IsArray() && output.IsArray():
		ins, outs := input.ArrayValue(), output.ArrayValue()
		if len(ins) != len(outs) {
			return resource.MakeSecret(output)
		}
		items := make([]resource.PropertyValue, len(outs))
		for i := range outs {
			items[i] = markSecret(outs[i], ins[i])
		}
		return resource.NewArrayProperty(items)
	default:
		return resource.MakeSecret(output)
	}
}

// MarkSecretData makes a core Secret's content secret, whether or not the program said so.
func MarkSecretData(props resource.PropertyMap) {
	for _, key := range []resource.PropertyKey{"data", "stringData"} {
		if value, ok := props[key]; ok && !value.IsSecret() {
			props[key] = resource.MakeSecret(value)
		}
	}
}

// shortestRedacted keeps values like "1" or "no" from blanking out half of a message.
const shortestRedacted = 4

// Redactor takes secret values out of text. It knows every secret that came by since the start,
// because an error about one object may quote what came from another.
type Redactor struct {
	mu     sync.RWMutex
	values map[string]struct{}
	sorted []string
}

// Learn remembers the secret texts of the properties, as they are and in base64, either way.
func (r *Redactor) Learn(props resource.PropertyMap) {
	found := map[string]struct{}{}
	for _, value := range props {
		collectSecrets(value, false, found)
	}
	if len(found) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil {
		r.values = map[string]struct{}{}
	}
	for text := range found {
		r.values[text] = struct{}{}
	}
	r.sorted = r.sorted[:0:0]
	for text := range r.values {
		r.sorted = append(r.sorted, text)
	}
	// The longest first, so that a secret that holds another goes as a whole.
	sort.Slice(r.sorted, func(i, j int) bool { return len(r.sorted[i]) > len(r.sorted[j]) })
}

// Redact gives the text with every known secret replaced.
func (r *Redactor) Redact(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, secret := range r.sorted {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return text
}

func collectSecrets(v resource.PropertyValue, secret bool, found map[string]struct{}) {
	switch {
	case v.IsSecret():
		collectSecrets(v.SecretValue().Element, true, found)
	case v.IsOutput():
		collectSecrets(v.OutputValue().Element, secret || v.OutputValue().Secret, found)
	case v.IsObject():
		for _, element := range v.ObjectValue() {
			collectSecrets(element, secret, found)
		}
	case v.IsArray():
		for _, element := range v.ArrayValue() {
			collectSecrets(element, secret, found)
		}
	case v.IsString() && secret:
		collectText(v.StringValue(), found)
	}
}

func collectText(text string, found map[string]struct{}) {
	forms := []string{text, base64.StdEncoding.EncodeToString([]byte(text))}
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		forms = append(forms, string(decoded))
	}
	for _, form := range forms {
		if len(form) >= shortestRedacted {
			found[form] = struct{}{}
		}
	}
}

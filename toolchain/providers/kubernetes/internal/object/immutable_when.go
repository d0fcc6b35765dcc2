package object

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// immutableWhen holds what cannot change under a condition: functions of the old and the new spec.
var immutableWhen = map[schema.GroupKind]func(olds, news resource.PropertyMap) []string{
	{Group: "batch", Kind: "Job"}: func(_, news resource.PropertyMap) []string {
		if mode, _ := Text(news, "completionMode"); mode == "Indexed" {
			return nil
		}
		return []string{"spec.completions"}
	},
	{Kind: "PersistentVolume"}: func(olds, _ resource.PropertyMap) []string {
		if olds["nodeAffinity"].IsNull() {
			return nil
		}
		return []string{"spec.nodeAffinity"}
	},
	{Kind: "Pod"}:     podFields,
	{Kind: "Service"}: serviceFields,
}

// mutableInPods is what of a Pod's spec the API server lets change at all; of containers it is the image.
var mutableInPods = map[resource.PropertyKey]bool{
	"activeDeadlineSeconds": true, "tolerations": true, "schedulingGates": true, "ephemeralContainers": true,
}

func podFields(olds, news resource.PropertyMap) []string {
	var fields []string
	for _, key := range keysOf(olds, news) {
		switch {
		case mutableInPods[key]:
		case key == "containers" || key == "initContainers":
			fields = append(fields, containerFields(string(key), olds[key], news[key])...)
		default:
			fields = append(fields, "spec."+string(key))
		}
	}
	return fields
}

func containerFields(key string, olds, news resource.PropertyValue) []string {
	olds, news = Plain(olds), Plain(news)
	if !olds.IsArray() || !news.IsArray() || len(olds.ArrayValue()) != len(news.ArrayValue()) {
		return []string{"spec." + key}
	}
	var fields []string
	for i, old := range olds.ArrayValue() {
		path := fmt.Sprintf("spec.%s[%d]", key, i)
		is := news.ArrayValue()[i]
		if !old.IsObject() || !is.IsObject() {
			fields = append(fields, path)
			continue
		}
		for _, field := range keysOf(old.ObjectValue(), is.ObjectValue()) {
			if field != "image" {
				fields = append(fields, path+"."+string(field))
			}
		}
	}
	return fields
}

// serviceFields: what a Service got once, as long as it stays of the kind that has it.
func serviceFields(olds, news resource.PropertyMap) []string {
	was, _ := Text(olds, "type")
	is, _ := Text(news, "type")
	if was == "ExternalName" || is == "ExternalName" {
		return nil
	}
	var fields []string
	if address, _ := Text(olds, "clusterIP"); address != "None" {
		// A second family may come and go.
		fields = append(fields, "spec.ipFamilies[0]")
	}
	if was == "LoadBalancer" && is == "LoadBalancer" {
		fields = append(fields, "spec.loadBalancerClass")
	}
	return fields
}

// keysOf gives the keys of both, sorted.
func keysOf(olds, news resource.PropertyMap) []resource.PropertyKey {
	both := copyOf(olds)
	for key, value := range news {
		both[key] = value
	}
	return both.StableKeys()
}

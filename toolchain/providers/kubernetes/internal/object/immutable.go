package object

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Mutability says which data objects change in place although the official default replaces them, so
// that whatever uses them rolls.
type Mutability struct {
	ConfigMap bool
	Secret    bool
}

var identityFields = []string{"kind", "metadata.name", "metadata.namespace"}

// immutableFields lists, by group and kind, what the API server never changes in place. The API
// server's own answer to a dry run adds what is missing here; the table is for previews with unknown
// values, where there is no object to ask about, and for recordings, where there is nobody to ask.
var immutableFields = map[schema.GroupKind][]string{
	{Group: "apps", Kind: "Deployment"}: {"spec.selector"},
	{Group: "apps", Kind: "DaemonSet"}:  {"spec.selector"},
	{Group: "apps", Kind: "ReplicaSet"}: {"spec.selector"},
	{Group: "apps", Kind: "StatefulSet"}: {
		"spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates",
	},
	{Group: "apps", Kind: "ControllerRevision"}: {"data"},
	{Group: "batch", Kind: "Job"}: {
		"spec.selector", "spec.template", "spec.completionMode", "spec.podFailurePolicy",
		"spec.successPolicy", "spec.backoffLimitPerIndex", "spec.managedBy", "spec.manualSelector",
	},
	{Kind: "Service"}: {"spec.clusterIP", "spec.clusterIPs"},
	{Kind: "PersistentVolumeClaim"}: {
		"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName",
		"spec.volumeMode", "spec.dataSource", "spec.dataSourceRef", "spec.resources.limits",
	},
	{Kind: "PersistentVolume"}: {
		"spec.volumeMode",
		// Where it is kept, one of:
		"spec.awsElasticBlockStore", "spec.azureDisk", "spec.azureFile", "spec.cephfs", "spec.cinder", "spec.csi",
		"spec.fc", "spec.flexVolume", "spec.flocker", "spec.gcePersistentDisk", "spec.glusterfs", "spec.hostPath",
		"spec.iscsi", "spec.local", "spec.nfs", "spec.photonPersistentDisk", "spec.portworxVolume", "spec.quobyte",
		"spec.rbd", "spec.scaleIO", "spec.storageos", "spec.vsphereVolume",
	},
	{Kind: "Secret"}:        {"type"},
	{Kind: "ResourceQuota"}: {"spec.scopes"},
	{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}:        {"roleRef"},
	{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}: {"roleRef"},
	{Group: "storage.k8s.io", Kind: "StorageClass"}: {
		"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode",
	},
	{Group: "storage.k8s.io", Kind: "CSIDriver"}:              {"spec.attachRequired", "spec.volumeLifecycleModes"},
	{Group: "storage.k8s.io", Kind: "CSIStorageCapacity"}:     {"nodeTopology", "storageClassName"},
	{Group: "storage.k8s.io", Kind: "VolumeAttachment"}:       {"spec"},
	{Group: "storage.k8s.io", Kind: "VolumeAttributesClass"}:  {"driverName", "parameters"},
	{Group: "scheduling.k8s.io", Kind: "PriorityClass"}:       {"value", "preemptionPolicy"},
	{Group: "discovery.k8s.io", Kind: "EndpointSlice"}:        {"addressType"},
	{Group: "networking.k8s.io", Kind: "IPAddress"}:           {"spec.parentRef"},
	{Group: "resource.k8s.io", Kind: "ResourceClaim"}:         {"spec"},
	{Group: "resource.k8s.io", Kind: "ResourceClaimTemplate"}: {"spec"},
	{Group: "resource.k8s.io", Kind: "ResourceSlice"}:         {"spec.driver", "spec.nodeName", "spec.pool.name"},
	{Group: "node.k8s.io", Kind: "RuntimeClass"}:              {"handler"},
	{Group: "networking.k8s.io", Kind: "IngressClass"}:        {"spec.controller"},
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}: {
		"spec.group", "spec.scope", "spec.names.kind", "spec.names.plural",
	},
}

// ImmutableFields gives the paths whose change replaces the object. A CustomResource whose apiVersion
// moves to another group is another kind; a new version of the same group is the same object.
func ImmutableFields(olds, news resource.PropertyMap, mutability Mutability) []string {
	fields := append([]string{}, identityFields...)
	gvk := kindOf(news)
	if old := kindOf(olds); old.Group != gvk.Group {
		fields = append(fields, "apiVersion")
	}
	fields = append(fields, immutableFields[gvk.GroupKind()]...)
	if rule, ok := immutableWhen[gvk.GroupKind()]; ok {
		fields = append(fields, rule(child(olds, "spec"), child(news, "spec"))...)
	}
	if gvk.Group == "" && (gvk.Kind == "ConfigMap" || gvk.Kind == "Secret") {
		mutable := mutability.ConfigMap
		if gvk.Kind == "Secret" {
			mutable = mutability.Secret
		}
		if !mutable || isTrue(olds["immutable"]) {
			fields = append(fields, "data", "binaryData", "stringData")
		}
		if isTrue(olds["immutable"]) {
			fields = append(fields, "immutable")
		}
	}
	return fields
}

func kindOf(props resource.PropertyMap) schema.GroupVersionKind {
	version, _ := Text(props, "apiVersion")
	kind, _ := Text(props, "kind")
	return schema.FromAPIVersionAndKind(version, kind)
}

func isTrue(v resource.PropertyValue) bool {
	for v.IsSecret() {
		v = v.SecretValue().Element
	}
	return v.IsBool() && v.BoolValue()
}

// phrases by which the API server says that a value cannot change, apart from other refusals. What is
// merely forbidden (a claim that would shrink) is the user's error, not a reason to destroy an object.
var immutabilityPhrases = []string{
	"field is immutable",
	"is immutable after creation",
	"may not change once set",
	"may not be changed once set",
	"may not be modified once set",
	"updates to statefulset spec for fields other than",
	"pod updates may not change fields other than",
	"updates to provisioner are forbidden",
	"updates to parameters are forbidden",
	"updates to reclaimpolicy are forbidden",
	"cannot change roleref",
	"may not be changed in an update",
	"value may not be changed",
}

// RefusedAsImmutable gives the fields that the API server's answer names as immutable.
func RefusedAsImmutable(status metav1.Status) []string {
	if status.Reason != metav1.StatusReasonInvalid || status.Details == nil {
		return nil
	}
	var fields []string
	for _, cause := range status.Details.Causes {
		message := strings.ToLower(cause.Message)
		for _, phrase := range immutabilityPhrases {
			if strings.Contains(message, phrase) && !strings.Contains(message, "less than previous value") {
				fields = append(fields, cause.Field)
				break
			}
		}
	}
	return fields
}

// DeletesFirst tells whether the old object has to go before the new one can come: both have the same
// place and name, and the name was not made by the provider.
func DeletesFirst(olds, news resource.PropertyMap) bool {
	if IsAutonamed(news) {
		return false
	}
	oldName, oldKnown := Text(Metadata(olds), "name")
	newName, newKnown := Text(Metadata(news), "name")
	if oldKnown && newKnown && oldName != newName {
		return false
	}
	oldSpace, _ := Text(Metadata(olds), "namespace")
	newSpace, known := Text(Metadata(news), "namespace")
	if _, set := Metadata(news)["namespace"]; set && !known {
		// The namespace is being replaced as well; until it is known, assume the same place.
		return true
	}
	return oldSpace == newSpace && kindOf(olds).GroupKind() == kindOf(news).GroupKind()
}

// AnyReplace tells whether one of the changes needs a replacement.
func AnyReplace(changes map[string]plugin.PropertyDiff) bool {
	for _, change := range changes {
		if change.Kind.IsReplace() {
			return true
		}
	}
	return false
}

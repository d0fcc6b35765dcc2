"""The default storage class: folders on the node's disk, made by local-path-provisioner."""

from toolchain.cluster.addons import objects
from toolchain.cluster.api import Manifest

NAMESPACE = "local-path-storage"
PROVISIONER = "agent-platform.dev/local-path"
SCRIPTS = "local-path-provisioner"
USER = "agent-platform:volumes"

# Written for the provisioner's contract: VOL_DIR is the folder of one volume.
_SETUP = '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n'
_TEARDOWN = '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n'


def storage_class(provisioner: str, binding: str = "WaitForFirstConsumer") -> Manifest:
    """`standard`, the default."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {**objects.metadata("standard"), "annotations": default},
        "provisioner": provisioner,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": binding,
    }


def manifests() -> list[Manifest]:
    """The class, the helper pods' namespace and scripts, and the provisioner's rights."""
    scripts = objects.config_map(SCRIPTS, {"setup": _SETUP, "teardown": _TEARDOWN})
    scripts["metadata"]["namespace"] = NAMESPACE
    account = objects.service_account("local-path-provisioner-service-account")
    account["metadata"]["namespace"] = NAMESPACE
    rules = [
        objects.rule(
            [""],
            ["nodes", "persistentvolumeclaims", "configmaps", "pods", "pods/log"],
            ["get", "list", "watch"],
        ),
        objects.rule(
            [""],
            ["persistentvolumes"],
            ["get", "list", "watch", "create", "patch", "update", "delete"],
        ),
        objects.rule([""], ["events"], ["create", "patch"]),
        objects.rule(["storage.k8s.io"], ["storageclasses"], ["get", "list", "watch"]),
    ]
    name = "local-path-provisioner"
    subject = objects.user_subject(USER)
    role: Manifest = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": objects.metadata(name, NAMESPACE),
        "rules": [objects.rule([""], ["pods"], ["create", "delete"])],
    }
    return [
        # The helper pods mount a folder of the node, which no lower standard allows.
        objects.namespace(NAMESPACE, "privileged"),
        storage_class(PROVISIONER),
        account,
        scripts,
        objects.cluster_role(name, rules),
        objects.cluster_role_binding(name, name, subject),
        role,
        objects.role_binding(name, NAMESPACE, name, subject),
    ]

"""Kubernetes objects for a test's program: `k8s.core.v1.ConfigMap` as the SDK has it, in few lines.

Copied into the projects of tests. The SDK itself takes a second to import, in a hundred programs; the
tests that are about it import it themselves.
"""

from functools import partial
from importlib.metadata import version
from typing import Any

import pulumi

GROUPS = {"core": "", "networking": "networking.k8s.io", "apiextensions": "apiextensions.k8s.io"}
"""Groups of the API that the SDK calls by another name."""
SDK = pulumi.ResourceOptions(version=version("pulumi_kubernetes"))


class Names:
    """A module of the SDK: names in lower case lead further, a kind makes an object."""

    def __init__(self, *path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> "Names | partial[pulumi.CustomResource]":
        if name.islower():
            return Names(*self._path, name)
        return partial(_make, *self._path, name)


def _make(
    module: str,
    api: str,
    kind: str,
    name: str,
    opts: pulumi.ResourceOptions | None = None,
    **inputs: object,
) -> pulumi.CustomResource:
    group = GROUPS.get(module, module)
    props: dict[str, Any] = {
        "apiVersion": f"{group}/{api}" if group else api,
        "kind": kind,
        # Outputs are attributes where they are named.
        "metadata": None,
        "status": None,
        **{_camel(key): value for key, value in inputs.items()},
    }
    token = f"kubernetes:{group or module}/{api}:{kind}"
    return pulumi.CustomResource(token, name, props, pulumi.ResourceOptions.merge(SDK, opts))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


k8s = Names()

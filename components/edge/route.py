"""Routes from the gateway to a Service."""

from collections.abc import Mapping
from typing import Annotated, Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pydantic import Field, model_validator

from components.settings import Settings

API_VERSION = "traefik.io/v1alpha1"


class Route(Settings):
    """Requests that belong to an agent."""

    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]*$")]
    """Prefix of the request's path, such as `/api/v1`."""
    strip: bool = False
    """Whether the gateway takes the prefix off: of `/reader/health`, the agent sees `/health`."""
    host: Annotated[str, Field(pattern=r"^[a-z0-9.-]+$")] | None = None
    """Host name the request has to be for; any, if not given."""

    @model_validator(mode="after")
    def _something_to_strip(self) -> "Route":
        if self.strip and not self.path.strip("/"):
            raise ValueError("strip is true and path is /: there is no prefix to take off")
        return self


def match(entry: Route) -> str:
    """The rule as Traefik writes it. A prefix ends at a path segment: `/api` does not take `/apiary`."""
    prefix = entry.path.rstrip("/")
    path = f"(Path(`{prefix}`) || PathPrefix(`{prefix}/`))" if prefix else "PathPrefix(`/`)"
    return path if entry.host is None else f"Host(`{entry.host}`) && {path}"


def route(
    name: str,
    *,
    metadata: ObjectMetaArgs,
    entries: tuple[Route, ...],
    service: str,
    port: str,
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Sends requests that match one of `entries` to `service`, and again where no connection came about.

    Traefik repeats a request only while nothing of it has reached a server, so one that changes
    something is never done twice.
    """

    def middleware(role: str, spec: Mapping[str, Any]) -> dict[str, Any]:
        own = ObjectMetaArgs(
            name=f"{service}-{role}", namespace=metadata.namespace, labels=metadata.labels
        )
        _custom("Middleware", f"{name}-{role}", own, spec, opts)
        return {"name": f"{service}-{role}"}

    always = [middleware("retry", {"retry": {"attempts": 3, "initialInterval": "50ms"}})]
    # One for each prefix: Traefik takes off the first of a list that fits, whichever route it was.
    prefixes = sorted({entry.path.rstrip("/") for entry in entries if entry.strip})
    stripping = {
        prefix: middleware(f"strip-{number}", {"stripPrefix": {"prefixes": [prefix]}})
        for number, prefix in enumerate(prefixes)
    }
    rules: list[Mapping[str, Any]] = [
        {
            "kind": "Rule",
            "match": match(entry),
            "middlewares": [*always, *([stripping[entry.path.rstrip("/")]] if entry.strip else [])],
            "services": [{"name": service, "port": port}],
        }
        for entry in entries
    ]
    return _custom("IngressRoute", name, metadata, {"entryPoints": ["web"], "routes": rules}, opts)


def _custom(
    kind: str,
    name: str,
    metadata: ObjectMetaArgs,
    spec: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    return CustomResource(
        name, api_version=API_VERSION, kind=kind, metadata=metadata, spec=spec, opts=opts
    )

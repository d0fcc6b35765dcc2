"""The provider's configuration: where its AWS is, and what it puts on every resource."""

import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from toolchain.providers.aws.errors import Refusal
from toolchain.providers.aws.schema import SDK, provider
from toolchain.providers.aws.shape import Fault, faults
from toolchain.providers.aws.values import UNKNOWN, has_unknown

ACCOUNT = "123456789012"
"""Moto's own account, for a configuration that names none."""
UNSUPPORTED = ("ignoreTags", "tagPolicyCompliance", "assumeRoleWithWebIdentity")
ONLY_REHEARSES = (
    "this provider only rehearses: it sends its calls to the moto server named in the provider's "
    f"`endpoints`, and the configuration names none. To reach AWS itself install the official "
    f"plugin: pulumi plugin install resource aws {SDK.rsplit(' ', 1)[-1]}"
)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What of the configuration a rehearsal needs."""

    region: str
    endpoint: str = ""
    """URL of a moto server; empty where nothing but previews can be done."""
    account: str = ACCOUNT
    default_tags: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def required_endpoint(self) -> str:
        """The endpoint, or a refusal that says what to do."""
        # Asked again here: a destroy takes its configuration from the state, where nobody checks it.
        if not self.endpoint or not loopback(self.endpoint):
            raise Refusal(ONLY_REHEARSES)
        return self.endpoint


def parse(inputs: Mapping[str, Any]) -> Configuration:
    """The configuration; `check` has found nothing wrong with it."""
    values = plain(inputs)
    accounts = cast("list[str]", values.get("allowedAccountIds") or [ACCOUNT])
    tags = cast("dict[str, Any]", values.get("defaultTags") or {})
    return Configuration(
        region=str(values["region"]),
        endpoint=next(iter(sorted(_urls(values))), ""),
        account=accounts[0],
        default_tags=tags.get("tags") or {},
    )


def check(inputs: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the configuration. What is unknown passes."""
    values = plain(inputs)
    known = provider()
    yield from faults(known.inputs, known.required, values, "", "the provider aws")
    for name in UNSUPPORTED:
        if values.get(name):
            yield Fault(name, f"{name} changes what AWS is asked for, and is not rehearsed")
    if not values.get("region"):
        yield Fault(
            "region", "no region: set `region` of the provider; the environment is not read"
        )
    if has_unknown(values.get("endpoints")):
        return
    urls = _urls(values)
    if len(urls) > 1:
        yield Fault("endpoints", f"got {', '.join(sorted(urls))}; a rehearsal has one server")
    for url in sorted(urls):
        if not loopback(url):
            yield Fault("endpoints", f"{url} is not on loopback: {ONLY_REHEARSES}")


def loopback(url: str) -> bool:
    """Whether the URL leads to this machine and nowhere else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as values: what is no text arrives as JSON in a text."""
    known = provider().inputs
    return {
        name: _parsed(value, known.get(name)) for name, value in inputs.items() if name != "version"
    }


def _parsed(value: object, hint: object) -> object:
    if isinstance(value, str) and hint is not str:
        try:
            return json.loads(value, object_hook=_without_null)
        except ValueError:
            return value
    return value


def _without_null(pairs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pairs.items() if value is not None}


def _urls(values: Mapping[str, Any]) -> set[str]:
    maps = cast("list[dict[str, str]]", values.get("endpoints") or [])
    return {url for each in maps for url in each.values() if url and url is not UNKNOWN}

"""Images: exactly known, and from where we expect them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from policies.pods import Container, containers
from policies.resource import Props, items
from policies.rule import Severity, cis, configured_rule, rule

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Image:
    """A reference taken apart: `registry/path:tag@digest`."""

    registry: str
    """Host and port; empty where the reference leaves it to the node."""
    path: str
    tag: str
    digest: str


def parse(reference: str) -> Image:
    """The parts of `reference`. What it does not name is empty."""
    name, _, digest = reference.partition("@")
    head, slash, rest = name.partition("/")
    # The first part is a registry only if it cannot be a folder: it has a dot or a port, or is localhost.
    qualified = bool(slash) and (head == "localhost" or "." in head or ":" in head)
    registry, path = (head, rest) if qualified else ("", name)
    path, _, tag = path.partition(":")
    return Image(registry, path, tag, digest)


def _image(container: Container) -> str:
    return str(container.props.get("image") or "")


@rule(
    containers,
    severity=Severity.HIGH,
    remedy="name the image by digest: registry/name@sha256:… (images.lock.yaml has those that this "
    "project builds).",
    reference=cis("5.1 Image registry and image scanning"),
    everywhere=True,
)
def require_image_digest(container: Container) -> Iterator[str]:
    """Images are named by digest, so that what was tested is what runs."""
    reference = _image(container)
    if not _DIGEST.fullmatch(parse(reference).digest):
        yield f"image {reference or '(none)'} has no sha256 digest"


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="leave the tag out, or name the version's.",
    everywhere=True,
)
def forbid_latest_tag(container: Container) -> Iterator[str]:
    """No image is called `latest`, by its tag or for want of tag and digest."""
    reference = _image(container)
    image = parse(reference)
    if image.tag == "latest" or (reference and not image.tag and not image.digest):
        yield f"image {reference} means whatever is latest"


@configured_rule(
    containers,
    severity=Severity.HIGH,
    remedy="copy the image to an allowed registry, or add its registry to `registries` of this rule "
    "in policies/environments/.",
    reference=cis("5.1.4 Only approved container registries"),
    everywhere=True,
    options={
        "registries": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["localhost"],
            "description": "Registries, or registry/folder, that images may come from; * matches any part",
        }
    },
)
def require_allowed_registry(container: Container, settings: Props) -> Iterator[str]:
    """Images come from the registries that the environment names."""
    allowed = tuple(str(entry) for entry in items(settings.get("registries")))
    reference = _image(container)
    image = parse(reference)
    if not any(_within(image, entry) for entry in allowed):
        wanted = ", ".join(allowed) or "none"
        yield f"image {reference or '(none)'} is not from an allowed registry ({wanted})"


def _within(image: Image, entry: str) -> bool:
    host, _, folder = entry.partition("/")
    inside = not folder or image.path == folder or image.path.startswith(f"{folder}/")
    return bool(image.registry) and fnmatchcase(image.registry, host) and inside


RULES: Final = (require_image_digest, forbid_latest_tag, require_allowed_registry)

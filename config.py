"""The one reader of `pulumi.Config`: a stack's values, checked before anything is created.

What is wrong is reported in one message, each fault on a line of its own that names the key, what
was got, what is wanted and the file to mend.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, cast

import pulumi
import yaml
from pulumi.runtime.config import CONFIG, get_config_env
from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from components.settings import Settings
from components.stack import StackConfig

PROJECT: Final = "agent-platform"
IMAGES: Final = Path(__file__).parent / "images.lock.yaml"


class ConfigError(pulumi.RunError):
    """The stack's configuration cannot be used. The message says what to mend, and where."""


def parse(values: Mapping[str, str], stack: str) -> StackConfig:
    """The configuration in `values`, as the engine hands it over: full keys, structures as JSON.

    Raises `ConfigError` with every fault there is. The value of a key that is not known is never
    shown: it may be a secret under a mistyped name.
    """
    own = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in values.items()
        if key.startswith(f"{PROJECT}:")
    }
    known = set(StackConfig.model_fields)
    secrets = {key for key in own if key not in known and key.startswith("model_key")}
    faults: list[str] = []
    structures: dict[str, object] = {}
    for key in sorted(own.keys() - secrets):
        try:
            structures[key] = json.loads(own[key])
        except json.JSONDecodeError:
            structures[key] = own[key]
    try:
        config = StackConfig.model_validate_json(json.dumps(structures))
    except ValidationError as error:
        faults += [_fault(each, known) for each in error.errors()]
        raise ConfigError(_message(stack, faults)) from None
    for missing in sorted(config.model_keys - secrets):
        faults.append(
            f"{missing}: an agent's model.api_key refers to it, and it is not set; "
            f"run: pulumi config set --secret {missing}"
        )
    for unused in sorted(secrets - config.model_keys):
        faults.append(f"{unused}: no agent's model.api_key refers to it; remove it or refer to it")
    if faults:
        raise ConfigError(_message(stack, faults))
    return config


_KINDS: Final = {"cluster": ("context", "eks"), "stores": ("cluster", "aws")}
"""Keys with a `kind`: pydantic puts its value into the way to a fault, where no key stands."""


def _fault(error: ErrorDetails, known: set[str]) -> str:
    first, *rest = error["loc"] or ("",)
    if rest and rest[0] in _KINDS.get(str(first), ()):
        rest = rest[1:]
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in (first, *rest)).lstrip(".")
    got = error["input"]
    shown = json.dumps(got, default=str)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    match error["type"]:
        case "missing":
            return f"{path}: is missing; add it"
        case "extra_forbidden":
            if not rest:
                return (
                    f"{path}: is no key of this program; correct or remove it "
                    f"(known: {', '.join(sorted(known))})"
                )
            return f"{path}: is no key of this program, got {shown}; correct or remove it"
        case "value_error":
            reason = error["msg"].removeprefix("Value error, ")
            return f"{path}: {reason}" if path else reason
        case _:
            return f"{path}: got {shown}; {error['msg']}"


def _message(stack: str, faults: list[str]) -> str:
    lines = "\n".join(f"  - {fault}" for fault in faults)
    return f"Pulumi.{stack}.yaml cannot be used:\n{lines}"


def load() -> StackConfig:
    """The configuration of the stack that is running."""
    values = cast("Mapping[str, str]", CONFIG.get() or get_config_env())
    return parse(values, pulumi.get_stack())


def model_keys(config: StackConfig) -> dict[str, pulumi.Output[str]]:
    """The API keys that agents refer to, by name; secret from birth."""
    source = pulumi.Config(PROJECT)
    return {name: source.require_secret(name) for name in sorted(config.model_keys)}


class Images(Settings):
    """References by digest of the images this project builds, as the build wrote them."""

    images: dict[str, Annotated[str, Field(pattern=r"@sha256:[0-9a-f]{64}$")]]

    @classmethod
    def read(cls, path: Path = IMAGES) -> "Images":
        """Reads what the image build wrote. Raises `ConfigError` when it is missing or damaged."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text()))
        except FileNotFoundError:
            fault = "is missing, and names the images by digest"
        except (ValidationError, yaml.YAMLError) as error:
            fault = f"cannot be read ({error})"
        raise ConfigError(f"{path.name} {fault}; the image build writes it; run: make up")

    def reference(self, image: str) -> str:
        """The reference by digest of `image`, a key of the file or already such a reference."""
        if "@sha256:" in image:
            return image
        if image not in self.images:
            raise ConfigError(
                f"image {image!r} is neither a reference with a digest nor one of "
                f"{IMAGES.name} ({', '.join(sorted(self.images))}): correct the name, "
                "or pin it as name@sha256:…"
            )
        return self.images[image]

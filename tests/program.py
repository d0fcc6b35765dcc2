"""The whole program on mocks, with the values of one of the repository's stacks."""

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import yaml

import config
from tests.recording import Recording, deploy

ROOT = Path(__file__).parents[1]
DIGEST = "@sha256:" + "ab" * 32
IMAGES = ("agent-runtime", "postgres", "redis", "traefik")


def values(stack: str) -> dict[str, Any]:
    """What the stack's file sets, by the program's own keys."""
    found: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    prefix = f"{config.PROJECT}:"
    return {
        key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)
    }


def run(folder: Path, settings: Mapping[str, Any]) -> Recording:
    """What the program registers with these settings; `folder` is for its list of images."""
    lock = folder / "images.lock.yaml"
    lock.write_text(yaml.safe_dump({"images": {n: f"localhost/{n}{DIGEST}" for n in IMAGES}}))
    given = {f"{config.PROJECT}:{key}": json.dumps(value) for key, value in settings.items()}
    read = config.Images.read

    def program() -> None:
        pulumi.runtime.set_all_config(given)
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    config.Images.read = staticmethod(lambda: read(lock))  # pyright: ignore[reportAttributeAccessIssue] (the file is the build's, and a test has none)
    try:
        return deploy(program)
    finally:
        config.Images.read = read
        pulumi.runtime.set_all_config({})

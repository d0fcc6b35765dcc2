"""Steps that several recipes share, and what each does when its process is started."""

import sys
from collections.abc import Iterable

from toolchain import builds, debian, images
from toolchain.build_table import TOOLS, Tool
from toolchain.cli.steps import Step
from toolchain.image_table import BASE, IMAGES
from toolchain.paths import Paths

PROVIDERS = tuple(name for name in TOOLS if name.startswith("pulumi-resource-"))


def own(*arguments: str) -> tuple[str, ...]:
    """The command line that performs a step of ours."""
    return (sys.executable, "-m", "toolchain.cli.perform", *arguments)


def debian_step(packages: Iterable[str]) -> Step:
    """Have these packages installed."""
    wanted = tuple(packages)
    return Step(
        name="debian",
        title="Debian packages",
        command=own("debian", *wanted),
        seconds=45,
        heavy=False,
        is_done=lambda: not debian.missing(wanted),
    )


def tool_step(tool: Tool, paths: Paths) -> Step:
    """Build one tool from its Go modules."""
    return Step(
        name=f"tool-{tool.name}",
        title=f"build {tool.name}",
        command=own("tool", tool.name),
        seconds=tool.seconds,
        is_done=lambda: _tool_is_current(tool, paths),
    )


def _tool_is_current(tool: Tool, paths: Paths) -> bool:
    binary = builds.built(tool, paths)
    return binary is not None and all(
        (paths.bin / name).resolve() == binary.resolve() for name in tool.names
    )


def image_step(name: str) -> Step:
    """Build one image."""
    image = IMAGES[name]
    return Step(
        name=f"image-{name}",
        title=f"image {name}",
        command=own("image", name),
        seconds=IMAGE_SECONDS.get(name, 8),
        needs=(
            "debian",
            *(() if name == BASE or not image.based else (f"image-{BASE}",)),
            *(f"tool-{binary}" for binary in image.binaries),
        ),
        heavy=False,
        # They would wait for one another's lock.
        lane="images",
        is_done=lambda: images.current(name) is not None,
    )


IMAGE_SECONDS = {BASE: 180, "agent-runtime": 100, "postgres": 45, "redis": 15}

"""Having what is built or installed: packages, tools, images."""

from toolchain import builds, debian, images
from toolchain.cli.actions import say


def packages(*names: str) -> None:
    """Have Debian packages."""
    debian.ensure(names, say)


def tool(name: str) -> None:
    """Have one tool of the table."""
    builds.build(name, say)


def image(name: str) -> None:
    """Have one image."""
    images.build(name, say)

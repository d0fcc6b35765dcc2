"""A document sent through a gateway that first has to be reached."""

from toolchain.cli import clusters, stack
from toolchain.cli.actions import say
from toolchain.cli.actions.asking import answer
from toolchain.cli.engine import Engine
from toolchain.cli.forward import forwarded
from toolchain.cli.kubectl import Kubectl
from toolchain.cluster.settings import CONTEXT
from toolchain.paths import Paths

PORT = "web"
"""Name of the port of the gateway's Service."""


def forwarded_answer(name: str, file: str) -> None:
    """Ask through a forwarded port, and keep the answer in `file`."""
    paths = Paths.from_environment()
    target = stack.named(name, paths)
    context = stack.context(target) or CONTEXT
    kubectl = Kubectl.of(clusters.of(target, paths, say), paths, context)
    gateway = Engine.ready(target, paths).output("gateway")
    with forwarded(kubectl, gateway["namespace"], gateway["service"], PORT) as url:
        answer(url, file)

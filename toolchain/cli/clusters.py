"""The cluster that a stack names."""

from toolchain.cli.stack import StackError, context
from toolchain.cluster import Cluster, Progress
from toolchain.cluster.detect import choose, has_context
from toolchain.cluster.existing import user_kubeconfig
from toolchain.cluster.settings import CONTEXT
from toolchain.engine.settings import Stack
from toolchain.paths import Paths


def of(stack: Stack, paths: Paths, progress: Progress) -> Cluster:
    """The cluster of this stack. Only the local context may be made here; others have to exist."""
    wanted = context(stack)
    if wanted and wanted != CONTEXT and not has_context(user_kubeconfig(), wanted):
        raise StackError(
            f"got the context {wanted!r} in {stack.settings.name}, which {user_kubeconfig()} does not "
            f"have; wanted a context of an existing cluster, or {CONTEXT} for the local one. "
            "Fetch its credentials (EKS: aws eks update-kubeconfig --alias "
            f"{wanted} --name <cluster>), or set KUBECONFIG to the file that has it"
        )
    return choose(wanted, progress, paths)

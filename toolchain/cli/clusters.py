"""The cluster that a stack names."""

from toolchain.cli.stack import StackError, context, on_eks
from toolchain.cluster import Cluster, Progress
from toolchain.cluster.detect import choose, has_context
from toolchain.cluster.existing import user_kubeconfig
from toolchain.cluster.settings import CONTEXT
from toolchain.engine.settings import Stack
from toolchain.paths import Paths


def of(stack: Stack, paths: Paths, progress: Progress) -> Cluster:
    """The cluster of this stack. Only the local context may be made here; others have to exist."""
    if on_eks(stack):
        raise StackError(
            f"got stack {stack.name}, whose cluster is made in AWS by the stack itself; wanted one on a "
            f"cluster that this machine reaches. To try it without an account: make rehearse "
            f"STACK={stack.name}; to see what it would make: make preview STACK={stack.name}; to deploy "
            f"it: pulumi up --stack {stack.name} (docs/how-to/deploy-to-aws.md)"
        )
    wanted = context(stack)
    if wanted and wanted != CONTEXT and not has_context(user_kubeconfig(), wanted):
        raise StackError(
            f"got the context {wanted!r} in {stack.settings.name}, which {user_kubeconfig()} does not "
            f"have; wanted a context of an existing cluster, or {CONTEXT} for the local one. "
            "Fetch its credentials (EKS: aws eks update-kubeconfig --alias "
            f"{wanted} --name <cluster>), or set KUBECONFIG to the file that has it"
        )
    return choose(wanted, progress, paths)

"""What a person can mend: shown as one message, without a traceback."""

import errno
import subprocess

from toolchain import images
from toolchain.build_recipe import RecipeError
from toolchain.builds import BuildError
from toolchain.cli.engine import EngineError
from toolchain.cli.sample import AnswerError
from toolchain.cli.stack import StackError
from toolchain.cluster import ClusterError
from toolchain.go_compiler import CompilerError

FAULTS = (
    *images.FAULTS,
    AnswerError,
    BuildError,
    ClusterError,
    CompilerError,
    EngineError,
    OSError,
    RecipeError,
    StackError,
    subprocess.TimeoutExpired,
)


def text(error: Exception) -> str:
    """The error in words, with the way out where the error itself cannot know it."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"got a full disk ({error}), wanted room for the platform's cache: free some, or set "
            "AGENT_PLATFORM_CACHE to a folder on a larger disk"
        )
    if isinstance(error, PermissionError):
        return f"got {error}, wanted the right to do so: run as the owner of that file, or as root"
    return images.explain(error)

"""What a person can mend: shown as one message, without a traceback."""

import errno
import subprocess


class MendableError(RuntimeError):
    """Base of every refusal of the toolchain; says what was got, what was wanted and how to mend it."""


MENDABLE = (MendableError, OSError, subprocess.TimeoutExpired)
"""What a command catches at its top; anything else is a fault of the program itself."""


def text(error: Exception) -> str:
    """The error in words, with the way out where the error itself cannot know it."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return (
            f"got a full disk ({error}), wanted room for the platform's cache: free some, or set "
            "AGENT_PLATFORM_CACHE to a folder on a larger disk"
        )
    if isinstance(error, PermissionError):
        return f"got {error}, wanted the right to do so: run as the owner of that file, or as root"
    return str(error)

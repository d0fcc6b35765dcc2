"""What every refusal of the builder is, so that a caller catches one class."""

from toolchain.faults import MendableError


class BuildError(MendableError):
    """A tool could not be built; says what was got, what was wanted and how to mend it."""

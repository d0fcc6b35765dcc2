"""What every refusal of the builder is, so that a caller catches one class."""


class BuildError(RuntimeError):
    """A tool could not be built; says what was got, what was wanted and how to mend it."""

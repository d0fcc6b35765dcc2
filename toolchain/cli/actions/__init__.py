"""What the steps of a recipe do, a module for each kind of work: a step loads what it needs alone."""


def say(line: str) -> None:
    """A line of the step's log, seen at once by whoever follows it."""
    print(line, flush=True)

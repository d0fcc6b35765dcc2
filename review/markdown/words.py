"""Words for what happens to a resource, the same in every section."""

from typing import Final

from policies.urn import Urn
from review.markdown.escaping import code, prose
from review.model import Operation, Resource

NUMBERED: Final = (
    Operation.CREATE,
    Operation.UPDATE,
    Operation.REPLACE,
    Operation.DELETE,
    Operation.IMPORT,
    Operation.FORGET,
    Operation.OTHER,
)
"""Operations that have a column, in the order of the columns."""
ALWAYS: Final = frozenset(NUMBERED[:4])
"""Those that have one even where there is nothing to count."""


def operation(resource: Resource) -> str:
    """`replace`; the engine's own word where this version knows no better one."""
    if resource.operation is Operation.OTHER:
        return code(resource.operation_text, 40)
    return resource.operation.value


def subject(resource: Resource) -> str:
    """Name and kind."""
    return subject_of(resource.urn)


def subject_of(urn: str) -> str:
    """Name and kind of what a URN stands for."""
    identity = Urn.parse(urn)
    kind = f" {prose(identity.kind, 60)}" if identity.kind else ""
    return f"{code(identity.name)}{kind}"

"""What is lost with a resource that is replaced or deleted, in words for people."""

import re
from collections.abc import Mapping
from typing import Final

from policies.resource import kind_of
from review.losses import aws, cluster
from review.losses.entry import Lost
from review.losses.harmless import HARMLESS
from review.model import DESTRUCTIVE, Operation
from review.steps import Step

__all__ = ["HARMLESS", "TABLE", "irretrievable", "loss"]

UNSEEN: Final = "perhaps something: nobody has looked at this kind yet"
TABLE: Final[Mapping[str, Lost]] = {**aws.TABLE, **cluster.TABLE}
"""Kind, as `policies.resource.kind_of` names it → what goes with it."""


def loss(step: Step, operation: Operation) -> str | None:
    """What goes on from `it loses` or `Lost:`, such as `its data; a final snapshot is kept`.

    None where nothing is lost. What decides, such as whether a final snapshot is made, is read from
    the resource as it is now: that is what counts when it goes.
    """
    kind = kind_of(step.type)
    known = TABLE.get(kind)
    if operation not in DESTRUCTIVE or not step.custom or kind in HARMLESS:
        return None
    if known is None:
        return UNSEEN
    retained = step.old is not None and step.old.retained
    if operation is Operation.DELETE:
        phrase = None if retained else known.deleted
    else:
        phrase = known.gap or known.replaced if step.deletes_first else known.replaced
    text = phrase({} if step.old is None else step.old.inputs) if callable(phrase) else phrase
    if text is None or not retained:
        return text
    return f"{re.split('[;:]', text)[0]}, which stays with the old one"


def irretrievable(step: Step, operation: Operation) -> bool:
    """Whether what is lost is what the resource holds, such as data: no deployment brings it back."""
    known = TABLE.get(kind_of(step.type))
    return known is not None and known.holds and loss(step, operation) is not None

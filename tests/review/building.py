"""Parts of Reviews, in few words."""

from collections.abc import Iterable, Mapping
from typing import Final

from policies.urn import STACK
from review.model import (
    Costs,
    Notice,
    Operation,
    Outcome,
    Policies,
    Property,
    PropertyChange,
    Resource,
    Review,
)

JUDGED: Final = Policies(packs={"agent-platform": "1.0.0"})


def urn(stack: str, name: str, *types: str) -> str:
    """URN of a resource: types of its parents, the outermost first, then its own."""
    return f"urn:pulumi:{stack}::agent-platform::{'$'.join(types)}::{name}"


def changed(path: str, before: str, after: str, *, replaces: bool = False) -> Property:
    """A property that has another value."""
    return Property(
        path=path,
        change=PropertyChange.CHANGED,
        before=before,
        after=after,
        replaces=replaces,
    )


def added(path: str, after: str) -> Property:
    """A property that was not there."""
    return Property(path=path, change=PropertyChange.ADDED, before=None, after=after)


def removed(path: str, before: str) -> Property:
    """A property that is there no more."""
    return Property(path=path, change=PropertyChange.REMOVED, before=before, after=None)


def component(stack: str, name: str, kind: str, operation: Operation = Operation.SAME) -> Resource:
    """A component of the stack itself."""
    return Resource(
        urn=urn(stack, name, kind),
        parent=urn(stack, f"agent-platform-{stack}", STACK),
        custom=False,
        operation=operation,
        operation_text=operation.value,
    )


def resource(
    owner: Resource,
    name: str,
    kind: str,
    operation: Operation,
    *properties: Property,
    loss: str | None = None,
    protected: bool = False,
    deletes_first: bool = False,
    retained: bool = False,
    source: str = "",
) -> Resource:
    """Something that a component has."""
    stack = owner.identity.stack
    return Resource(
        urn=urn(stack, name, *owner.identity.types, kind),
        parent=owner.urn,
        custom=True,
        operation=operation,
        operation_text=operation.value,
        properties=properties,
        loss=loss,
        protected=protected,
        deletes_first=deletes_first,
        retained=retained,
        source=source,
    )


def review(
    stack: str,
    resources: Iterable[Resource],
    *,
    outcome: Outcome = Outcome.SUCCEEDED,
    policies: Policies = JUDGED,
    notices: tuple[Notice, ...] = (),
    costs: Costs | None = None,
    outputs: tuple[Property, ...] = (),
    compared_with: str = "branch main",
    remarks: tuple[str, ...] = (),
) -> Review:
    """A review with its resources in the order that the model promises."""
    return Review(
        stack=stack,
        outcome=outcome,
        compared_with=compared_with,
        resources=tuple(sorted(resources, key=lambda r: r.urn)),
        policies=policies,
        notices=notices,
        costs=costs,
        outputs=outputs,
        seconds=21.4,
        remarks=remarks,
    )


def costs(before: float, after: float, by_resource: Mapping[str, float]) -> Costs:
    """What a stack costs by prices of one month."""
    return Costs(
        currency="USD",
        as_of="2025-10",
        before=before,
        after=after,
        by_resource=by_resource,
        unpriced=("aws:wafv2/webAcl:WebAcl",),
        undecided=2,
    )

"""A stack as large as the platform is made for."""

from review.model import Operation, Resource, Review
from tests.review.building import changed, component, resource, review


def large(agents: int, each: int) -> Review:
    """That many new agents with so many resources, of twenty properties each."""
    properties = tuple(changed(f"spec.key-{n}", "value " * 5, "other " * 5) for n in range(20))
    found: list[Resource] = []
    for number in range(agents):
        owner = component("prod", f"agent-{number}", "agents:agents:Agent", Operation.CREATE)
        found.append(owner)
        found += [
            resource(
                owner,
                f"agent-{number}-{n}",
                f"kubernetes:v1:Kind{n}",
                Operation.CREATE,
                *properties,
            )
            for n in range(each)
        ]
    return review("prod", found)

"""Valid settings of every shape, for Hypothesis."""

from hypothesis import strategies as st

from components.agents import AgentSettings
from components.agents.settings import Scale, Store
from components.edge import Route
from components.hardening import Compute

names = st.from_regex(r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?", fullmatch=True)


@st.composite
def computes(draw: st.DrawFn) -> Compute:
    """Requests that do not pass their limits."""
    cpu, memory = draw(st.integers(10, 4000)), draw(st.integers(32, 4096))
    return Compute(
        cpu=f"{cpu}m",
        memory=f"{memory}Mi",
        cpu_limit=f"{cpu * draw(st.integers(1, 4))}m",
        memory_limit=f"{memory * draw(st.integers(1, 4))}Mi",
    )


@st.composite
def agents(draw: st.DrawFn) -> AgentSettings:
    """Agents of tenant `research`."""
    lowest = draw(st.integers(1, 5))
    paths = draw(st.lists(st.from_regex(r"/[a-z]{1,8}", fullmatch=True), max_size=3, unique=True))
    both: list[Store] = ["postgres", "redis"]
    return AgentSettings(
        name=draw(names),
        tenant="research",
        image="agent-runtime",
        scale=Scale(min=lowest, max=lowest + draw(st.integers(0, 10))),
        resources=draw(computes()),
        routes=tuple(Route(path=path) for path in paths),
        stores=tuple(draw(st.sets(st.sampled_from(both)))),
        egress=tuple(draw(st.lists(st.just("api.example.com"), max_size=1))),
        drain_seconds=draw(st.integers(1, 300)),
    )

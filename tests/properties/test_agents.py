"""Properties: what holds for every agent that a stack file can describe."""

from hypothesis import HealthCheck, given, settings

from components.agents import Agent, AgentSettings
from tests import samples
from tests.properties.strategies import agents
from tests.recording import Recording, deploy

# Each example builds some forty resources.
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def build(agent: AgentSettings) -> Recording:
    return deploy(lambda: Agent(agent.name, samples.agent_args(agent)))


def own(recording: Recording, agent: AgentSettings) -> list[str]:
    return [
        each.name
        for each in recording.kind("Deployment", "Job")
        if each.inputs["metadata"]["namespace"] == agent.tenant
    ]


@few
@given(agent=agents())
def test_no_agent_can_lose_its_hardening_or_its_drain(agent: AgentSettings) -> None:
    recording = build(agent)
    names = own(recording, agent)
    assert names
    for name, pod in recording.pods():
        if name not in names:
            continue
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    grace = recording.one("Deployment").inputs["spec"]["template"]["spec"]
    assert grace["terminationGracePeriodSeconds"] > agent.drain_seconds + 5


@few
@given(agent=agents())
def test_an_agent_reaches_exactly_the_stores_of_its_entry(agent: AgentSettings) -> None:
    policy = build(agent).one("NetworkPolicy", agent.name + "-network").inputs["spec"]
    reached = {
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in policy["egress"]
        for peer in rule["to"]
        if "app.kubernetes.io/name" in peer.get("podSelector", {}).get("matchLabels", {})
    }
    assert reached == set(agent.stores)
    public = [peer for rule in policy["egress"] for peer in rule["to"] if "ipBlock" in peer]
    assert bool(public) == bool(agent.egress)


@few
@given(agent=agents())
def test_selectors_select_the_agents_own_pods_and_nothing_else(agent: AgentSettings) -> None:
    recording = build(agent)
    deployment = recording.one("Deployment").inputs["spec"]
    selector = deployment["selector"]["matchLabels"]
    assert selector.items() <= deployment["template"]["metadata"]["labels"].items()
    budget = recording.one("PodDisruptionBudget").inputs["spec"]["selector"]["matchLabels"]
    service = recording.one("Service", f"{agent.name}-service").inputs["spec"]["selector"]
    assert budget == service == selector
    for job in recording.kind("Job", "StatefulSet"):
        labels = job.inputs["spec"]["template"]["metadata"]["labels"]
        assert not selector.items() <= labels.items()

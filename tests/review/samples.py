"""Reviews as a reader meets them: what tests of every report show."""

from collections.abc import Callable, Mapping
from typing import Final

from review.model import (
    DESTRUCTIVE,
    UNKNOWN,
    Finding,
    Level,
    Notice,
    Operation,
    Outcome,
    Policies,
    Resource,
    Review,
    Weight,
)
from tests.review.building import (
    JUDGED,
    added,
    changed,
    component,
    costs,
    removed,
    resource,
    review,
    urn,
)
from tests.review.nasty import nasty

RDS: Final = "agents:stores:Rds"
BALANCER: Final = "agents:edge:LoadBalancer"
AGENT: Final = "agents:agents:Agent"


def creation(stack: str = "prod") -> Review:
    """A stack that is made for the first time: a database, a load balancer, an agent."""
    rds = component(stack, "postgres", RDS, Operation.CREATE)
    balancer = component(stack, "balancer", BALANCER, Operation.CREATE)
    agent = component(stack, "feature-extractor", AGENT, Operation.CREATE)
    server = resource(
        rds,
        "postgres-instance",
        "aws:rds/instance:Instance",
        Operation.CREATE,
        added("engine", "postgres"),
        added("instanceClass", "db.r7g.large"),
        added("kmsKeyId", UNKNOWN),
        protected=True,
        source="components/stores/rds.py:196",
    )
    group = resource(
        rds, "postgres-security", "aws:ec2/securityGroup:SecurityGroup", Operation.CREATE
    )
    front = resource(
        balancer,
        "balancer-balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        Operation.CREATE,
        added("idleTimeout", "120"),
        added("securityGroups[0]", UNKNOWN),
    )
    pods = resource(
        agent,
        "feature-extractor-deployment",
        "kubernetes:apps/v1:Deployment",
        Operation.CREATE,
        added("spec.replicas", "3"),
        added('metadata.annotations["app.kubernetes.io/part-of"]', "agent-platform"),
    )
    return review(
        stack,
        [rds, balancer, agent, server, group, front, pods],
        compared_with="nothing",
        costs=costs(0, 412.5, {server.urn: 392.0, front.urn: 20.5}),
        outputs=(added("url", "https://agents.example.com"),),
    )


def image_change(stack: str = "dev") -> Review:
    """One agent gets a new image; all else stays."""
    agent = component(stack, "feature-extractor", AGENT)
    image = changed(
        "spec.template.spec.containers[0].image",
        f"localhost/agent-runtime@sha256:{'1' * 64}",
        f"localhost/agent-runtime@sha256:{'2' * 64}",
    )
    pods = resource(
        agent,
        "feature-extractor-deployment",
        "kubernetes:apps/v1:Deployment",
        Operation.UPDATE,
        image,
        source="components/agents/workload.py:88",
    )
    service = resource(
        agent, "feature-extractor-service", "kubernetes:core/v1:Service", Operation.SAME
    )
    return review(stack, [agent, pods, service])


def replaced_database(stack: str = "prod") -> Review:
    """The database is made anew, the old one deleted first, and it costs more."""
    rds = component(stack, "postgres", RDS)
    server = resource(
        rds,
        "postgres-instance",
        "aws:rds/instance:Instance",
        Operation.REPLACE,
        changed("storageEncrypted", "false", "true", replaces=True),
        changed("instanceClass", "db.r7g.large", "db.r7g.xlarge"),
        removed("dbName", "research"),
        loss="its data",
        protected=True,
        deletes_first=True,
        source="components/stores/rds.py:196",
    )
    alarm = resource(
        rds,
        "postgres-alarm",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        Operation.UPDATE,
        changed("dimensions.DBInstanceIdentifier", "agents-prod-postgres", UNKNOWN),
    )
    return review(
        stack,
        [rds, server, alarm],
        costs=costs(1204.25, 1596.25, {server.urn: 392.0}),
        outputs=(changed("postgres", "agents-prod-postgres.internal", UNKNOWN),),
    )


def deleted_balancer(stack: str = "prod") -> Review:
    """The load balancer goes, with its address; its log bucket leaves the state and stays."""
    balancer = component(stack, "balancer", BALANCER, Operation.DELETE)
    front = resource(
        balancer,
        "balancer-balancer",
        "aws:lb/loadBalancer:LoadBalancer",
        Operation.DELETE,
        loss="its address: clients cannot reach it until DNS points elsewhere",
    )
    logs = resource(
        balancer, "balancer-access-logs", "aws:s3/bucket:Bucket", Operation.FORGET, retained=True
    )
    return review(
        stack,
        [balancer, front, logs],
        costs=costs(412.5, 392.0, {front.urn: -20.5}),
        outputs=(removed("url", "https://agents.example.com"),),
    )


def finding(subject: Resource, policy: str, level: Level, severity: str, reason: str) -> Finding:
    """A resource that breaks a policy of the platform's pack."""
    return Finding(
        policy=policy,
        pack="agent-platform",
        level=level,
        severity=severity,
        urn=subject.urn,
        reason=reason,
        remediation="set it as docs/policies.md says.",
    )


def broken_policies(stack: str = "prod") -> Review:
    """Two mandatory policies and an advisory one are broken; one rule met an unknown value."""
    made = creation(stack)
    server, pods = (
        next(r for r in made.resources if r.identity.name == name)
        for name in ("postgres-instance", "feature-extractor-deployment")
    )
    findings = (
        finding(
            pods,
            "forbid-privileged-containers",
            Level.MANDATORY,
            "critical",
            "agent: is privileged",
        ),
        finding(server, "require-multi-zone", Level.MANDATORY, "high", "multiAz is false"),
        finding(pods, "require-probes", Level.ADVISORY, "", "agent: has no readiness probe"),
    )
    policies = Policies(packs=JUDGED.packs, findings=findings, undecided=1)
    return review(stack, made.resources, policies=policies, costs=made.costs)


def failed(stack: str = "prod") -> Review:
    """The program stopped half-way with an error."""
    pods = "feature-extractor-deployment"
    said = (
        Notice(
            weight=Weight.ERROR,
            urn=urn(stack, pods, AGENT, "kubernetes:apps/v1:Deployment"),
            text="configured Kubernetes cluster is unreachable:\n  no such host",
        ),
        Notice(
            weight=Weight.WARNING, urn="", text="resource plugin aws is older than the lock file's"
        ),
    )
    return review(stack, image_change(stack).resources[:1], outcome=Outcome.FAILED, notices=said)


def incomplete(stack: str = "prod") -> Review:
    """The engine's output breaks off."""
    return review(
        stack,
        image_change(stack).resources,
        outcome=Outcome.INCOMPLETE,
        policies=Policies(failed="the engine's output breaks off before the policies were done"),
        remarks=("The event log ends without a summary.",),
    )


def crashed_pack(stack: str = "dev") -> Review:
    """The preview went through, the policies did not judge it."""
    policies = Policies(failed="pack agent-platform stopped: KeyError: 'spec'")
    return review(stack, image_change(stack).resources, policies=policies)


def nothing_changed(stack: str = "dev") -> Review:
    """All stays as it is."""
    agent = component(stack, "feature-extractor", AGENT)
    service = resource(
        agent, "feature-extractor-service", "kubernetes:core/v1:Service", Operation.SAME
    )
    return review(stack, [agent, service], costs=costs(100, 100, {}))


def huge(stack: str = "prod", number: int = 5_000) -> Review:
    """Thousands of resources, each operation among them; many break a policy."""
    owners = [component(stack, f"component-{place}", AGENT) for place in range(number // 50)]
    operations = (*(Operation.UPDATE,) * 6, Operation.CREATE, Operation.REPLACE, Operation.DELETE)
    resources = [
        resource(
            owners[place % len(owners)],
            f"resource-{place:05}",
            "kubernetes:core/v1:ConfigMap",
            operations[place % len(operations)],
            changed("data.text", f"before {place} " * 20, f"after {place} " * 20),
            loss="its content" if operations[place % len(operations)] in DESTRUCTIVE else None,
        )
        for place in range(number)
    ]
    findings = tuple(
        finding(one, "require-labels", Level.MANDATORY, "high", "has no owner")
        for one in resources[::5]
    )
    notices = tuple(
        Notice(weight=Weight.WARNING, urn=one.urn, text="is deprecated") for one in resources[::7]
    )
    return review(
        stack,
        [*owners, *resources],
        policies=Policies(packs=JUDGED.packs, findings=findings),
        notices=notices,
        costs=costs(0, number, {one.urn: 1.0 for one in resources}),
    )


ALL: Final[Mapping[str, Callable[[], Review]]] = {
    "creation": creation,
    "image change": image_change,
    "replaced database": replaced_database,
    "deleted balancer": deleted_balancer,
    "broken policies": broken_policies,
    "failed": failed,
    "incomplete": incomplete,
    "crashed pack": crashed_pack,
    "nothing changed": nothing_changed,
    "nasty": nasty,
    "huge": huge,
}
"""What it shows → the review."""

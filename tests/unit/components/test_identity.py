"""Unit: what a statement refuses, who may take on a role, and what a workload gets with its identity."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.identity import Federation, Identity, IdentityArgs, Statement, document, policy
from components.identity.identity import ROLE_NAME_LIMIT, role_name
from components.identity.statements import UNSCOPED, settled, unscoped
from components.identity.trust import by_service
from tests import samples_cluster as samples
from tests.recording import Recording, deploy

BUCKET = "arn:aws:s3:::agents-prod-backup"
SERVICES = st.sampled_from(("s3", "ec2", "kms", "autoscaling", "secretsmanager", "ecr"))
CALLS = st.from_regex(r"[A-Z][A-Za-z]{2,20}", fullmatch=True)


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call of AWS by its full name."""
    return f"{draw(SERVICES)}:{draw(CALLS)}"


@st.composite
def wild_calls(draw: st.DrawFn) -> str:
    """The same with a wildcard somewhere."""
    call = draw(calls())
    at = draw(st.integers(min_value=0, max_value=len(call)))
    return call[:at] + draw(st.sampled_from("*?")) + call[at:]


def statement(*actions: str, resource: pulumi.Input[str] = BUCKET) -> Statement:
    return Statement(actions=actions, resources=(resource,))


@given(
    action=wild_calls() | st.sampled_from(("*", "s3:*", "*:*")),
    resource=st.sampled_from(("*", BUCKET)),
)
def test_no_action_may_have_a_wildcard(action: str, resource: str) -> None:
    with pytest.raises(ValueError, match="name each call"):
        statement(action, resource=resource)


@given(actions=st.lists(calls() | st.sampled_from(sorted(UNSCOPED)), min_size=1, max_size=4))
def test_only_calls_without_a_resource_may_stand_on_all_of_them(actions: list[str]) -> None:
    if all(unscoped(each) for each in actions):
        rendered = document([statement(*actions, resource="*")])["Statement"][0]
        assert rendered["Action"] == actions
    else:
        with pytest.raises(ValueError, match="name the ARN"):
            statement(*actions, resource="*")


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("agents-prod-backup", "is no ARN"),
        ("arn:aws:s3", "is no ARN"),
        ("arn:aws:s3:::", "is no ARN"),
        ("arn:aws:s3:::*", "stands for everything"),
        ("arn:aws:sqs:eu-central-1:123456789012:*", "stands for everything"),
        ("arn:aws:ec2:*:*:volume/*", "wildcard before its last part"),
        ("arn:aws:ec2:eu-central-1:*:volume/*", "wildcard before its last part"),
        ("arn:aws:*:eu-central-1:123456789012:volume/*", "wildcard before its last part"),
    ],
)
def test_a_resource_is_an_arn_that_names_its_place_and_its_type(resource: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        statement("ec2:DeleteVolume", resource=resource)


def test_a_wildcard_may_stand_behind_a_name() -> None:
    assert statement("s3:GetObject", resource=f"{BUCKET}/*").resources == (f"{BUCKET}/*",)


def test_a_statement_names_what_it_is_about() -> None:
    with pytest.raises(ValueError, match="allows no action"):
        Statement(actions=(), resources=(BUCKET,))
    with pytest.raises(ValueError, match="'Read' names no resource"):
        Statement(sid="Read", actions=("s3:GetObject",), resources=())
    with pytest.raises(ValueError, match="letters and digits"):
        Statement(sid="read it", actions=("s3:GetObject",), resources=(BUCKET,))


def test_every_fault_of_a_statement_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="s3:Get") as raised:
        Statement(actions=("s3:Get*", "s3:PutObject"), resources=("*",))
    assert "s3:PutObject would be allowed on '*'" in str(raised.value)


def test_a_policy_has_statements_and_tells_them_apart() -> None:
    with pytest.raises(ValueError, match="leave the policy out"):
        document([])
    with pytest.raises(ValueError, match="sid Read is there more than once"):
        document([samples.READ, samples.READ])


def test_a_policy_says_what_its_statements_say() -> None:
    conditions = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    one = Statement(
        sid="Lend", actions=("kms:CreateGrant",), resources=(samples.KEY,), conditions=conditions
    )
    assert document([one]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["kms:CreateGrant"],
                "Resource": [samples.KEY],
                "Sid": "Lend",
                "Condition": conditions,
            }
        ],
    }


def test_an_output_that_turns_out_to_be_a_wildcard_is_refused() -> None:
    def program() -> None:
        resource = pulumi.Output.from_input("*")
        pulumi.export("policy", policy([statement("s3:DeleteObject", resource=resource)]))

    with pytest.raises(ValueError, match="name the ARN"):
        deploy(program)


def test_a_policy_whose_outputs_are_arns_is_left_as_it_is() -> None:
    text = json.dumps(document([samples.READ]))
    assert settled(text) == text


@given(
    cluster=st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True),
    name=st.from_regex(r"[a-z][a-z0-9-]{0,99}", fullmatch=True),
)
def test_names_of_roles_fit_and_begin_with_the_cluster(cluster: str, name: str) -> None:
    assert len(role_name(cluster, name)) <= ROLE_NAME_LIMIT
    assert role_name(cluster, name).startswith(cluster)


def test_long_names_that_differ_at_the_end_give_different_roles() -> None:
    long = "a" * 90
    assert role_name("agents", f"{long}-x") != role_name("agents", f"{long}-y")


def built(args: IdentityArgs) -> Recording:
    return deploy(lambda: Identity("extractor", args))


def trust(recording: Recording) -> dict[str, Any]:
    (only,) = json.loads(recording.one("Role").inputs["assumeRolePolicy"])["Statement"]
    return only


def test_by_pod_identity_one_service_account_of_one_cluster_takes_on_the_role() -> None:
    recording = built(samples.identity_args())
    assert trust(recording) == {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:SourceAccount": "123456789012",
                "aws:RequestTag/kubernetes-namespace": "research",
                "aws:RequestTag/kubernetes-service-account": "extractor",
            },
            "ArnEquals": {
                "aws:SourceArn": "arn:aws:eks:eu-central-1:123456789012:cluster/agents-prod"
            },
        },
    }
    association = recording.one("PodIdentityAssociation").inputs
    role = recording.one("Role")
    assert association["clusterName"] == "agents-prod"
    assert association["namespace"] == "research"
    assert association["serviceAccount"] == "extractor"
    assert role.urn in recording.one("PodIdentityAssociation").dependencies


def test_by_irsa_subject_and_audience_are_exact() -> None:
    recording = built(samples.identity_args("irsa"))
    host = samples.ISSUER.removeprefix("https://")
    assert trust(recording) == {
        "Effect": "Allow",
        "Principal": {"Federated": samples.PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {
                f"{host}:sub": "system:serviceaccount:research:extractor",
                f"{host}:aud": "sts.amazonaws.com",
            }
        },
    }
    assert recording.kind("PodIdentityAssociation") == []


def annotations(args: IdentityArgs) -> Mapping[str, object]:
    found: dict[str, object] = {}

    def program() -> None:
        for key, value in Identity("extractor", args).annotations.items():
            value.apply(lambda known, key=key: found.update({key: known}))

    deploy(program)
    return found


def test_the_service_account_is_annotated_only_where_its_token_is_what_counts() -> None:
    assert annotations(samples.identity_args()) == {}
    (only,) = annotations(samples.identity_args("irsa")).items()
    assert only[0] == "eks.amazonaws.com/role-arn"
    assert str(only[1]).endswith("Role/extractor-role")


def test_the_role_may_do_what_its_statements_say() -> None:
    recording = built(samples.identity_args())
    granted = json.loads(recording.one("RolePolicy").inputs["policy"])
    assert granted == document([samples.READ])


def test_pods_get_the_role_after_its_permissions() -> None:
    recording = built(replace(samples.identity_args(), managed=("AmazonEKS_CNI_Policy",)))
    attached = recording.one("RolePolicyAttachment")
    assert attached.inputs["policyArn"] == "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    association = recording.one("PodIdentityAssociation")
    assert {attached.urn, recording.one("RolePolicy").urn} <= association.dependencies


def test_an_identity_that_may_do_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="may do nothing"):
        built(replace(samples.identity_args(), statements=()))


def test_irsa_wants_a_provider() -> None:
    bare: Federation = replace(samples.federation(), mode="irsa")
    with pytest.raises(ValueError, match=r"set cluster\.identity to irsa"):
        built(replace(samples.identity_args(), cluster=bare))


def test_a_role_of_a_service_is_for_that_service_only() -> None:
    (only,) = by_service("ec2.amazonaws.com")["Statement"]
    assert only["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert only["Action"] == ["sts:AssumeRole"]

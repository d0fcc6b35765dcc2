"""Invariants of the rules on AWS: what may be open, and what a document means however it is written."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.aws.conditions import bound_keys
from policies.aws.documents import statements
from policies.aws.identity import forbid_whole_services
from policies.aws.network import forbid_administration_ports, forbid_open_ports
from tests.policies.aws_parts import allow, aws, document
from tests.policies.world import Declared, resource

ports = st.integers(0, 65535)
protocols = st.sampled_from(["tcp", "udp", "icmp", "-1", "all", "6"])
names = st.from_regex(r"[A-Z][A-Za-z]{2,12}", fullmatch=True)
services = st.sampled_from(["s3", "ec2", "kms", "logs"])


def three_ways(protocol: str, first: int, last: int, cidr: str) -> list[Declared]:
    """The same opening in each of the ways that the provider has for it."""
    inline: dict[str, Any] = {
        "protocol": protocol,
        "fromPort": first,
        "toPort": last,
        "cidrBlocks": [cidr],
    }
    own: dict[str, Any] = {
        "ipProtocol": protocol,
        "fromPort": first,
        "toPort": last,
        "cidrIpv4": cidr,
    }
    return [
        aws("ec2/securityGroup:SecurityGroup", ingress=[inline]),
        aws("ec2/securityGroupRule:SecurityGroupRule", type="ingress", **inline),
        aws("vpc/securityGroupIngressRule:SecurityGroupIngressRule", **own),
    ]


@given(protocol=protocols, first=ports, last=ports)
def test_to_the_internet_only_one_port_of_the_web_is_ever_open(
    protocol: str, first: int, last: int
) -> None:
    web = protocol in ("tcp", "6") and first == last and first in (80, 443)
    for declared in three_ways(protocol, first, last, "0.0.0.0/0"):
        passes = not forbid_open_ports.judge(resource("group", declared)).complaints
        assert passes == web


@given(protocol=protocols, first=ports, last=ports)
def test_no_range_of_addresses_ever_reaches_ssh(protocol: str, first: int, last: int) -> None:
    covered = protocol in ("-1", "all") or first <= 22 <= last
    for declared in three_ways(protocol, first, last, "10.0.0.0/8"):
        found = forbid_administration_ports.judge(resource("group", declared)).complaints
        assert ("SSH" in "".join(each.reason for each in found)) == covered


@given(service=services, name=names, extra=st.lists(names, max_size=3))
def test_a_statement_means_the_same_in_every_way_of_writing_it(
    service: str, name: str, extra: list[str]
) -> None:
    actions = [f"{service}:{each}" for each in (name, *extra)]
    statement: dict[str, Any] = allow(actions if extra else actions[0], "*")
    here = resource("policy", aws("iam/policy:Policy"))
    ways = [document(statement), json.loads(document(statement)), {"Statement": statement}]
    read = [[(each.actions, each.resources) for each in statements(here, way)] for way in ways]
    assert read == [[(tuple(actions), ("*",))]] * 3


@given(actions=st.lists(st.builds("{}:{}".format, services, names), min_size=1), service=services)
def test_one_whole_service_among_any_actions_is_found(actions: list[str], service: str) -> None:
    def complaints(*given_actions: str) -> int:
        policy = aws("iam/policy:Policy", policy=document(allow(list(given_actions), "arn:x")))
        return len(forbid_whole_services.judge(resource("policy", policy)).complaints)

    assert complaints(*actions) == 0
    assert complaints(*actions, f"{service}:*") == 1


accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
loose = st.sampled_from(
    ["StringNotEquals", "StringNotLike", "Null", "Bool", "IpAddress", "DateLessThan"]
)


@given(
    operator=st.sampled_from(["StringEquals", "StringLike"]), named=st.lists(accounts, min_size=1)
)
def test_one_value_that_names_nobody_unbinds_a_condition(operator: str, named: list[str]) -> None:
    def bound(*values: str) -> bool:
        return bool(bound_keys({operator: {"aws:SourceAccount": list(values)}}))

    assert bound(*named)
    assert bound(named[0])
    assert not bound(*named, "*")
    assert not bound()


@given(more=st.dictionaries(loose, st.dictionaries(names, accounts)), account=accounts)
def test_conditions_can_only_be_added_to_what_binds(
    more: dict[str, dict[str, str]], account: str
) -> None:
    assert not bound_keys(more)
    bound = {"StringEquals": {"aws:SourceAccount": account}}
    assert bound_keys({**more, **bound}) == {"aws:sourceaccount"}


@given(account=accounts, service=services, tail=st.sampled_from(["*", "name", "type/*"]))
def test_an_arn_binds_by_its_account(account: str, service: str, tail: str) -> None:
    def bound(owner: str) -> bool:
        arn = f"arn:aws:{service}:*:{owner}:{tail}"
        return bool(bound_keys({"ArnLike": {"aws:SourceArn": arn}}))

    assert bound(account)
    assert not bound(f"{account[:-1]}?")
    assert bound("") == (tail != "*")

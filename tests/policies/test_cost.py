"""What a stack costs: each figure traceable to the table, and nothing left out in silence."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from policies.cost import Estimate, estimate, resources_of
from policies.prices import FILE, PRICERS, Prices, free, load
from policies.urn import Urn
from tests.policies.aws_parts import aws
from tests.policies.aws_world import aws_world
from tests.policies.world import UNKNOWN, Declared, changed, judged, urn

PRICES = load()
HERE = PRICES.regions["eu-central-1"]
HOURS = 730


def estimated(*changes: tuple[tuple[str | int, ...], object]) -> Estimate:
    """The estimate of the stack of the fixtures, after changes."""
    return estimate(judged(changed(changes, aws_world())).resources)


def of(found: Estimate, resource: str) -> dict[str, float]:
    """What one resource is paid for."""
    return {line.item: line.monthly for line in found.lines if line.resource == resource}


def test_the_table_says_in_what_as_of_when_and_from_where() -> None:
    assert (PRICES.currency, PRICES.hours_per_month) == ("USD", HOURS)
    assert PRICES.as_of == "2026-11"
    assert "to be verified" in PRICES.source


def test_the_table_has_the_sizes_that_stacks_use() -> None:
    for family in ("m7g", "c7g", "r7g", "t4g"):
        assert f"{family}.medium" in HERE.machines
    for family in ("m7g", "m7i", "c7g", "r7g"):
        sizes = [HERE.machines[f"{family}.{size}"] for size in ("large", "xlarge", "2xlarge")]
        assert sizes[1] == pytest.approx(2 * sizes[0], rel=0.01)
        assert sizes[2] == pytest.approx(2 * sizes[1], rel=0.01)
        assert HERE.machines[f"{family}.4xlarge"] == pytest.approx(2 * sizes[2], rel=0.01)


def test_a_table_with_a_fault_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "prices.yaml"
    file.write_text(FILE.read_text().replace("cluster: 0.10", "cluster: cheap"))
    with pytest.raises(ValidationError, match="cluster"):
        load(file)


def test_a_cluster_is_paid_by_the_hour() -> None:
    assert of(estimated(), "cluster") == {"control plane": pytest.approx(0.10 * HOURS)}


def test_nodes_are_paid_by_how_many_a_group_begins_with_and_their_disks() -> None:
    found = of(estimated(), "nodes")
    assert found["3 x m7g.large"] == pytest.approx(3 * HERE.machines["m7g.large"] * HOURS)
    # One volume is as large as its image.
    gb = 50 + PRICES.assumptions["image_disk_gb"]
    assert found[f"3 x {gb:g} GB disk"] == pytest.approx(3 * gb * HERE.monthly["disk_gb"])


def test_nodes_without_a_template_have_the_disk_that_is_asked_for() -> None:
    group = Declared(aws_world()["nodes"].type, {**aws_world()["nodes"].props, "diskSize": 80})
    assert "3 x 80 GB disk" in of(estimated((("nodes",), group)), "nodes")


def test_a_standby_costs_as_much_as_what_it_stands_by_for() -> None:
    pair = sum(of(estimated(), "database").values())
    one = sum(of(estimated((("database", "multiAz"), False)), "database").values())
    assert pair == pytest.approx(2 * one)


def test_a_cache_is_paid_by_its_nodes() -> None:
    node = HERE.caches["cache.t4g.small"] * HOURS * HERE.valkey_share
    assert of(estimated(), "cache") == {"2 x cache.t4g.small": pytest.approx(2 * node)}
    sharded = of(
        estimated((("cache", "numNodeGroups"), 3), (("cache", "replicasPerNodeGroup"), 1), _ONE),
        "cache",
    )
    assert sharded == {"6 x cache.t4g.small": pytest.approx(6 * node)}


_ONE = (("cache", "engine"), "valkey")


def test_an_endpoint_is_paid_by_the_zone_and_one_to_a_gateway_not_at_all() -> None:
    endpoint = aws("ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Interface", subnetIds=["a", "b"])
    gateway = aws("ec2/vpcEndpoint:VpcEndpoint", vpcEndpointType="Gateway")
    found = estimated((("endpoint",), endpoint), (("gateway",), gateway))
    wanted = 2 * HERE.hourly["interface_endpoint"] * HOURS
    assert of(found, "endpoint")["2 x endpoint"] == pytest.approx(wanted)
    assert of(found, "gateway") == {}
    assert found.unpriced == ()


def test_a_balancer_inside_the_network_has_no_public_addresses() -> None:
    assert "3 x public address" in of(estimated(), "balancer")
    inside = of(estimated((("balancer", "internal"), True)), "balancer")
    assert not any("address" in item for item in inside)


def test_what_has_no_price_is_named() -> None:
    found = estimated(
        (("nodes", "instanceTypes"), ["m9x.metal"]),
        (("other",), aws("redshift/cluster:Cluster")),
    )
    assert found.unpriced == ("aws:eks/NodeGroup m9x.metal", "aws:redshift/Cluster")


def test_what_the_preview_does_not_know_is_left_out_and_kept_in_mind() -> None:
    found = estimated((("database", "instanceClass"), UNKNOWN))
    assert of(found, "database") == {}
    assert len(found.undecided) == 1
    assert found.monthly < estimated().monthly


def test_a_region_without_prices_prices_nothing() -> None:
    found = estimated((("aws-provider", "region"), "mars-north-1"))
    assert found.lines == ()
    assert "aws:eks/Cluster" in found.unpriced
    unknown = estimated((("aws-provider", "region"), UNKNOWN))
    assert unknown.lines == ()
    assert len(unknown.undecided) == len(unknown.resources) == len(estimated().resources)


def test_what_is_priced_before_an_unknown_value_counts_and_the_rest_is_told() -> None:
    disk = ("template", "blockDeviceMappings", 1, "ebs", "volumeSize")
    found = estimated((disk, UNKNOWN))
    (group,) = [each for each in found.resources if each.urn.endswith("::nodes")]
    assert [line.item for line in group.lines] == ["3 x m7g.large"]
    assert group.gap in found.undecided
    assert group.monthly == pytest.approx(3 * HERE.machines["m7g.large"] * HOURS)


def test_everything_of_the_stack_is_priced_or_free() -> None:
    assert estimated().unpriced == ()
    assert not any(free(kind) for kind in PRICERS)


def test_sums_go_by_whatever_is_asked_for_the_largest_first() -> None:
    found = estimated()
    by_kind = found.by(lambda line: line.kind)
    assert next(iter(by_kind)) == "aws:rds/Instance"
    assert sum(by_kind.values()) == pytest.approx(found.monthly)


def test_a_stack_that_was_exported_is_read_with_parents_and_origins() -> None:
    template, group = aws_world()["template"], aws_world()["nodes"]
    nodes = "urn:pulumi:prod::agent-platform::agents:cluster:Nodes$aws:eks/nodeGroup:NodeGroup::n"
    origin = urn(template.type, "template", "prod")
    export = {
        "deployment": {
            "resources": [
                {"urn": origin, "type": template.type, "inputs": template.props},
                {"urn": f"{nodes}-old", "type": group.type, "inputs": group.props, "delete": True},
                {
                    "urn": nodes,
                    "type": group.type,
                    "inputs": group.props,
                    "propertyDependencies": {"launchTemplate": [origin], "subnetIds": None},
                },
            ]
        }
    }
    found = estimate(resources_of(json.loads(json.dumps(export))))
    assert {line.component for line in found.lines} == {"agents:cluster:Nodes"}
    assert "3 x 54 GB disk" in of(found, "n")
    assert estimate(resources_of({})).monthly == 0


def test_resources_of_one_name_and_names_with_colons_are_told_apart() -> None:
    stack = "urn:pulumi:prod::agent-platform::agents:secrets:Key$aws:kms"
    urns = [f"{stack}/key:Key::a::b", f"{stack}/externalKey:ExternalKey::a::b"]
    listed = [{"urn": one, "type": Urn.parse(one).type} for one in urns]
    found = estimate(resources_of({"deployment": {"resources": listed}}))
    assert [(line.urn, line.resource, line.component) for line in found.lines] == [
        (urns[0], "a::b", "agents:secrets:Key")
    ]
    assert [each.urn for each in found.resources if each.gap] == [urns[1]]


@given(count=st.integers(0, 500), size=st.sampled_from(sorted(HERE.machines)))
def test_the_price_of_nodes_grows_with_their_number(count: int, size: str) -> None:
    def price(nodes: int) -> float:
        scaling = {"desiredSize": nodes}
        group = aws("eks/nodeGroup:NodeGroup", scalingConfig=scaling, instanceTypes=[size])
        return estimate(judged({"nodes": group}).resources).monthly

    assert price(count + 1) > price(count) >= 0


def test_prices_of_ones_own_can_be_given() -> None:
    dear = Prices.model_validate(
        {**PRICES.model_dump(), "regions": {"eu-central-1": _double(HERE.model_dump())}}
    )
    cluster = judged({"cluster": aws_world()["cluster"]}).resources
    assert estimate(cluster, dear).monthly == pytest.approx(2 * estimate(cluster).monthly)


def _double(region: dict[str, object]) -> dict[str, object]:
    return {**region, "hourly": {name: 2 * price for name, price in HERE.hourly.items()}}

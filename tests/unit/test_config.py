"""Unit: what a stack file may say, and what is answered when it says something else."""

import json
import re
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

import config

ROOT = Path(__file__).parents[2]


def stack(name: str) -> dict[str, Any]:
    values = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"]
    return {key.removeprefix(f"{config.PROJECT}:"): value for key, value in values.items()}


def parse(values: dict[str, Any]) -> config.StackConfig:
    own = {f"{config.PROJECT}:{key}": json.dumps(value) for key, value in values.items()}
    return config.parse(own, "dev")


@pytest.fixture
def values() -> dict[str, Any]:
    own = stack("dev")
    own.pop("pulumi:disable-default-providers")
    return own


def fault(values: dict[str, Any]) -> str:
    with pytest.raises(config.ConfigError) as raised:
        parse(values)
    return str(raised.value)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_stacks_of_the_repository_are_valid(name: str) -> None:
    values = stack(name)
    values.pop("pulumi:disable-default-providers")
    assert parse(values).agents


def test_the_second_agent_of_the_readme_fits_into_the_stack(values: dict[str, Any]) -> None:
    text = (ROOT / "README.md").read_text()
    (block,) = re.findall(r"```yaml\n(agent-platform:agents:.*?)```", text, re.DOTALL)
    values["agents"] += yaml.safe_load(block)["agent-platform:agents"]
    assert len(parse(values).agents) == 2


def test_both_stacks_set_the_same_keys() -> None:
    assert stack("dev").keys() == stack("prod").keys()


def test_the_project_declares_every_key_of_the_program() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    wanted = {f"{config.PROJECT}:{key}" for key in config.StackConfig.model_fields}
    assert declared.keys() == wanted


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_no_stack_may_fall_back_to_an_ambient_provider(name: str) -> None:
    assert {"kubernetes", "aws"} <= set(stack(name)["pulumi:disable-default-providers"])


def test_an_unknown_key_is_named_with_the_known_ones(values: dict[str, Any]) -> None:
    message = fault({**values, "agentz": []})
    assert "agentz: is no key of this program" in message
    assert "known: agents, cluster" in message
    assert message.startswith("Pulumi.dev.yaml")


def test_a_missing_key_is_named(values: dict[str, Any]) -> None:
    del values["gateway"]
    assert "gateway: is missing; add it" in fault(values)


def test_a_misspelt_key_inside_an_entry_is_named_with_its_place(values: dict[str, Any]) -> None:
    values["agents"][0]["imgae"] = "x"
    assert 'agents[0].imgae: is no key of this program, got "x"' in fault(values)


def test_a_wrong_type_shows_what_was_got(values: dict[str, Any]) -> None:
    values["gateway"]["replicas"] = "one"
    assert 'gateway.replicas: got "one"' in fault(values)


def test_a_number_in_quotes_is_not_taken_for_a_number(values: dict[str, Any]) -> None:
    values["gateway"]["replicas"] = "1"
    assert 'gateway.replicas: got "1"' in fault(values)


def test_a_wrong_unit_says_which_are_right(values: dict[str, Any]) -> None:
    values["agents"][0]["resources"]["cpu"] = "2 cores"
    message = fault(values)
    assert "agents[0].resources.cpu: '2 cores' is no CPU quantity" in message
    assert "500m" in message


def test_a_name_that_kubernetes_refuses_says_which_it_takes(values: dict[str, Any]) -> None:
    values["agents"][0]["name"] = "Feature_Extractor"
    assert "agents[0].name: Kubernetes refuses the name 'Feature_Extractor'" in fault(values)


def test_two_agents_with_one_name_are_refused(values: dict[str, Any]) -> None:
    values["agents"] = [values["agents"][0], {**values["agents"][0], "routes": []}]
    assert "agents: 'feature-extractor' is there more than once" in fault(values)


def test_a_tenant_that_does_not_exist_is_named_with_those_that_do(values: dict[str, Any]) -> None:
    values["agents"][0]["tenant"] = "nobody"
    assert "belongs to tenant 'nobody', which is not among the tenants (research)" in fault(values)


def test_two_agents_cannot_have_one_route(values: dict[str, Any]) -> None:
    values["agents"].append(
        {**values["agents"][0], "name": "second", "scale": {"min": 1, "max": 1}}
    )
    assert "both want any host/api/v1" in fault(values)


def test_agents_that_could_outgrow_the_quota_are_refused_with_the_sum(
    values: dict[str, Any],
) -> None:
    values["tenants"][0]["quota"]["cpu"] = "400m"
    message = fault(values)
    assert "ask for 500m of cpu and its quota is 400m" in message


def test_a_secret_under_a_mistyped_name_is_not_shown(values: dict[str, Any]) -> None:
    message = fault({**values, "modelkey": "very-secret"})
    assert "modelkey: is no key of this program" in message
    assert "very-secret" not in message


@pytest.mark.parametrize("name", ["postgres", "stores", "kube-system", "default", "operator"])
def test_a_tenant_cannot_have_a_name_that_means_something_else(
    values: dict[str, Any], name: str
) -> None:
    values["tenants"][0]["name"] = name
    assert f"tenants[0].name: '{name}' is a name of the cluster's" in fault(values)


def test_a_model_that_cannot_be_reached_is_refused(values: dict[str, Any]) -> None:
    values["agents"][0]["model"] = {"primary": "openai:gpt-4o", "api_key": "model_key"}
    assert "egress is empty: the model's vendor cannot be reached" in fault(values)


def test_every_fault_is_reported_at_once(values: dict[str, Any]) -> None:
    del values["gateway"]
    values["agents"][0]["name"] = "-"
    assert fault(values).count("\n  - ") == 2


def test_a_models_key_has_to_be_set(values: dict[str, Any]) -> None:
    values["agents"][0]["model"] = {"primary": "openai:gpt-4o", "api_key": "model_key"}
    values["agents"][0]["egress"] = ["api.openai.com"]
    message = fault(values)
    assert "model_key: an agent's model.api_key refers to it" in message
    assert "pulumi config set --secret model_key" in message


def test_a_models_key_nobody_refers_to_is_refused_without_showing_it(
    values: dict[str, Any],
) -> None:
    message = fault({**values, "model_key": "very-secret"})
    assert "model_key: no agent's model.api_key refers to it" in message
    assert "very-secret" not in message


def test_a_config_error_ends_the_program_without_a_traceback() -> None:
    assert issubclass(config.ConfigError, pulumi.RunError)


def test_images_that_were_not_built_say_how_to_build_them(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="make up"):
        config.Images.read(tmp_path / "images.lock.yaml")


def test_a_damaged_image_lock_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "images.lock.yaml"
    lock.write_text("images: {agent-runtime: localhost/agent-runtime:latest}")
    with pytest.raises(config.ConfigError, match="cannot be read"):
        config.Images.read(lock)


def test_an_image_is_found_by_its_key_or_taken_by_its_digest() -> None:
    pinned = "registry.example/runtime@sha256:" + "a" * 64
    images = config.Images(images={"agent-runtime": pinned})
    assert images.reference("agent-runtime") == pinned
    assert images.reference(pinned) == pinned


def test_an_image_that_does_not_exist_is_named_with_those_that_do() -> None:
    images = config.Images(images={"agent-runtime": "x@sha256:" + "a" * 64})
    with pytest.raises(config.ConfigError, match=r"'agent-runtme' is neither .* \(agent-runtime\)"):
        images.reference("agent-runtme")

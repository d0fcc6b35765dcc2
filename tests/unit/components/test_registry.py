"""Unit: what becomes of an image once it is pushed."""

import json
from typing import Any, cast

import pytest
from pydantic import ValidationError

from components.registry import Registry, RegistrySettings
from components.registry.documents import PULL, access, lifecycle, repository_name
from tests import samples_network as samples
from tests.recording import Recording, deploy


@pytest.fixture(scope="module")
def built() -> Recording:
    return deploy(samples.registry)


def test_every_image_has_a_repository_under_the_prefix(built: Recording) -> None:
    names = sorted(each.inputs["name"] for each in built.kind("Repository"))
    assert names == ["agents-prod/agent-runtime", "agents-prod/traefik"]
    urls = built.outputs[built.one("Registry").urn]["urls"]
    assert urls.keys() == {"agent-runtime", "traefik"}


def test_a_tag_is_written_once_and_what_is_pushed_is_scanned_and_encrypted(
    built: Recording,
) -> None:
    for each in built.kind("Repository"):
        assert each.inputs["imageTagMutability"] == "IMMUTABLE"
        assert each.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
        assert each.inputs["encryptionConfigurations"] == [
            {"encryptionType": "KMS", "kmsKey": samples.KEY}
        ]


@pytest.mark.parametrize("protect", [True, False])
def test_a_repository_with_images_goes_only_when_nothing_is_protected(protect: bool) -> None:
    recording = deploy(lambda: Registry("registry", samples.registry_args(protect=protect)))
    for each in recording.kind("Repository"):
        assert each.inputs["forceDelete"] is not protect


def test_every_repository_has_its_rules(built: Recording) -> None:
    for kind, document in (
        ("LifecyclePolicy", lifecycle(RegistrySettings())),
        ("RepositoryPolicy", access(samples.ACCOUNT)),
    ):
        policies = {each.inputs["repository"]: each.inputs["policy"] for each in built.kind(kind)}
        assert policies.keys() == {"agents-prod/agent-runtime", "agents-prod/traefik"}
        assert all(json.loads(each) == document for each in policies.values())


def test_images_go_a_week_after_they_lose_their_tag_or_when_a_hundred_are_newer() -> None:
    untagged, rest = cast("list[dict[str, Any]]", lifecycle(RegistrySettings())["rules"])
    assert untagged["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 7,
    }
    assert rest["selection"] == {
        "tagStatus": "any",
        "countType": "imageCountMoreThan",
        "countNumber": 100,
    }
    assert untagged["rulePriority"] < rest["rulePriority"]


def test_only_the_account_pulls_and_nobody_pushes_by_the_repositorys_own_policy() -> None:
    (statement,) = cast("list[dict[str, Any]]", access(samples.ACCOUNT)["Statement"])
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert statement["Action"] == list(PULL)
    assert not any("Put" in each or "Delete" in each or "*" in each for each in PULL)


@pytest.mark.parametrize("image", ["Agent", "agent runtime", "-agent", "agent/", "a" * 256])
def test_a_name_that_ecr_would_refuse_is_refused_here(image: str) -> None:
    with pytest.raises(ValueError, match="no name of a repository"):
        repository_name("agents-prod", image)


def test_the_accounts_scanning_is_left_alone_unless_asked_for(built: Recording) -> None:
    assert not built.kind("RegistryScanningConfiguration")
    settings = RegistrySettings(scan="continuous")
    recording = deploy(lambda: Registry("registry", samples.registry_args(settings)))
    scan = recording.one("RegistryScanningConfiguration").inputs
    assert scan["scanType"] == "ENHANCED"
    (rule,) = scan["rules"]
    assert rule["scanFrequency"] == "CONTINUOUS_SCAN"
    assert rule["repositoryFilters"] == [{"filter": "agents-prod/*", "filterType": "WILDCARD"}]


def test_a_handful_of_images_is_too_few_to_go_back_to() -> None:
    with pytest.raises(ValidationError, match="keep"):
        RegistrySettings(keep=3)

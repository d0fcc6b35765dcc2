"""Which values the policies take for secrets, by name, by form and by looks, and which they do not."""

import base64

import pytest

from policies.resource import Resource
from policies.rule import ResourceRule
from policies.secrets import (
    forbid_secret_in_arguments,
    forbid_secret_in_config_map,
    forbid_secret_in_environment,
    looks_random,
)
from tests.policies.world import Declared, container, pod_spec, resource
from tests.secret_values import CERTIFICATE, FORMS, HARMLESS_NAMES, HARMLESS_VALUES, NAMED, RANDOM

PASSWORD = "letme1n+"


def pod(**fields: object) -> Resource:
    spec = pod_spec()
    spec["containers"] = [{**container("planner"), **fields}]
    return resource("made", Declared("kubernetes:core/v1:Pod", {"spec": spec}))


def complaints(rule: object, made: Resource) -> tuple[str, ...]:
    assert isinstance(rule, ResourceRule)
    return tuple(map(str, rule.judge(made, {}).complaints))


def of_variable(name: str, value: str) -> tuple[str, ...]:
    return complaints(forbid_secret_in_environment, pod(env=[{"name": name, "value": value}]))


def of_arguments(*arguments: str) -> tuple[str, ...]:
    return complaints(forbid_secret_in_arguments, pod(args=list(arguments)))


def of_file(text: str) -> tuple[str, ...]:
    made = resource("made", Declared("kubernetes:core/v1:ConfigMap", {"data": {"file": text}}))
    return complaints(forbid_secret_in_config_map, made)


@pytest.mark.parametrize("name", NAMED)
def test_a_variable_that_is_a_secret_by_its_name_is_refused(name: str) -> None:
    (complaint,) = of_variable(name, PASSWORD)
    assert name in complaint
    assert PASSWORD not in complaint
    assert of_file(f"{name}: {PASSWORD}\n")


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_variable_that_only_sounds_like_a_secret_is_allowed(name: str) -> None:
    assert not of_variable(name, "some-name")


@pytest.mark.parametrize(("form", "secret"), FORMS)
def test_a_secret_of_a_known_form_is_refused_anywhere(form: str, secret: str) -> None:
    for found in (of_variable("X", form), of_arguments(form), of_file(f"a: 1\nb: {form}\n")):
        assert len(found) == 1
        assert secret not in found[0]


@pytest.mark.parametrize("value", HARMLESS_VALUES)
def test_what_has_the_form_of_a_name_or_a_digest_is_allowed(value: str) -> None:
    assert not of_variable("X", value)
    assert not of_arguments(value)
    assert not of_file(value)


def test_a_variable_that_looks_random_is_refused() -> None:
    assert of_variable("SESSION", RANDOM)


def test_a_certificate_in_base64_does_not_look_random() -> None:
    assert not looks_random(CERTIFICATE)
    assert looks_random(base64.b64encode(RANDOM.encode()).decode())


@pytest.mark.parametrize("value", ["oidc", "Basic", "true", "https://auth.example.com", "$(LOGIN)"])
def test_how_somebody_logs_in_is_no_secret(value: str) -> None:
    assert not of_variable("PROXY_AUTH", value)


def test_an_authorization_is_a_secret_only_with_what_authorizes() -> None:
    assert of_variable("authorization", "Basic bGV0")
    assert of_variable("authorization", "token abc")
    assert not of_variable("authorization", "AWS_IAM")
    assert not of_variable("authorization", "Bearer $(TOKEN)")


def test_a_secret_in_the_argument_behind_its_flag_is_refused() -> None:
    assert of_arguments("--password", PASSWORD)
    assert of_arguments("curl", "-u", f"admin:{PASSWORD}")
    assert not of_arguments("--password", "--verbose")
    assert not of_arguments("run", "-u", "1000:1000")


def test_passwords_by_user_are_refused_in_a_file() -> None:
    (complaint,) = of_file(f"a: 1\npasswords:\n  alice: {PASSWORD}\nother: something\n")
    assert "line 3" in complaint
    assert not of_file("passwords:\n  alice: ${ALICE}\nusers:\n  alice: something\n")

"""What the policies refuse as a secret is told by no report either."""

from collections.abc import Callable, Mapping

import pytest

from review.masking import Masking
from review.model import SECRET
from review.redaction import Redactor
from tests.review.reading.hiding import leaks, texts
from tests.review.reading.printing import Preview, diagnostic, properties, step
from tests.secret_values import CERTIFICATE, FORMS, HARMLESS_NAMES, HARMLESS_VALUES, NAMED, RANDOM

Make = Callable[..., Preview]
PASSWORD = "letme1n+"


def told(value: Mapping[str, object]) -> str:
    """One value after another as a report tells it, without any secret being known before."""
    return repr(Masking(Redactor()).inputs(value))


@pytest.mark.parametrize(
    "inputs",
    [
        {"spec": {"containers": [{"env": [{"name": "SESSION", "value": RANDOM}]}]}},
        {"spec": {"containers": [{"args": ["serve", RANDOM]}]}},
        {"spec": {"containers": [{"command": [f"--session={RANDOM}"]}]}},
        {"data": {"session": RANDOM}},
        {"values": {"deep": [{"session": RANDOM}]}},
        {"environment": {"variables": {"SESSION": RANDOM}}},
    ],
)
def test_what_looks_random_is_not_told_where_workloads_are_set_up(
    preview: Make, inputs: dict[str, object]
) -> None:
    assert RANDOM not in told(inputs)
    made = preview(step("create", new=inputs))
    made.events = [diagnostic(f"it was {RANDOM} here", "warning")]
    assert not leaks(made.review(), RANDOM)


def test_an_id_that_looks_random_is_told() -> None:
    assert RANDOM in told({"vpcId": RANDOM, "metadata": {"name": RANDOM}})


@pytest.mark.parametrize("value", HARMLESS_VALUES)
def test_names_digests_and_certificates_are_told(preview: Make, value: str) -> None:
    review = preview(step("create", new={"env": [{"name": "X", "value": value}]})).review()
    assert not any(SECRET in text for text in texts(review))


@pytest.mark.parametrize("name", NAMED)
def test_a_secret_by_its_name_is_not_told_however_it_is_given(preview: Make, name: str) -> None:
    for inputs in (
        {"env": [{"name": name, "value": PASSWORD}]},
        {"env": {name: PASSWORD}},
        {"script": f"export {name}={PASSWORD}\nrun\n"},
        {"script": f"a: 1\n{name}: {PASSWORD}\n"},
        {"args": [f"--{name}", PASSWORD]},
    ):
        assert not leaks(preview(step("create", new=inputs)).review(), PASSWORD)
        assert PASSWORD not in told(inputs)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_what_only_sounds_like_the_name_of_a_secret_is_told(name: str) -> None:
    assert SECRET not in told({name: "some-name", "env": [{"name": name, "value": "some-name"}]})


@pytest.mark.parametrize(("form", "secret"), FORMS)
def test_a_secret_of_a_known_form_is_not_told(preview: Make, form: str, secret: str) -> None:
    made = preview(step("create", new={"a": form, "b": [f"x {form} y"]}))
    made.events = [diagnostic(f"got {form} here", "warning")]
    assert not leaks(made.review(), secret)


def test_what_stands_in_front_of_a_login_is_told() -> None:
    assert told({"a": "curl -u admin:letme1n host"}).count(f"curl -u {SECRET} host") == 1
    assert told({"a": f"https://{PASSWORD}@host"}).count(f"https://{SECRET}@host") == 1
    assert "letme1n" not in told({"args": ["curl", "-u", "admin:letme1n"]})


@pytest.mark.parametrize(
    "inputs",
    [
        {"passwords": {"alice": PASSWORD}},
        {"apiKeys": {"deep": [{"alice": PASSWORD}]}},
        {"secret": {"key": PASSWORD}},
        {"secret": {"key": "letme1n"}},
        {"secret": {"key": PASSWORD, "name": "planner"}},
        {"authorization": f"Basic {PASSWORD}"},
        {"headers": {"Authorization": f"token {PASSWORD}"}},
    ],
)
def test_what_is_kept_below_the_name_of_a_secret_is_not_told(
    preview: Make, inputs: dict[str, object]
) -> None:
    assert "letme1n" not in told(inputs)
    made = preview(step("create", new={**inputs, "note": "it is letme1n+ now"}))
    if PASSWORD in repr(inputs):
        assert not leaks(made.review(), PASSWORD)


def test_where_a_secret_is_kept_is_told(preview: Make) -> None:
    inputs = {
        "secret": {"secretName": "db", "items": [{"key": "ca.crt", "path": "ca.crt"}]},
        "token": {"name": "registry", "key": "api-token"},
        "authorization": "AWS_IAM",
        "caBundle": CERTIFICATE,
    }
    review = preview(step("create", new=inputs)).review()
    assert SECRET not in repr(properties(review))

"""A secret that is known is told nowhere, in whatever writing it stands wherever."""

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from review.model import Review
from tests.review.reading.hiding import WRAPPINGS, WRITINGS, leaks, lengths, texts
from tests.review.reading.printing import Preview, complaint, diagnostic, signed, step, urn

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Machines that test are busy; an example may take its time."""

LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
SECRETS = st.text(LETTERS, min_size=8, max_size=40).filter(lambda text: len(set(text)) > 4)


def everywhere(preview: Preview, secret: str, writing: str, wrapping: str) -> Review:
    """A review of what has the secret once as the engine tells it, and then wherever it can be."""
    text = WRITINGS[writing](secret)
    known = {"a": 1, "inner": WRAPPINGS[wrapping](secret)}
    echoed = {"note": text, "list": [text, {"name": text, "image": text}], text: text}
    preview.steps = [
        step("update", "known", {"inner": signed("what it was before")}, known),
        step("update", "echo", {"a": 1}, {"a": 2, **echoed}, was={"outputs": {"x": text}}),
        step("create", f"named {text}", new=echoed, diff={f"a.{text}": "add"}),
        step("delete", "gone", {"note": text}),
        step("replace", "r", {"x": text}, {"x": "y"}, reasons=["x"], diff={"x": "update-replace"}),
    ]
    for one in preview.steps:
        one["newState"] = {**one.get("newState", {}), "dependencies": [urn(f"named {text}")]}
    preview.events = [
        diagnostic(f"it said: {text}", "warning", of=urn(f"named {text}")),
        diagnostic(f"failed with {text}\nand more {text}"),
        complaint(f"No secrets.\nThing x: has {text}. To mend it: remove {text}."),
        complaint(text, resourceUrn=urn(f"named {text}"), policyName=text, severity=text),
    ]
    preview.stderr = f"error: and so {text}\n"
    preview.code, preview.result = 1, "failed"
    return preview.review()


@cache
def own_words() -> str:
    """What a report says in its own words, which is no leak."""
    control = "Zq7-not-in-any-report"
    with tempfile.TemporaryDirectory() as folder:
        found = list(texts(everywhere(Preview(Path(folder)), control, "json in json", "signed")))
    assert not any(control in text for text in found)
    return "\n".join(found)


@patient
@given(
    secret=SECRETS,
    writing=st.sampled_from(sorted(WRITINGS)),
    wrapping=st.sampled_from(sorted(WRAPPINGS)),
)
def test_a_secret_that_the_engine_tells_of_once_is_told_nowhere(
    secret: str, writing: str, wrapping: str
) -> None:
    assume(secret not in own_words())
    with tempfile.TemporaryDirectory() as folder:
        review = everywhere(Preview(Path(folder)), secret, writing, wrapping)
    assert len(review.resources) == 5
    assert not leaks(review, secret)
    assert not lengths(review, secret)


@patient
@given(secret=SECRETS, writing=st.sampled_from(sorted(WRITINGS)))
def test_a_secret_that_the_caller_knows_is_told_nowhere(secret: str, writing: str) -> None:
    assume(secret not in own_words())
    with tempfile.TemporaryDirectory() as folder:
        made = Preview(Path(folder))
        everywhere(made, secret, writing, "signed")
        made.steps[0] = step("create", "known", new={"a": 1})
        review = made.review(withheld=[secret])
    assert not leaks(review, secret)


def told_of(secret: str) -> Review:
    with tempfile.TemporaryDirectory() as folder:
        made = Preview(Path(folder))
        inputs = {"x": signed(secret), "y": f"<{secret}>", "z": {"password": secret}}
        made.steps = [step("create", new=inputs)]
        made.events = [diagnostic(f"it said <{secret}>", "warning")]
        return made.review()


@patient
@given(one=SECRETS)
def test_two_secrets_of_any_length_look_the_same(one: str) -> None:
    assume(one not in own_words())
    assert told_of(one) == told_of("Zq7-not-in-any-report")

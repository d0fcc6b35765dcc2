"""Nothing secret is ever told, wherever it stood."""

import base64
import json
from collections.abc import Callable

import pytest
import yaml

from review.model import SECRET
from tests.review.reading.hiding import leaks, texts
from tests.review.reading.printing import (
    Preview,
    complaint,
    diagnostic,
    properties,
    signed,
    step,
    urn,
)

Make = Callable[..., Preview]
PLAIN = "kV9-never/told+äß 7"
SECRET_KIND = "kubernetes:core/v1:Secret"
KEY_BLOCK = "-----BEGIN RSA PRIVATE KEY-----\nMIIabcdef0123\n-----END RSA PRIVATE KEY-----\n"
ACCESS_KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


def as_yaml(value: object) -> str:
    return "# x\n" + yaml.safe_dump(value)


def test_a_secret_that_changes_is_told_as_changed_and_no_more(preview: Make) -> None:
    was, will_be = "what it was before", "what it will be"
    for old, new in (
        ({"password": was}, {"password": will_be}),
        ({"x": signed(was)}, {"x": signed(will_be)}),
        ({"x": f"postgres://me:{was.replace(' ', '')}@h"}, {"x": "postgres://me:new/one@h"}),
        (
            {"env": [{"name": "API_TOKEN", "value": was}]},
            {"env": [{"name": "API_TOKEN", "value": "b"}]},
        ),
        ({"d": json.dumps({"password": was})}, {"d": json.dumps({"password": will_be})}),
    ):
        review = preview(step("update", old=old, new=new)).review()
        (told,) = properties(review).values()
        assert told.before == told.after
        assert told.before is not None
        assert SECRET in told.before
        for secret in (was, will_be, PLAIN):
            assert not leaks(review, secret)


def test_data_of_a_secret_is_never_told(preview: Make) -> None:
    data = {
        "user": base64.b64encode(b"postgres").decode(),
        "x": base64.b64encode(PLAIN.encode()).decode(),
    }
    inputs = {"data": data, "stringData": {"url": "a:b", "n": 5}, "metadata": {"name": "db"}}
    review = preview(step("create", new=inputs, kind=SECRET_KIND)).review()
    assert {path: one.after for path, one in properties(review).items()} == {
        "data.user": SECRET,
        "data.x": SECRET,
        "metadata.name": "db",
        "stringData.n": SECRET,
        "stringData.url": SECRET,
    }


@pytest.mark.parametrize("write", [json.dumps, as_yaml])
def test_a_manifest_of_a_secret_in_a_text_is_not_told_either(
    preview: Make, write: Callable[[object], str]
) -> None:
    manifest = {"kind": "Secret", "metadata": {"name": "db"}, "data": {"x": PLAIN, "y": "short"}}
    inputs = {"metadata": {"annotations": {"last-applied": write(manifest)}}}
    review = preview(step("create", new=inputs), step("delete", "two", old=inputs)).review()
    assert not leaks(review, PLAIN)
    assert not any("short" in text for text in texts(review))
    assert any("db" in (one.after or "") for one in review.resources[0].properties)


@pytest.mark.parametrize(
    "name",
    [
        "password", "masterPassword", "DB_PASSWORD", "apiKey", "private_key", "privateKeyPem", "token",
        "secretString", "clientSecret", "aws_secret_access_key", "credentials", "dsn",
    ],
)  # fmt: skip
def test_what_is_a_secret_by_its_name_is_not_told(preview: Make, name: str) -> None:
    nested = {"a": [{name: PLAIN}], "env": [{"name": name, "value": PLAIN}], "b": {name: [PLAIN]}}
    inside = {"json": json.dumps({name: PLAIN}), "yaml": f"a: 1\n{name}: {PLAIN}\n"}
    lines = {
        "file": f"# settings\n{name} = {PLAIN}\n\nok = 1\n",
        "args": [f"--{name}={PLAIN}", f"--{name}", PLAIN],
    }
    many = {f"{name}s": [PLAIN]}
    review = preview(
        step("create", new={name: PLAIN, **nested, **inside, **lines, **many})
    ).review()
    assert not leaks(review, PLAIN)


def test_a_word_that_stands_under_the_name_of_a_secret_is_told_elsewhere(preview: Make) -> None:
    review = preview(step("create", new={"token": "required", "mode": "required"})).review()
    assert {path: one.after for path, one in properties(review).items()} == {
        "mode": "required",
        "token": SECRET,
    }


def test_what_only_sounds_like_a_secret_is_told(preview: Make) -> None:
    inputs = {
        "maxTokens": 4096,
        "httpTokens": "required",
        "transitEncryptionMode": "required",
        "script": "ALTER ROLE x PASSWORD :'password';",
        "settings": "max_tokens = 4096\ntoken_limit: 8\n",
        "automountServiceAccountToken": False,
        "volume": {"secret": {"secretName": "db-files", "defaultMode": 420}},
        "ref": {"secretKeyRef": {"name": "db-files", "key": "password"}},
        "pull": {"imagePullSecrets": [{"name": "registry-files"}]},
        "tokenPath": "/var/run/secrets/token",
        "url": "http://db-files:8080/x@y",
        "reference": "postgres://$(USER):$(PASSWORD)@host",
        "arn": "arn:aws:secretsmanager:eu-central-1:1:secret:db/x-AbCdEf",
    }
    review = preview(step("create", new=inputs)).review()
    assert not any(SECRET in text for text in texts(review))


def test_known_forms_are_not_told_anywhere(preview: Make) -> None:
    forms = (
        KEY_BLOCK,
        ACCESS_KEY,
        "ghp_" + "a1B2" * 9,
        "xoxb-" + "1234567890-abc",
        "eyJhbGciOi1.eyJzdWIiOi1.c2lnbmF0dXJl",
        "redis://:p@ss/w@host:6379",
        "Authorization: Bearer abc.def-ghi_jkl0",
        base64.b64encode(KEY_BLOCK.encode()).decode(),
        KEY_BLOCK.replace("\n", "\\n"),
        "postgres%3A%2F%2Fme%3Aletmein%40host",
    )
    hidden = ("MIIabcdef0123", ACCESS_KEY, "a1B2a1B2", "1234567890-abc", "c2lnbmF0dXJl", "p@ss/w",
              "def-ghi_jkl0", "letmein", base64.b64encode(KEY_BLOCK.encode()).decode()[40:60])  # fmt: skip
    for form in forms:
        made = preview(
            step("update", old={"a": f"x {form}"}, new={"a": [f"y {form}"]}, reasons=[form]),
            step("create", f"name-{form}", new={form: 1}),
        )
        made.events = [diagnostic(f"got {form} here", "warning"), complaint(f"It is {form} now.")]
        review = made.review()
        told = "\n".join(texts(review))
        assert not any(secret in told for secret in hidden), form
        assert "here" in told


def test_a_key_that_breaks_off_is_not_told_either(preview: Make) -> None:
    made = preview()
    made.events = [
        diagnostic(f"got {KEY_BLOCK[:45]}", "warning"),
        diagnostic('x "password": "let', "warning"),
    ]
    told = "\n".join(texts(made.review()))
    assert "MII" not in told
    assert '"let' not in told


def test_an_object_of_the_engine_in_a_message_is_not_told(preview: Make) -> None:
    made = preview()
    inner = json.dumps({"a": signed(PLAIN)})
    made.events = [
        diagnostic(f"got {inner}", "warning"),
        diagnostic(f"got {json.dumps(inner)}", "warning"),
        diagnostic(f"cut {inner[:-20]}", "warning"),
        diagnostic(f"and then {PLAIN}", "warning"),
    ]
    assert not leaks(made.review(), PLAIN)
    assert not any(PLAIN[:8] in text for text in texts(made.review()))


def test_a_signature_of_a_newer_engine_is_taken_for_a_secret(preview: Make) -> None:
    inputs = {"x": {"4dabf18193072939515e22adb298388d": "another kind", "value": PLAIN}}
    review = preview(step("create", new=inputs)).review()
    assert properties(review)["x"].after == SECRET
    assert not leaks(review, PLAIN)


def test_a_very_long_secret_leaves_no_length(preview: Make) -> None:
    review = preview(
        step("create", new={"password": "x1Y2" * 3000, "z": signed("x1Y2" * 3000)})
    ).review()
    assert [one.after for one in properties(review).values()] == [SECRET, SECRET]


def test_numbers_and_lists_that_are_secret_are_told_as_one(preview: Make) -> None:
    inputs = {"pin": signed(73019455), "text": "it is 73019455 now", "passwords": ["a", "b", "c"]}
    review = preview(step("create", new=inputs)).review()
    assert {path: one.after for path, one in properties(review).items()} == {
        "passwords": SECRET,
        "pin": SECRET,
        "text": f"it is {SECRET} now",
    }


def test_a_short_secret_is_taken_out_as_a_word_only(preview: Make) -> None:
    inputs = {
        "pin": signed("abcd"),
        "text": "say abcd, not abcde",
        "yes": signed("true"),
        "on": "true",
    }
    review = preview(step("create", new=inputs)).review()
    assert {path: one.after for path, one in properties(review).items()} == {
        "on": "true",
        "pin": SECRET,
        "text": f"say {SECRET}, not abcde",
        "yes": SECRET,
    }


def test_resources_stay_apart_when_their_names_hold_secrets(preview: Make) -> None:
    other = ACCESS_KEY[:-1] + "Q"
    made = preview(
        step("create", f"user-{ACCESS_KEY}", new={}),
        step("create", f"user-{other}", new={}, will_be={"parent": urn(f"user-{ACCESS_KEY}")}),
    )
    one, two = made.review().resources
    assert one.urn != two.urn
    assert two.parent == one.urn
    assert not any("AKIA" in text for text in texts(made.review()))


def test_words_of_which_types_are_made_are_told_whatever_else_they_are(preview: Make) -> None:
    review = preview(step("create", new={"a": signed("random"), "b": "dev"})).review()
    assert review.resources[0].identity.type == "random:index/randomId:RandomId"


def test_what_names_the_holder_of_a_secret_is_told(preview: Make) -> None:
    made = preview(
        step("create", "research-database", new={"token": "research-database"}),
        step("create", "two", new={"host": "research-database.svc"}),
    )
    by_name = {one.identity.name: one.properties[0].after for one in made.review().resources}
    assert by_name == {"research-database": SECRET, "two": "research-database.svc"}


def test_half_of_a_letter_can_be_written_to_a_file(preview: Make) -> None:
    made = preview(step("create", new={"a": "x\ud800y"}))
    made.events = [diagnostic("bad \udfff letter", "warning")]
    assert "\n".join(texts(made.review())).encode()


def test_settings_that_are_secret_by_name_are_not_told_in_messages(preview: Make) -> None:
    made = preview(step("create", new={"a": 1}))
    made.config = {"sample:apiToken": PLAIN}
    made.events = [diagnostic(f"the setting is {PLAIN}", "warning")]
    assert not leaks(made.review(), PLAIN)

"""Ways in which a secret gets into what the engine prints, and a way to find it in a review."""

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, cast
from urllib.parse import quote, quote_plus

import yaml

from review.model import SECRET, Review
from tests.review.reading.printing import signed

Writing = Callable[[str], str]

WRITINGS: Final[Mapping[str, Writing]] = {
    "plain": lambda secret: secret,
    "within": lambda secret: f"before {secret} behind",
    "json": lambda secret: json.dumps({"deep": [secret]}),
    "json in json": lambda secret: json.dumps(json.dumps({"deep": [secret]})),
    "ascii json": lambda secret: json.dumps([{"deep": secret}], ensure_ascii=True),
    "yaml": lambda secret: yaml.safe_dump({"a": {"deep": [secret]}, "b": 1}),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 with a user": lambda secret: base64.b64encode(f"me:{secret}".encode()).decode(),
    "base64 of a file": lambda secret: base64.urlsafe_b64encode(f"#\n{secret}\n".encode()).decode(),
    "url": lambda secret: f"https://host/?q={quote(secret, safe='')}&x=1",
    "path": lambda secret: f"https://host/{quote(secret)}/x",
    "form": lambda secret: f"a=1&b={quote_plus(secret)}",
}
"""How a text may have it."""

WRAPPINGS: Final[Mapping[str, Callable[[str], object]]] = {
    "signed": signed,
    "signed object": lambda secret: signed({"user": "me", "value": secret}),
    "signed in a list": lambda secret: [1, {"a": signed(secret)}],
    "signed in a text": lambda secret: json.dumps({"a": signed(secret)}),
    "signed in a text in a text": lambda secret: json.dumps({"b": json.dumps([signed(secret)])}),
    "signed in yaml": lambda secret: yaml.safe_dump({"a": {"b": signed(secret)}, "c": 1}),
}
"""How the engine may tell that a value is secret."""


def texts(value: object) -> Iterator[str]:
    """Every text in a review."""
    if isinstance(value, str):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[object, object]", value).items():
            yield from texts(key)
            yield from texts(part)
    elif isinstance(value, tuple | list | set | frozenset):
        for part in cast("list[object]", value):
            yield from texts(part)


def leaks(review: Review, secret: str) -> list[str]:
    """Texts of a review that have the secret in them, in whatever writing."""
    core = base64.b64encode(secret.encode()).decode().rstrip("=")[:-2]
    shifted = [
        base64.b64encode(bytes(n) + secret.encode()).decode().rstrip("=")[n + 1 : -2]
        for n in (1, 2)
    ]
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        quote(secret, safe=""),
        quote_plus(secret),
        *(form for form in (core, *shifted) if len(form) >= 8),
    }
    forms |= {form.translate(str.maketrans("+/", "-_")) for form in forms}
    return [text for text in texts(review) if any(form in text for form in forms)]


def lengths(review: Review, secret: str) -> list[str]:
    """Texts that stand for the secret by something as long as it is."""
    stars = [mark * len(secret) for mark in "*x•.#"] if len(secret) > 3 else []
    told = f"{len(secret)} character"
    return [
        text
        for text in texts(review)
        if told in text or (SECRET not in text and any(mark in text for mark in stars))
    ]

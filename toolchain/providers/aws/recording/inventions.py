"""Values for outputs of which nothing is known but their names and their types."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args, get_origin

from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage] - what its SDKs are made of

from toolchain.providers.aws.recording.subject import Subject, prefixed
from toolchain.providers.aws.shape import Hint
from toolchain.providers.aws.values import Json

WHEN: Final = "2000-01-01T00:00:00Z"
"""When everything is said to have happened: it has not."""
_DEEPEST: Final = 5
"""Of types that contain themselves no more than this is made up."""


def invented(subject: Subject, name: str, hint: Hint, *, settable: bool) -> Json:
    """A value for the output `name`; `settable` is one that the program could have given.

    What could have been given and was not is empty: nothing is known of the value AWS takes then.
    """
    if settable and name not in _own_names(subject):
        return _empty(hint)
    return _value(subject, hint, (name,))


def _own_names(subject: Subject) -> tuple[str, str]:
    return "name", f"{_uncapitalized(subject.noun)}Name"


def _uncapitalized(noun: str) -> str:
    return noun[:1].lower() + noun[1:]


def _empty(hint: Hint) -> Json:
    origin = get_origin(hint) or hint
    if origin is bool:
        return False
    if origin in (int, float):
        return 0
    if origin is str:
        return ""
    return {} if _is_object(origin) else []


def _is_object(origin: Hint) -> bool:
    return sdk.is_output_type(origin) or issubclass(origin, Mapping)


def _value(subject: Subject, hint: Hint, path: tuple[str, ...]) -> Json:
    origin = get_origin(hint) or hint
    if origin is bool:
        return False
    if origin in (int, float):
        return 1
    if origin is str:
        return _text(subject, path)
    if sdk.is_output_type(origin):
        return _object(subject, origin, path)
    if issubclass(origin, Mapping):
        return {}
    arguments: tuple[Any, ...] = get_args(hint)
    # One, so that a program that asks for the first finds it.
    return [_value(subject, arguments[0], (*path[:-1], path[-1].removesuffix("s")))]


def _object(subject: Subject, hint: type, path: tuple[str, ...]) -> dict[str, Any]:
    if len(path) > _DEEPEST:
        return {}
    fields = sdk.output_type_types(hint).items()
    return {name: _value(subject, of, (*path, name)) for name, of in fields}


def _text(subject: Subject, path: tuple[str, ...]) -> str:
    name = path[-1]
    if name in _own_names(subject):
        return _name(subject, name)
    for form, made in _FORMS:
        if form.search(name):
            return made(subject, path)
    return f"recorded-{subject.digits(*path)[:10]}"


def _name(subject: Subject, name: str) -> str:
    prefix = subject.inputs.get(f"{name}Prefix")
    return f"{prefix}{subject.digits(name)[:26]}" if isinstance(prefix, str) else subject.name


def _arn(subject: Subject, path: tuple[str, ...]) -> str:
    if path == ("arn",):
        return subject.arn
    noun = path[-1][: -len("Arn")] or path[0]
    return subject.arn_of(noun, subject.uuid(*path))


def _id(subject: Subject, path: tuple[str, ...]) -> str:
    noun = path[-1].removesuffix("Id")
    own = noun == _uncapitalized(subject.noun)
    if subject.kind.service == "ec2" and prefixed(subject.noun):
        own = own or prefixed(noun) == prefixed(subject.noun)
    return subject.id if own and len(path) == 1 else subject.reference(noun, *path)


_Maker = Callable[[Subject, tuple[str, ...]], str]
_FORMS: Final[Sequence[tuple[re.Pattern[str], _Maker]]] = (
    (re.compile(r"(?i)arn$"), _arn),
    (re.compile(r"^(owner|registry)Id$"), lambda subject, _: subject.call.account),
    (re.compile(r"Id$"), _id),
    (
        re.compile(r"(?i)(address|domainname|dns|dnsname|endpoint|fqdn)$"),
        lambda subject, path: subject.host(*path),
    ),
    # Of a range that is kept for documentation.
    (
        re.compile(r"(private|public)Ip$"),
        lambda subject, path: f"192.0.2.{int(subject.digits(*path)[:2], 16)}",
    ),
    (re.compile(r"(?i)ur[il]$"), lambda subject, path: f"https://{subject.host(*path)}"),
    (re.compile(r"(At|Date|Time|notAfter|notBefore)$"), lambda _, __: WHEN),
)
"""What texts look like, by the ends of their names."""

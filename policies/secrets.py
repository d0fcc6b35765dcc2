"""Secrets that stand where anyone who may look at a workload can read them.

A complaint names the place and never the value.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policies.pods import Container, containers
from policies.resource import Part, Props, Resource, at, items, mapping
from policies.rule import Severity, cis, rule

_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SECRET_NOUNS: Final = frozenset(
    {
        "credential",
        "credentials",
        "dsn",
        "passphrase",
        "passwd",
        "password",
        "pwd",
        "secret",
        "token",
    }
)
_KEY_KINDS: Final = frozenset(
    {"access", "api", "encryption", "master", "private", "secret", "shared", "signing"}
)
# Where a secret is, a switch or a number, but no secret.
_HARMLESS: Final = re.compile(r"(|/[\w./-]*|true|false|yes|no|on|off|-?\d+(\.\d+)?)", re.IGNORECASE)
_KNOWN_FORMS: Final = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a model provider's key", re.compile(r"\bsk-[A-Za-z0-9_-]{20,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("a URL with a password", re.compile(r"\w://[^\s/:@]+:[^\s/@$]+@")),
)
# A line of a file: `name: value` or `name = value`, the value not a reference such as $(…) or ${…}.
_ASSIGNMENT: Final = re.compile(
    r"^\s*(?P<name>[\w.-]+)\s*[:=]\s*(?P<quote>['\"]?)(?P<value>[^\s'\"$<{`][^\s'\"]{5,})",
    re.MULTILINE,
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_FLAG: Final = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)=(?P<value>.*)", re.DOTALL)
# Random base64 of 24 characters and more has above 4 bits per character; words and names stay below.
_RANDOM_BITS: Final = 4.1


def names_secret(name: str) -> bool:
    """Whether a variable or key called `name` holds a secret: `DB_PASSWORD` does, `TOKEN_LIMIT` does not."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return False
    if words[-1] == "key":
        return len(words) > 1 and words[-2] in _KEY_KINDS
    return words[-1] in _SECRET_NOUNS or words[-1] == "apikey"


def _bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def looks_random(value: str) -> bool:
    """Whether `value` is one long token with upper and lower case and digits in no order."""
    return (
        _TOKEN.fullmatch(value) is not None
        and all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
        and _bits(value) >= _RANDOM_BITS
    )


def findings(name: str, value: str) -> Iterator[str]:
    """Why `value`, kept under `name`, is taken for a secret. At most one reason, without the value."""
    if _HARMLESS.fullmatch(value.strip()):
        return
    for form, pattern in _KNOWN_FORMS:
        if pattern.search(value):
            yield f"{name} holds {form}"
            return
    if names_secret(name) and "\n" not in value:
        yield f"{name} is a secret by its name"
    elif looks_random(value.strip()):
        yield f"{name} is a secret by its looks"


def _file_findings(key: str, text: str) -> Iterator[str]:
    found = False
    for reason in findings(key, text):
        found = True
        yield reason
    if not found:
        for match in _ASSIGNMENT.finditer(text):
            if names_secret(match["name"]) and not _HARMLESS.fullmatch(match["value"]):
                line = text.count("\n", 0, match.start("name")) + 1
                yield f"{key}, line {line}: {match['name']} is a secret by its name"


@dataclass(frozen=True)
class Entry:
    """One key of a ConfigMap. Its value is read only when it is judged, for it may be unknown."""

    label: str
    key: str
    data: Props


def _variables(resource: Resource) -> Iterator[Part]:
    for container in containers(resource):
        entries = items(container.props.get("env"))
        for index in range(len(entries)):
            yield Part(container.label, mapping(entries[index]), resource)


def _entries(resource: Resource) -> Iterator[Entry]:
    if resource.kind == "core/ConfigMap":
        data = mapping(resource.props.get("data"))
        for key in data:
            yield Entry(f"key {key}", key, data)


@rule(
    _variables,
    severity=Severity.CRITICAL,
    remedy="put the value into a Secret and mount it as a file.",
    reference=cis("4.4.1 Secrets as files"),
    everywhere=True,
)
def forbid_secret_in_environment(variable: Part) -> Iterator[str]:
    """No environment variable holds a secret as text."""
    value = variable.props.get("value")
    if value is not None:
        yield from findings(f"variable {variable.props.get('name')}", str(value))


@rule(
    containers,
    severity=Severity.MEDIUM,
    remedy="mount the Secret as a file; variables reach child processes, dumps and logs.",
    reference=cis("4.4.1 Secrets as files"),
)
def forbid_secret_variables(container: Container) -> Iterator[str]:
    """Secrets reach containers as files, not as environment variables."""
    for entry in items(container.props.get("env")):
        if at(mapping(entry), "valueFrom", "secretKeyRef") is not None:
            yield f"variable {mapping(entry).get('name')} is read from a Secret"
    for entry in items(container.props.get("envFrom")):
        if mapping(entry).get("secretRef") is not None:
            yield "envFrom reads a whole Secret"


@rule(
    containers,
    severity=Severity.CRITICAL,
    remedy="put the value into a Secret, mount it as a file and pass the file's path.",
    reference=cis("4.4.1 Secrets as files"),
    everywhere=True,
)
def forbid_secret_in_arguments(container: Container) -> Iterator[str]:
    """No command line holds a secret."""
    for field in ("command", "args"):
        for index, argument in enumerate(items(container.props.get(field))):
            text = str(argument)
            flag = _FLAG.fullmatch(text)
            place = f"{field}[{index}]"
            if flag is None:
                yield from findings(place, text)
            else:
                yield from findings(f"{place} --{flag['name']}", flag["value"])


@rule(
    _entries,
    severity=Severity.CRITICAL,
    remedy="move the value to a Secret; who may read configuration may not read secrets.",
    reference=cis("4.4.1 Secrets as files"),
    everywhere=True,
)
def forbid_secret_in_config_map(entry: Entry) -> Iterator[str]:
    """No ConfigMap holds a secret."""
    yield from _file_findings(entry.key, str(entry.data[entry.key]))


RULES: Final = (
    forbid_secret_in_environment,
    forbid_secret_variables,
    forbid_secret_in_arguments,
    forbid_secret_in_config_map,
)

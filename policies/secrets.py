"""Secrets that stand where anyone who may look at a workload can read them.

A complaint names the place and never the value.
"""

import base64
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
# `PGPASSWORD` and `authtoken` are written as one word. `PWD` at the end is a folder more often.
_SECRET_ENDS: Final = (
    "accesskey", "apikey", "passphrase", "passwd", "password", "privatekey", "secret", "secretkey",
    "token",
)  # fmt: skip
# What a key must be of to be a secret; those of tables, topologies and KMS are names.
_KEY_KINDS: Final = frozenset(
    {
        "access", "ai", "algolia", "anthropic", "api", "auth", "azure", "cohere", "datadog",
        "deepseek", "encryption", "gemini", "groq", "hf", "hmac", "huggingface", "jwt", "license",
        "mailgun", "master", "mistral", "newrelic", "openai", "openrouter", "perplexity", "private",
        "secret", "sendgrid", "shared", "signing", "stripe", "twilio",
    }
)  # fmt: skip
_AUTH: Final = frozenset({"auth", "authorization"})
_SCHEME: Final = re.compile(r"(basic|bearer|digest|token)\s+[^\s$<{].*", re.IGNORECASE)
_SWITCH: Final = re.compile(
    r"(anonymous|basic|bearer|default|digest|disabled|enabled|iam|internal|jwt|kerberos|ldap|login"
    r"|m?tls|md5|native|none|oauth2?|oidc|optional|peer|plain|required|saml|ssl|token|trust)",
    re.IGNORECASE,
)
# Only in an environment, where names are in capitals, a plain word is taken for a login.
_PLAIN_WORDS: Final = re.compile(r"[A-Za-z]+([ ,._/-][A-Za-z]+)*")
_ELSEWHERE: Final = re.compile(r"\w+://|arn:|([A-Za-z]+\s+)?(\$[({]|\{\{|<)")
# Where a secret is, a switch or a number, but no secret.
_HARMLESS: Final = re.compile(r"(|/[\w./-]*|true|false|yes|no|on|off|-?\d+(\.\d+)?)", re.IGNORECASE)
KNOWN_FORMS: Final = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})")),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{20,}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    (
        "a Slack webhook",
        re.compile(r"(?P<lead>\bhooks\.slack\.com/(services|workflows|triggers)/)\w[\w/]{7,}"),
    ),
    ("a Pulumi token", re.compile(r"\bpul-[0-9a-f]{40}\b")),
    ("a Google key", re.compile(r"\bAIza[\w-]{35}")),
    ("a Stripe key", re.compile(r"\b([rs]k_(live|test)|whsec)_[A-Za-z0-9]{16,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("an npm token", re.compile(r"\bnpm_[A-Za-z0-9]{36}")),
    ("a model provider's key", re.compile(r"\bsk-[A-Za-z0-9_-]{20,}")),
    ("a JSON web token", re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    (
        "an authorization header",
        re.compile(
            r"(?P<lead>\bauthorization[\"']?\s*[:=]\s*[\"']?(basic|bearer|token)\s+)"
            r"[^\s\"',;\\$<{\[][^\s\"',;\\]{7,}",
            re.IGNORECASE,
        ),
    ),
    (
        "a login",
        re.compile(
            r"(?P<lead>\bcurl\b[^\n|;]{0,500}?\s(-u|--user|-U|--proxy-user)[\s=]*[\"']?)"
            r"(?!\d+:\d+\b)[^\s:\"'$\[]+:[^\s\"'$]+"
        ),
    ),
    ("a URL with a password", re.compile(r"\w://[^\s/:@]*:[^\s/@$]+@")),
    ("a URL with a token", re.compile(r"\bhttps?://[^\s/:@${<\[]{16,}@")),
)
"""What is a secret wherever it stands. `lead` is what stands in front of it and is none."""
# A line of a file: `name: value` or `name = value`, the value not a reference such as $(…) or ${…}.
_ASSIGNMENT: Final = re.compile(
    r"^\s*(?P<name>[\w.-]+)\s*[:=](?!\s*\n\s*[\w.-]+(?::\s|\s*=[^\s=]))\s*"
    r"(?P<quote>['\"]?)(?P<value>[^\s'\"$<{`][^\s'\"]{5,})",
    re.MULTILINE,
)
# `passwords:`, and the lines below it that are further in.
_PASSWORDS: Final = re.compile(
    r"^(?P<indent>[ ]*)[\w.-]*(?:passphrase|passwd|password)s:[ ]*\n"
    r"(?P<entries>(?:(?P=indent)[ ]+[^\s-].*(?:\n|\Z))+)",
    re.MULTILINE | re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_LOGIN_FLAGS: Final = frozenset({"-u", "-U", "--proxy-user"})
LOGIN: Final = re.compile(r"(?!\d+:\d+$)[^\s:\"'$\[]+:(?!//)[^\s\"'$]+")
"""A name and a password, as `curl -u` takes them. Of a user and a group, numbers are common there."""
_FLAG: Final = re.compile(r"--?(?P<name>[A-Za-z][\w.-]*)=(?P<value>.*)", re.DOTALL)
# Random base64 of 24 characters and more has above 4 bits per character; words and names stay below.
_RANDOM_BITS: Final = 4.1
# A certificate is public; bundles of them are given to charts and webhooks in base64.
_CERTIFICATE: Final = base64.b64encode(b"-----BEGIN CERTIFICATE").decode()[:-3]


def _words(name: str) -> list[str]:
    """The words of a name. A number behind them says which one of several it is."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    return words


def names_secret(name: str) -> bool:
    """Whether a variable or key called `name` holds a secret: `DB_PASSWORD` does, `TOKEN_LIMIT` does not."""
    words = _words(name)
    if not words:
        return False
    if words[-1] == "key":
        return len(words) > 1 and words[-2] in _KEY_KINDS
    return words[-1] in _SECRET_NOUNS or words[-1].endswith(_SECRET_ENDS)


def logs_in(name: str, value: str) -> bool:
    """Whether `value` is what logs in somebody, by a name such as `REDISCLI_AUTH` or `authorization`."""
    words, value = _words(name), value.strip()
    if not words or words[-1] not in _AUTH or _HARMLESS.fullmatch(value):
        return False
    if _SCHEME.fullmatch(value):
        return True
    if _SWITCH.fullmatch(value) or _ELSEWHERE.match(value):
        return False
    return name.rsplit(maxsplit=1)[-1].isupper() or not _PLAIN_WORDS.fullmatch(value)


def _bits(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def looks_random(value: str) -> bool:
    """Whether `value` is one long token with upper and lower case and digits in no order."""
    return (
        _TOKEN.fullmatch(value) is not None
        and all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
        and _bits(value) >= _RANDOM_BITS
        and not value.startswith(_CERTIFICATE)
    )


def findings(name: str, value: str) -> Iterator[str]:
    """Why `value`, kept under `name`, is taken for a secret. At most one reason, without the value."""
    if _HARMLESS.fullmatch(value.strip()):
        return
    for form, pattern in KNOWN_FORMS:
        if pattern.search(value):
            yield f"{name} holds {form}"
            return
    if "\n" not in value and (names_secret(name) or logs_in(name, value)):
        yield f"{name} is a secret by its name"
    elif looks_random(value.strip()):
        yield f"{name} is a secret by its looks"


def _file_findings(key: str, text: str) -> Iterator[str]:
    found = False
    for reason in findings(key, text):
        found = True
        yield reason
    if not found:
        inside = [match.span("entries") for match in _PASSWORDS.finditer(text)]
        for match in _ASSIGNMENT.finditer(text):
            kept = any(begin <= match.start("name") < end for begin, end in inside)
            named = kept or names_secret(match["name"]) or logs_in(match["name"], match["value"])
            if named and not _HARMLESS.fullmatch(match["value"]):
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
        before = ""
        for index, argument in enumerate(items(container.props.get(field))):
            text = str(argument)
            flag = _FLAG.fullmatch(text)
            place = f"{field}[{index}]"
            if flag is not None:
                yield from findings(f"{place} --{flag['name']}", flag["value"])
            elif before.startswith("--") and not text.startswith("-"):
                yield from findings(f"{place} {before}", text)
            elif before in _LOGIN_FLAGS and LOGIN.fullmatch(text):
                yield f"{place} {before} is a login"
            else:
                yield from findings(place, text)
            before = text


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

"""What may be told of a text: secrets are taken out, whole, so that not even their length shows.

What counts as a secret by its form is defined by `policies.secrets`, which also refuses to deploy
them. A report is read by more people than a stack, so that it takes out more than a policy refuses.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from policies.secrets import KNOWN_FORMS, logs_in, names_secret
from review.literals import Literals
from review.model import SECRET, UNKNOWN

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""Key of an object that stands for something else than an object."""
UNKNOWNS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What the engine writes for a value that it cannot know yet, one for each type."""

_UNKNOWN: Final = re.compile("|".join(sorted(UNKNOWNS)))
# Said of a secret: `privateKeyPem` is one as `privateKey` is.
_DETAIL: Final = re.compile(
    r"[_.-]?(base64|binary|b64|data|hash|pem|plaintext|string|text|value|wo)$", re.IGNORECASE
)
_PLURAL: Final = re.compile(r"(?<=[a-z])s$")
_KEY_BLOCK: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(?:-----END [A-Z ]*PRIVATE KEY-*|\Z)", re.DOTALL
)
# A password may have any letter in it, and a name need not be there. `$` begins a reference.
_URL: Final = re.compile(
    r"""(\w://[^\s/:@"'<>]{0,200}:)(?!\d{1,5}[/"'\s])(?!\$[({])[^\s"'<>]{0,2000}(?=@)"""
)
_USER: Final = re.compile(r"""\b(https?://)(?!git@|\[secret\])[^\s/:@"'<>${]{1,2000}(?=@)""")
_HEADER: Final = re.compile(
    r"""(authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+|\bbearer\s+(?=\S{16}))[^\s"',;\\]+""",
    re.IGNORECASE,
)
# A line of a file: `name: value` or `name = value`; the value goes to the end of the line.
_LINE: Final = re.compile(
    r"^(?P<lead>[ \t-]*(?:export[ ]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[:=](?![:=])[ \t]*)"
    r"(?P<value>(?!\$[({]|\{\{|[\[{|>\"']|\[secret\])\S.*)$",
    re.MULTILINE,
)
# `name: value`, `name=value`, `"name": "value"`, `\"name\": \"value\"`, `--name value`, and the
# lines below `name: |`. What begins with `$(` or `{{` is a reference, `[secret]` is out already.
_NAMED: Final = re.compile(
    r"""(?<![\w.-])(?P<name>[A-Za-z_][\w.-]*)(?P<between>\\*["']?\s*(?P<sign>[:=])(?![:=])\s*)
        (?!\\*["']?(?:\[secret\]|\$[({]|\{\{))
        (?: (?P<quote>\\*["'])(?P<quoted>.+?)(?:(?<!\\)(?P=quote)|(?=\n|\Z))
          | (?P<block>[|>][+-]?[ \t]*\n(?:[ \t]+\S.*(?:\n|\Z))+)
          | (?P<bare>[^\s"'\\{\[]\S*) )
      | (?<![\w-])--(?P<flag>[A-Za-z][\w-]*)(?P<space>[ ]+)(?P<argument>(?!\[secret\])[^\s-]\S*)""",
    re.VERBOSE,
)
NO_SECRET: Final = re.compile(r"(true|false|null|none|yes|no|on|off)\W*", re.IGNORECASE)
"""What is no secret under any name."""
_SIGNED: Final = re.compile(
    r"""(?P<key>(?:plaintext|ciphertext|value)\\*["']\s*:\s*)
        (?P<quote>\\*["'])(?!\[secret\])(?:.*?(?<!\\)(?P=quote)(?=\s*[,}])|.*\Z)""",
    re.VERBOSE | re.DOTALL,
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_WORD: Final = re.compile(r"[^\s\"']+")
# URLs are found above, whole.
_FORMS: Final = tuple(
    (form, rf"\g<lead>{SECRET}" if "lead" in form.groupindex else SECRET)
    for _, form in KNOWN_FORMS
    if "://" not in form.pattern
)
_LONGEST_CACHED: Final = 4000


@lru_cache(maxsize=100_000)
def secret_name(name: str) -> bool:
    """Whether a property called `name` holds a secret: `password` and `privateKeyPem` do."""
    bare = _DETAIL.sub("", name)
    return names_secret(name) or (bool(bare) and names_secret(bare))


def holds_secret(name: str, value: object) -> bool:
    """Whether `value` under `name` is a secret.

    Of `tokens` only a list or an object is: `maxTokens` counts them.
    """
    if isinstance(value, str):
        return secret_name(name) or logs_in(name, value)
    several = isinstance(value, list | dict)
    return secret_name(name) or (several and secret_name(_PLURAL.sub("", name)))


class Redactor:
    """Takes secrets out of texts: those of known value, and those of known form."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._literals = Literals(values)
        self._seen: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The text as it may be told."""
        found = self._seen.get(text)
        if found is None:
            found = self._told(text)
            if len(text) <= _LONGEST_CACHED:
                self._seen[text] = found
        return found

    def name(self, text: str) -> str:
        """A name, a path or a URN, in which `Secret: name` is no value of a secret."""
        found = self._names.get(text)
        if found is None:
            found = self._read(_whole(text), self._certain)
            if len(text) <= _LONGEST_CACHED:
                self._names[text] = found
        return found

    def _told(self, text: str) -> str:
        return _UNKNOWN.sub(UNKNOWN, self._read(_whole(text), self._plain))

    def _read(self, text: str, scrub: Callable[[str], str]) -> str:
        """The text scrubbed, and what is written in base64 or as in a URL, too."""

        def decoded(match: re.Match[str]) -> str:
            return SECRET if any(scrub(plain) != plain for plain in _plains(match[0])) else match[0]

        told = scrub(text)
        if "%" in told:
            told = _WORD.sub(decoded, told)
        return _TOKEN.sub(decoded, told)

    def _plain(self, text: str) -> str:
        text = self._certain(text)
        if ":" in text or "=" in text:
            text = _LINE.sub(_line, text)
        return _NAMED.sub(_named, text) if ":" in text or "=" in text or "--" in text else text

    def _certain(self, text: str) -> str:
        if SIGNATURE in text:
            text = _SIGNED.sub(rf"\g<key>{SECRET}", text)
        text = self._literals.scrub(text)
        if "PRIVATE KEY" in text:
            text = _KEY_BLOCK.sub(SECRET, text)
        if "://" in text:
            text = _USER.sub(rf"\1{SECRET}", _URL.sub(rf"\1{SECRET}", text))
        for form, told in _FORMS:
            text = form.sub(told, text)
        return _HEADER.sub(rf"\1{SECRET}", text)


def _whole(text: str) -> str:
    # JSON can hold half of a pair of UTF-16, which no file can.
    return text if text.isascii() else text.encode(errors="replace").decode()


def _line(match: re.Match[str]) -> str:
    value = match["value"].rstrip()
    if not holds_secret(match["name"], value) or NO_SECRET.fullmatch(value):
        return match[0]
    return match["lead"] + SECRET


def _named(match: re.Match[str]) -> str:
    if (flag := match["flag"]) is not None:
        hides = holds_secret(flag, match["argument"])
        return f"--{flag}{match['space']}{SECRET}" if hides else match[0]
    before = match.string[match.start() - 1 : match.start()]
    # `aws:kms/key:Key` and `arn:aws:secretsmanager:…:secret:name` are names.
    part_of_name = match["sign"] == ":" and before in {"/", ":", "$"}
    value = match["quoted"] or match["block"] or match["bare"]
    # `PASSWORD :'name'` is a variable of psql.
    part_of_name = part_of_name or (match["between"] == " :" and match["quote"] is not None)
    if part_of_name or not holds_secret(match["name"], value) or NO_SECRET.fullmatch(value):
        return match[0]
    quote = match["quote"] or ""
    end = "\n" if match["block"] and value.endswith("\n") else ""
    return f"{match['name']}{match['between']}{quote}{SECRET}{quote}{end}"


def _plains(token: str) -> Iterator[str]:
    """What a token may stand for; words with a hyphen between them may be in front of base64."""
    if "%" in token:
        yield unquote(token)
        return
    for part in {token, *token.split("-")}:
        bare = part.rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            yield base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
        except ValueError:
            continue

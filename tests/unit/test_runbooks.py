"""Unit: what a page tells people to type can be typed: AWS knows every command and option in it."""

import re
import shlex
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import pytest

from toolchain.providers.aws.types import types

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for folder in ("how-to", "runbooks") for page in (DOCS / folder).glob("*.md"))
GLOBAL: Final = {"output", "query", "region"}
"""Options of the command line itself."""
OWN: Final = frozenset(
    {
        *("configure", "ecr get-login-password", "eks get-token", "eks update-kubeconfig"),
        *("logs tail", "s3", "sso"),
    }
)
"""Commands of the command line itself: services, or single ones, without an operation behind them."""
SPELT: Final = {"s3api": "s3"}
"""Services that the command line has a name of its own for."""
SESSION: Final[Any] = import_module("botocore.session").get_session()
SPELL: Final[Callable[[str, str], str]] = import_module("botocore").xform_name
"""A name as the command line spells it: `DBInstance` with `-` is `db-instance`."""


def commands(text: str) -> Iterator[list[str]]:
    """Every `aws …` in the shell blocks of a page, those inside of `$( )` by themselves."""
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        lines = re.sub(r"\\\n", " ", cast("str", block))
        # From the innermost out, so that a command is read without those it contains.
        while inner := re.search(r"\$\(([^()]*)\)", lines):
            yield from _simple(inner[1])
            lines = lines[: inner.start()] + "VALUE" + lines[inner.end() :]
        for line in lines.splitlines():
            yield from _simple(line)


def _simple(line: str) -> Iterator[list[str]]:
    for part in re.split(r"\|\|?|&&|;|(?<=\buntil) ", _unquoted_pipes(line)):
        found = re.match(r"\s*(?:\w+=)?(?:until )?aws (.*)", part)
        if found is not None:
            yield shlex.split(found[1].replace("\0", "|"), comments=True)


def _unquoted_pipes(line: str) -> str:
    return re.sub(r"'[^']*'", lambda quoted: quoted[0].replace("|", "\0"), line)


def options(service: str, operation: str) -> set[str]:
    """Options that AWS takes, as the command line spells them."""
    model = SESSION.get_service_model(SPELT.get(service, service))
    names = {SPELL(name, "-"): name for name in model.operation_names}
    assert operation in names, f"there is no aws {service} {operation}"
    shape = model.operation_model(names[operation]).input_shape
    taken: set[str] = set()
    for name, member in shape.members.items():
        spelt = SPELL(name, "-")
        taken |= {spelt, f"no-{spelt}"} if member.type_name == "boolean" else {spelt}
    return taken


def awaited(service: str, waiter: str) -> str:
    """The operation that `aws … wait` repeats."""
    model = SESSION.get_waiter_model(service)
    names = {SPELL(name, "-"): name for name in model.waiter_names}
    return SPELL(model.get_waiter(names[waiter]).operation, "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_aws_knows_every_command_of_a_page(page: Path) -> None:
    for service, command, *rest in commands(page.read_text()):
        if OWN & {service, f"{service} {command}"}:
            continue
        operation = awaited(service, rest[0]) if command == "wait" else command
        given = {word.removeprefix("--") for word in rest if word.startswith("--")}
        unknown = given - options(service, operation) - GLOBAL
        assert not unknown, f"aws {service} {command}: {sorted(unknown)}"


def test_commands_are_found_wherever_they_stand() -> None:
    page = """```sh
A=$(aws iam get-role --role-name "$(aws sts get-caller-identity --query Arn)")
aws rds describe-db-instances \\
  --query 'a|b' | jq .
until aws rds wait db-instance-available --filters x 2> /dev/null; do sleep 1; done
aws s3api head-bucket --bucket a || aws s3api create-bucket --bucket a
```"""
    assert [each[:2] for each in commands(page)] == [
        ["sts", "get-caller-identity"],
        ["iam", "get-role"],
        ["rds", "describe-db-instances"],
        ["rds", "wait"],
        ["s3api", "head-bucket"],
        ["s3api", "create-bucket"],
    ]


def test_the_page_on_rehearsals_names_what_is_played_and_nothing_else() -> None:
    named = re.findall(r"`(aws:\S+:\w+)`", (DOCS / "rehearsal.md").read_text())
    assert sorted(named) == sorted(token for token, each in types().items() if each.played)

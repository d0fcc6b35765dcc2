"""Writes docs/policies.md from the catalogue: `python -m policies.document`.

With `--check` it writes nothing and fails if the file is not what it would write.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from policies.adapter import UNUSED_EXEMPTION
from policies.catalogue import GROUPS
from policies.rule import Rule

ROOT: Final = Path(__file__).resolve().parent.parent
FILE: Final = ROOT / "docs" / "policies.md"
ENVIRONMENTS: Final = ROOT / "policies" / "environments"

_HEAD: Final = """\
# Policies

What the platform never creates. The rules run inside the engine, on every `pulumi preview` and
`pulumi up`; a mandatory one that is broken stops the deployment before anything is created.

*Written by `python -m policies.document` from the rules themselves: change those, not this file.*

    pulumi preview --policy-pack policies --policy-pack-config policies/environments/<stack>.json

- **Level.** Mandatory, unless the environment's file in `policies/environments/` says otherwise; a
  rule marked *everywhere* is mandatory in all of them. Without a file all rules are as strict as they
  are made.
- **Unknown values.** What a preview cannot know is noted, not complained of, and judged by the up,
  before the resource is created.
- **Exemptions** are single resources in `policies/exemptions.yaml`, each with a reason, an owner and
  a last day. An expired one no longer holds, and one that nothing needs is reported.
"""


def load_environments(folder: Path = ENVIRONMENTS) -> dict[str, dict[str, str]]:
    """For each environment, the level of the rules that its file names."""
    return {
        file.stem: {name: _level(entry) for name, entry in json.loads(file.read_text()).items()}
        for file in sorted(folder.glob("*.json"))
    }


def _level(entry: str | Mapping[str, Any]) -> str:
    return entry if isinstance(entry, str) else str(entry.get("enforcementLevel", "mandatory"))


def text() -> str:
    """The whole document."""
    environments = load_environments()
    sections = [_section(title, rules, environments) for title, rules in GROUPS.items()]
    own = _section("The pack itself", (UNUSED_EXEMPTION,), environments)
    return "\n".join([_HEAD, *sections, own])


def _section(
    title: str, rules: Iterable[Rule], environments: Mapping[str, Mapping[str, str]]
) -> str:
    rows = [_row(rule, environments) for rule in rules]
    head = [
        f"## {title}\n",
        "| rule | what it asks for | severity | level | standard | to mend it |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _row(rule: Rule, environments: Mapping[str, Mapping[str, str]]) -> str:
    cells = (
        f"`{rule.name}`",
        rule.description,
        rule.severity,
        level(rule, environments),
        str(rule.reference or ""),
        rule.remedy,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def level(rule: Rule, environments: Mapping[str, Mapping[str, str]]) -> str:
    """The rule's level in words, with the environments that differ."""
    if rule.everywhere:
        return "mandatory everywhere"
    usual = "advisory" if rule.advisory else "mandatory"
    others = [
        f"{chosen[rule.name]} in {environment}"
        for environment, chosen in environments.items()
        if chosen.get(rule.name, usual) != usual
    ]
    return ", ".join([usual, *others])


def main(arguments: list[str]) -> int:
    """Write the document, or compare it."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m policies.document [--check]", file=sys.stderr)
        return 2
    wanted = text()
    if not arguments:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != wanted:
        print(
            f"{FILE.relative_to(ROOT)} is not what the rules say: run `python -m policies.document`",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

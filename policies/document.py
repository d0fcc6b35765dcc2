"""Writes docs/policies.md and docs/cis-eks.md from the catalogue: `python -m policies.document`.

With `--check` it writes nothing and fails if a file is not what it would write.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from policies.adapter import OWN
from policies.catalogue import GROUPS
from policies.rule import Rule
from policies.standards import Covered
from policies.standards.checks import CHECKS
from policies.standards.cis_eks import CONTROLS

ROOT: Final = Path(__file__).resolve().parent.parent
FILE: Final = ROOT / "docs" / "policies.md"
BENCHMARK: Final = ROOT / "docs" / "cis-eks.md"
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
  a last day. An expired one no longer holds and fails the run; one that nothing needs is reported.
- **A rule that fails itself** stops the run: it is never taken for nothing found.
- **Benchmark.** docs/cis-eks.md has each control of the CIS Amazon EKS Benchmark with its rules.
"""

_BENCHMARK_HEAD: Final = """\
# CIS Amazon EKS Benchmark 1.7.0

Each control, and the rules of docs/policies.md that judge its subject before anything is created.

*Written by `python -m policies.document` from policies/standards/cis_eks.py: change that, not this file.*
"""

_CHECKS_HEAD: Final = """\
## What other tools check

Checks that apply to what this program makes, and the rules that ask for the same.
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
    own = _section("The pack itself", OWN, environments)
    options = _options(rule for rules in GROUPS.values() for rule in rules)
    checks = [_checks(tool, entries) for tool, entries in CHECKS.items()]
    return "\n".join([_HEAD, *sections, own, options, _CHECKS_HEAD, *checks])


def benchmark() -> str:
    """The whole document on the benchmark."""
    rows = [_covered(control) for control in CONTROLS]
    head = ["| control | subject | rules | note |", "|---|---|---|---|"]
    return "\n".join([_BENCHMARK_HEAD, *head, *rows, ""])


def _covered(entry: Covered) -> str:
    rules = ", ".join(f"`{rule}`" for rule in entry.rules) or "none"
    return f"| {entry.id} | {entry.subject} | {rules} | {entry.why} |"


def _checks(tool: str, entries: Iterable[Covered]) -> str:
    head = [f"### {tool}\n", "| check | subject | rules | note |", "|---|---|---|---|"]
    return "\n".join([*head, *(_covered(entry) for entry in entries), ""])


def _options(rules: Iterable[Rule]) -> str:
    """What an environment may tell rules."""
    rows = [
        f"| `{rule.name}` | `{name}` | {schema['description']} | `{json.dumps(schema['default'])}` |"
        for rule in rules
        for name, schema in rule.options.items()
    ]
    head = [
        "## Options\n",
        "What an environment's file may tell a rule, beside its level.\n",
        "| rule | option | meaning | unless told otherwise |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


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
    stale = False
    for file, wanted in ((FILE, text()), (BENCHMARK, benchmark())):
        if not arguments:
            file.write_text(wanted, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != wanted:
            stale = True
            print(
                f"{file.relative_to(ROOT)} is not what the rules say: "
                "run `python -m policies.document`",
                file=sys.stderr,
            )
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

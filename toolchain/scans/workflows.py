"""What continuous integration runs, judged before it runs: schemas, actionlint and zizmor."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from toolchain.commands import OnLine
from toolchain.paths import PROJECT, Paths
from toolchain.scans import sarif
from toolchain.scans.programs import Output, ScanError, built, installed, run

FOLDER: Final = Path(".github/workflows")
GITLAB: Final = Path("examples/gitlab-ci.yml")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Misfit(_Read):
    """A place that does not fit its schema."""

    filename: str
    message: str
    path: str = ""


class Schema(_Read):
    """What check-jsonschema prints."""

    errors: tuple[Misfit, ...]
    parse_errors: tuple[Misfit, ...] = ()


class Mistake(_Read):
    """What actionlint prints of one mistake."""

    message: str
    filepath: str
    line: int
    kind: str


_MISTAKES: Final = TypeAdapter(tuple[Mistake, ...])


def files(project: Path = PROJECT) -> tuple[str, ...]:
    """The workflows, seen from the project. Raises `ScanError` where there are none."""
    found = sorted((project / FOLDER).glob("*.y*ml"))
    if not found:
        raise ScanError(f"got no workflow in {project / FOLDER}, wanted those of the project")
    return tuple(str(file.relative_to(project)) for file in found)


def scan_schemas(project: Path = PROJECT) -> sarif.Document:
    """What does not fit the schemas of GitHub and GitLab."""
    gitlab = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    return sarif.merged(
        [
            _fit(("--builtin-schema", "vendor.github-workflows"), files(project), project),
            _fit(gitlab, (str(GITLAB),), project),
        ]
    )


def _fit(schema: Sequence[str], names: Sequence[str], project: Path) -> sarif.Document:
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", *schema, *names]
    output = run(command, ends_with=(0, 1), folder=project)
    try:
        told = Schema.model_validate_json(output.stdout)
    except ValidationError as error:
        raise _strange("check-jsonschema", output) from error
    found = [
        sarif.Found(rule="schema", text=f"{one.message} {one.path}".strip(), file=one.filename)
        for one in (*told.errors, *told.parse_errors)
    ]
    if bool(found) != bool(output.code):
        raise _strange("check-jsonschema", output)
    return sarif.document("check-jsonschema", found)


def scan_syntax(paths: Paths, on_line: OnLine, project: Path = PROJECT) -> sarif.Document:
    """What actionlint finds: unknown contexts, wrong types, needs that are not there."""
    command = [
        *(built("actionlint", paths, on_line), "-no-color", "-format", "{{json .}}"),
        # Each step calls make and nothing else, so there is no script to look into.
        *("-shellcheck=", "-pyflakes=", *files(project)),
    ]
    output = run(command, ends_with=(0, 1), folder=project)
    try:
        mistakes = _MISTAKES.validate_python(json.loads(output.stdout or "[]") or ())
    except ValueError as error:
        raise _strange("actionlint", output) from error
    if bool(mistakes) != bool(output.code):
        raise _strange("actionlint", output)
    found = [
        sarif.Found(rule=one.kind, text=one.message, file=one.filepath, line=one.line)
        for one in mistakes
    ]
    return sarif.document("actionlint", found)


def scan_security(project: Path = PROJECT) -> sarif.Document:
    """What zizmor finds, down to its pedantic rules: holes through which others run code."""
    command = [installed("zizmor"), "--offline", "--no-progress", "--persona", "pedantic"]
    command += ["--strict-collection", "--color", "never", "--format", "sarif"]
    output = run([*command, "--", ".github"], folder=project)
    # What it cannot read to the end it leaves out with a word, and calls the rest clean.
    if "WARN" in output.stderr:
        raise ScanError(
            f"got a warning of zizmor, wanted it to look at everything: {output.stderr.strip()[:1000]}"
        )
    # A pedantic finding counts like any other: there are few, and each can be answered.
    return sarif.graven(sarif.parse("zizmor", output.stdout))


def _strange(scanner: str, output: Output) -> ScanError:
    return ScanError(
        f"got the exit code {output.code} of {scanner} and output that does not fit it, wanted both to "
        f"say the same: {(output.stderr or output.stdout)[:500]!r}"
    )

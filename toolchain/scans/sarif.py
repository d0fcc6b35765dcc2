"""SARIF 2.1.0, as far as scanners write it and code hosts read it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolchain import atomic
from toolchain.scans.programs import ScanError

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


class _Read(BaseModel):
    # A scanner's own fields go through unread.
    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Message(_Read):
    """A text."""

    text: str = ""


class Artifact(_Read):
    """A file by its address."""

    uri: str = ""


class Region(_Read):
    """Lines of a file."""

    start: int = Field(default=1, alias="startLine")


class Physical(_Read):
    """A place in a file."""

    artifact: Artifact = Field(default_factory=Artifact, alias="artifactLocation")
    region: Region = Field(default_factory=Region)


class Location(_Read):
    """Where something was found."""

    physical: Physical = Field(default_factory=Physical, alias="physicalLocation")


class Result(_Read):
    """One thing that a scanner found."""

    rule: str = Field(alias="ruleId")
    level: str = "warning"
    message: Message = Field(default_factory=Message)
    locations: list[Location] = Field(default_factory=list[Location])
    suppressions: list[dict[str, str]] | None = None

    @property
    def fails(self) -> bool:
        """Whether it is grave and nobody accepted it."""
        return self.level == "error" and not self.suppressions

    @property
    def where(self) -> str:
        """File and line, as editors open them; empty if the scanner does not say."""
        if not self.locations:
            return ""
        place = self.locations[0].physical
        return f"{place.artifact.uri}:{place.region.start}" if place.artifact.uri else ""


class Run(_Read):
    """What one scanner said of one subject."""

    results: list[Result] | None = None
    details: dict[str, Any] | None = Field(default=None, alias="automationDetails")


class Document(_Read):
    """A SARIF file."""

    runs: list[Run]

    @property
    def results(self) -> list[Result]:
        return [result for run in self.runs for result in run.results or ()]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A finding of a scanner that writes no SARIF itself."""

    rule: str
    text: str
    file: str
    line: int = 1


def parse(scanner: str, text: str) -> Document:
    """What a scanner wrote. Raises `ScanError` for what is no SARIF, or tells of no run."""
    try:
        document = Document.model_validate_json(text)
    except ValidationError as error:
        raise ScanError(
            f"got output of {scanner} that is no SARIF ({error.error_count()} faults), wanted version "
            f"2.1.0; it begins: {text[:200]!r}"
        ) from error
    if not document.runs:
        raise ScanError(f"got SARIF of {scanner} without a run, wanted one: it looked at nothing")
    return document


def document(scanner: str, found: Iterable[Found]) -> Document:
    """SARIF for findings of `scanner`."""
    each = list(found)
    results = [_result(one) for one in each]
    driver = {"name": scanner, "rules": [{"id": rule} for rule in sorted({f.rule for f in each})]}
    whole = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return Document.model_validate(whole)


def _result(found: Found) -> Mapping[str, object]:
    place = {"artifactLocation": {"uri": found.file}, "region": {"startLine": found.line}}
    return {
        "ruleId": found.rule,
        "level": "error",
        "message": {"text": found.text},
        "locations": [{"physicalLocation": place}],
    }


def graven(document: Document) -> Document:
    """The same with every finding as an error, for scanners that know no degrees."""
    for result in document.results:
        result.level = "error"
    return document


def merged(documents: Sequence[Document]) -> Document:
    """All runs in one file."""
    first, *others = documents
    runs = [*first.runs, *(run for other in others for run in other.runs)]
    return first.model_copy(update={"runs": runs})


def write(document: Document, file: Path, category: str) -> None:
    """Write it. Code hosts keep findings of different categories apart, so each scan has its own."""
    for run in document.runs:
        run.details = {"id": f"{category}/"}
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    atomic.write(file, json.dumps(plain, indent=1) + "\n")

"""Exemptions: single resources that may break a single rule, for a reason, until a day.

They are data, in exemptions.yaml. A rule is never switched off for everything.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from policies.rule import Complaint

FILE: Final = Path(__file__).with_name("exemptions.yaml")
Text = Annotated[str, Field(min_length=1)]


class ExemptionsError(Exception):
    """The file of exemptions cannot be used. The message says what is wrong and where."""


class Exemption(BaseModel):
    """One resource, or one part of it, that may break one rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: Annotated[str, Field(pattern=r"^(require|forbid)-[a-z-]+$")]
    type: Annotated[str, Field(pattern=r"^[^*?\[]+$")]
    """Type token of the resource, without wildcards."""
    name: Annotated[str, Field(pattern=r"[^*]{4}")]
    """Name of the resource in the program. `*` stands for a part that differs between stacks."""
    part: Text | None = None
    """The part of the resource, as the complaint names it; the whole resource, if not given."""
    stacks: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Stacks in which it holds; every one, if not given."""
    reason: Annotated[str, Field(min_length=20)]
    owner: Text
    expires: date
    """The last day on which it holds."""

    def matches(self, rule: str, complaint: Complaint) -> bool:
        """Whether it is about this complaint, expired or not."""
        resource = complaint.resource
        return (
            self.rule == rule
            and self.type == resource.type
            and fnmatchcase(resource.name, self.name)
            and self.part in (None, complaint.subject)
            and self.in_stack(resource.stack)
        )

    def in_stack(self, stack: str) -> bool:
        """Whether it is meant for this stack."""
        return self.stacks is None or stack in self.stacks

    def __str__(self) -> str:
        part = f", {self.part}" if self.part else ""
        return f"{self.rule} for {self.type} {self.name}{part}"


def read(file: Path = FILE, *, rules: Sequence[str]) -> tuple[Exemption, ...]:
    """The exemptions in `file`. Raises `ExemptionsError` if it has a fault or names an unknown rule."""
    try:
        content: object = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        entries = TypeAdapter(dict[str, tuple[Exemption, ...]]).validate_python(content)
    except (OSError, yaml.YAMLError) as error:
        raise ExemptionsError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        raise ExemptionsError(_explain(file, error)) from error
    if unknown := sorted(set(entries) - {"exemptions"}):
        raise ExemptionsError(
            f"{file}: the key {unknown[0]} is not known; the only one is exemptions"
        )
    exemptions = entries.get("exemptions", ())
    for exemption in exemptions:
        if exemption.rule not in rules:
            raise ExemptionsError(
                f"{file}: there is no rule {exemption.rule}; docs/policies.md lists them all"
            )
    return exemptions


def _explain(file: Path, error: ValidationError) -> str:
    lines = [
        f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']} (got {fault['input']!r})"
        for fault in error.errors(include_url=False)
    ]
    return "\n".join([f"{file} has faults:", *lines])


class Register:
    """Which exemptions there are, which of them hold today, and which have been of use."""

    def __init__(self, exemptions: Sequence[Exemption], today: date) -> None:
        self._exemptions = tuple(exemptions)
        self._today = today
        self._used: set[Exemption] = set()
        self._undecided: set[Exemption] = set()

    def holding(self, rule: str, complaint: Complaint) -> Exemption | None:
        """The exemption that covers `complaint`, if one does; it is then counted as used."""
        for exemption in self._about(rule, complaint):
            self._used.add(exemption)
            if self._today <= exemption.expires:
                return exemption
        return None

    def expired(self, rule: str, complaint: Complaint) -> Exemption | None:
        """The exemption that did cover `complaint` until it expired, if there is one."""
        for exemption in self._about(rule, complaint):
            if self._today > exemption.expires:
                return exemption
        return None

    def undecided(self, rule: str, complaint: Complaint) -> None:
        """Note that `rule` could not be judged, so that no exemption from it counts as unused."""
        self._undecided.update(
            exemption
            for exemption in self._exemptions
            if exemption.model_copy(update={"part": None}).matches(rule, complaint)
        )

    def unused(self, stack: str) -> Iterator[Exemption]:
        """The exemptions that hold for `stack` and that no complaint has needed."""
        for exemption in self._exemptions:
            if self._meant(exemption, stack) and exemption not in self._used | self._undecided:
                yield exemption

    def over(self, stack: str) -> Iterator[Exemption]:
        """The exemptions meant for `stack` that have expired, needed or not."""
        for exemption in self._exemptions:
            if exemption.in_stack(stack) and self._today > exemption.expires:
                yield exemption

    def _meant(self, exemption: Exemption, stack: str) -> bool:
        return exemption.in_stack(stack) and self._today <= exemption.expires

    def _about(self, rule: str, complaint: Complaint) -> Iterator[Exemption]:
        return (entry for entry in self._exemptions if entry.matches(rule, complaint))

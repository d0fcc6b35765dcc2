"""One scan after the other, told line by line; all are run whatever the first ones find."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from toolchain.faults import MENDABLE, text
from toolchain.paths import PROJECT
from toolchain.scans import accepted, sarif
from toolchain.scans.programs import UnreachableError

REPORTS: Final = PROJECT / "reports" / "scans"
UNCHECKED: Final = "UNCHECKED"
ALLOW: Final = "allow"


@dataclass(frozen=True)
class Scan:
    """One scanner on one subject."""

    name: str
    """Of its report, and of its category with code hosts."""
    title: str
    look: Callable[[], sarif.Document]


def perform(scans: Sequence[Scan], console: Console, folder: Path = REPORTS) -> bool:
    """Run them all; whether all looked and found nothing that fails.

    Their reports of before are removed first: one that could not look leaves none.
    """
    known = accepted.read()
    for scan in scans:
        report(folder, scan).unlink(missing_ok=True)
    outcomes = [_clean(scan, known, console, folder) for scan in scans]
    return all(outcomes)


def report(folder: Path, scan: Scan) -> Path:
    """Where a scan's findings are."""
    return folder / f"{scan.name}.sarif"


def _clean(scan: Scan, known: Sequence[accepted.Accepted], console: Console, folder: Path) -> bool:
    try:
        document = scan.look()
    except UnreachableError as error:
        allowed = os.environ.get(UNCHECKED) == ALLOW
        console.print(f"[bold yellow]? {escape(scan.title)}[/]: NOT CHECKED. {escape(str(error))}")
        return allowed
    except MENDABLE as error:
        console.print(f"[bold red]! {escape(scan.title)}[/]: {escape(text(error))}")
        return False
    accepted.suppress(document, known)
    sarif.write(document, report(folder, scan), scan.name)
    grave = [one for one in document.results if one.fails]
    others = len(document.results) - len(grave)
    besides = f"; {others} more in the report, accepted or not grave" if others else ""
    if not grave:
        console.print(f"[green]✓[/] {escape(scan.title)}: nothing found{besides}")
        return True
    console.print(f"[bold red]✗ {escape(scan.title)}[/]: {len(grave)} found{besides}")
    for one in grave:
        where = f"{one.where}: " if one.where else ""
        console.print(f"  {escape(f'{where}[{one.rule}] {_line(one.message.text)}')}")
    console.print(f"  {report(folder, scan)}")
    return False


def _line(message: str) -> str:
    return " ".join(message.split())[:300]

"""Unit: a scan that found something fails, and so does one that could not look."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from toolchain.scans import sarif
from toolchain.scans.perform import Scan, perform
from toolchain.scans.programs import ScanError, UnreachableError

FOUND = sarif.Found(rule="CVE-1", text="[bold]bad[/bold]\nvery", file="a.lock", line=7)


def scan(name: str, found: list[sarif.Found] | Exception) -> Scan:
    def look() -> sarif.Document:
        if isinstance(found, Exception):
            raise found
        return sarif.document("scanner", found)

    return Scan(name, f"the {name}", look)


@pytest.fixture
def performed(tmp_path: Path) -> Callable[..., tuple[bool, str]]:
    def run(*scans: Scan) -> tuple[bool, str]:
        console = Console(record=True, soft_wrap=True, quiet=False)
        clean = perform(scans, console, tmp_path)
        return clean, console.export_text()

    return run


def test_nothing_found_is_clean_and_leaves_a_report(
    tmp_path: Path, performed: Callable[..., tuple[bool, str]]
) -> None:
    clean, told = performed(scan("lock", []))
    assert clean
    assert "✓ the lock: nothing found" in told
    assert (tmp_path / "lock.sarif").exists()


def test_a_finding_fails_and_is_told_with_its_place(
    performed: Callable[..., tuple[bool, str]],
) -> None:
    clean, told = performed(scan("lock", [FOUND]), scan("other", []))
    assert not clean
    assert "✗ the lock: 1 found" in told
    assert "a.lock:7: [CVE-1] [bold]bad[/bold] very" in told
    assert "✓ the other" in told


def test_a_scanner_that_breaks_down_fails_and_leaves_no_report_of_before(
    tmp_path: Path, performed: Callable[..., tuple[bool, str]]
) -> None:
    performed(scan("lock", []))
    clean, told = performed(scan("lock", ScanError("it broke down")))
    assert not clean
    assert "! the lock: it broke down" in told
    assert not (tmp_path / "lock.sarif").exists()


@pytest.mark.parametrize(("setting", "passes"), [("", False), ("yes", False), ("allow", True)])
def test_a_database_out_of_reach_fails_unless_that_is_allowed(
    performed: Callable[..., tuple[bool, str]],
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    passes: bool,
) -> None:
    monkeypatch.setenv("UNCHECKED", setting)
    clean, told = performed(scan("lock", UnreachableError("no such host")))
    assert clean is passes
    assert "? the lock: NOT CHECKED. no such host" in told


def test_what_is_allowed_to_be_unchecked_may_not_break_down(
    performed: Callable[..., tuple[bool, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNCHECKED", "allow")
    clean, _ = performed(scan("lock", ScanError("it broke down")))
    assert not clean

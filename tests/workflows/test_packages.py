"""pip-audit itself, asked about lock files, against a service of OSV's protocol."""

from pathlib import Path

import pytest

from tests.ports import free
from tests.workflows.osv import osv, vulnerability
from toolchain.scans import packages
from toolchain.scans.programs import ScanError, UnreachableError

LOCK = f"""\
anyio==4.1.0 ; python_version >= '3.11' \\
    --hash=sha256:{"1" * 64}
only-windows==1.0.0 ; sys_platform == 'win32' \\
    --hash=sha256:{"3" * 64}
requests==2.19.0 \\
    --hash=sha256:{"2" * 64}
"""
BAD = vulnerability("requests", "GHSA-aaaa-bbbb-cccc", "2.20.0")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "some.lock"
    file.write_text(LOCK)
    return file


def test_a_vulnerable_package_is_found_at_its_line(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with osv({"requests": BAD}) as (address, asked):
        monkeypatch.setenv(packages.SERVICE, address)
        (result,) = packages.scan(lock).results
    # By the name that most know it by, which is what is written down where it is accepted.
    assert result.rule == "CVE-2026-0001"
    assert result.where == f"{lock}:5"
    assert result.message.text.startswith(
        "requests 2.19.0: CVE-2026-0001 (GHSA-aaaa-bbbb-cccc), mended in 2.20.0"
    )
    assert {(one.package.name, one.version) for one in asked} == {
        ("anyio", "4.1.0"),
        ("requests", "2.19.0"),
    }


def test_packages_without_vulnerabilities_are_clean(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with osv({}) as (address, asked):
        monkeypatch.setenv(packages.SERVICE, address)
        assert packages.scan(lock).results == []
    assert asked != []


def test_a_service_that_does_not_answer_is_no_clean_scan(
    lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(packages.SERVICE, f"http://127.0.0.1:{free(1)[0]}/v1/query")
    with pytest.raises(UnreachableError, match=f"set {packages.SERVICE}"):
        packages.scan(lock)


@pytest.mark.parametrize("text", ["", "requests==2.19.0\n", "not a lock\n"])
def test_a_lock_that_names_nothing_by_hash_is_no_clean_scan(
    lock: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    lock.write_text(text)
    with osv({}) as (address, _):
        monkeypatch.setenv(packages.SERVICE, address)
        with pytest.raises(ScanError):
            packages.scan(lock)


def test_every_lock_of_the_project_is_audited() -> None:
    root = packages.PROJECT
    there = {*root.glob("requirements*.lock"), *(root / "app").glob("requirements*.lock")}
    # What installs the others is pinned by hand, one package without any dependency.
    assert there - set(packages.locks()) == {root / "requirements-uv.lock"}

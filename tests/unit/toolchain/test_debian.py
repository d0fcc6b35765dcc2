"""Unit tier: which packages are missing, and what is done about it."""

import os
from pathlib import Path

import pytest

from toolchain import debian
from toolchain.debian import PackagesMissingError


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dpkg that has buildah, and an apt-get that notes its calls."""
    program(tmp_path, "dpkg-query", "echo 'installed buildah'; echo 'config-files runc'; exit 1")
    program(tmp_path, "apt-get", f'echo "$DEBIAN_FRONTEND $@" >>"{tmp_path}/calls"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def be(uid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> int:
        return uid

    monkeypatch.setattr(os, "geteuid", answer)


def test_what_dpkg_does_not_call_installed_is_missing(programs: Path) -> None:
    assert debian.missing(["runc", "buildah", "haproxy"]) == ["runc", "haproxy"]


def test_a_package_without_a_reason_is_refused(programs: Path) -> None:
    with pytest.raises(ValueError, match="not in the table"):
        debian.missing(["cowsay"])


def test_every_package_has_its_reason() -> None:
    assert all(len(reason) > 10 for reason in debian.PACKAGES.values())


def test_root_installs_all_that_is_missing_by_one_call(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(0, monkeypatch)
    said: list[str] = []
    debian.ensure(["runc", "buildah", "haproxy"], said.append)
    assert (programs / "calls").read_text().splitlines() == [
        "noninteractive update --quiet",
        "noninteractive install --yes --no-install-recommends runc haproxy",
    ]
    assert said[0] == "installing Debian packages: runc haproxy"


def test_nothing_missing_means_no_call(programs: Path) -> None:
    debian.ensure(["buildah"])
    assert not (programs / "calls").exists()


def test_without_root_the_command_and_the_reasons_are_said(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(1000, monkeypatch)
    with pytest.raises(PackagesMissingError) as raised:
        debian.ensure(["runc", "haproxy"])
    wanted = "run: sudo apt-get install --yes --no-install-recommends runc haproxy"
    assert wanted in str(raised.value)
    assert "starts containers for containerd" in str(raised.value)


def test_a_failed_installation_shows_the_last_lines(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    be(0, monkeypatch)
    program(programs, "apt-get", "echo 'E: no such mirror'; exit 100")
    with pytest.raises(PackagesMissingError, match=r"(?s)ended with 100.*E: no such mirror"):
        debian.ensure(["runc"], said_nothing)


def said_nothing(_: str) -> None:
    """Nobody reads them here."""


def test_a_system_without_dpkg_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackagesMissingError, match=r"wanted a Debian system: install .* runc"):
        debian.missing(["runc"])

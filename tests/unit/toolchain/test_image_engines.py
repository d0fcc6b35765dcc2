"""Unit tier: which engine is chosen, and what it is asked, seen by programs that note their call."""

import os
from pathlib import Path

import pytest

from toolchain import debian
from toolchain.image_engines import EPOCH, Buildah, Docker, EngineError, Request, choose


class Programs:
    """A PATH of programs that note how they were called and answer what a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"

    def add(self, name: str, body: str = "") -> None:
        program = self.folder / name
        note = f'printf "%s " {name} "$@" >>"{self.calls}"; echo >>"{self.calls}"\n'
        program.write_text(f"#!/bin/sh\n{note}{body}\n")
        program.chmod(0o755)

    def lines(self) -> list[str]:
        return [line.strip() for line in self.calls.read_text().splitlines()]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return Programs(folder)


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    return Request(
        tag="localhost/app:1",
        context=tmp_path / "context",
        archive=tmp_path / "archive.tar",
        base="localhost/python:1",
        secrets={"ca": tmp_path / "ca.crt"},
    )


def lines(_: str) -> None:
    """Nobody reads them here."""


def test_docker_is_chosen_when_its_engine_answers(programs: Programs, tmp_path: Path) -> None:
    programs.add("docker", "echo 28.1.0")
    assert choose(tmp_path) == Docker()


def test_a_docker_client_without_an_engine_does_not_count(
    programs: Programs, tmp_path: Path
) -> None:
    programs.add("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    assert choose(tmp_path) == Buildah(tmp_path)
    programs.add("docker", "echo")
    assert choose(tmp_path) == Buildah(tmp_path)


def test_without_docker_buildah_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose(tmp_path) == Buildah(tmp_path)


def test_docker_builds_with_base_and_secrets_and_saves_the_result(
    programs: Programs, request_: Request
) -> None:
    programs.add("docker")
    Docker().build(request_, lines)
    build, save = programs.lines()
    assert build.startswith("docker build --progress=plain --tag=localhost/app:1 ")
    assert "--build-arg BASE_IMAGE=localhost/python:1" in build
    assert f"--build-arg SOURCE_DATE_EPOCH={EPOCH}" in build
    assert f"--secret id=ca,src={request_.secrets['ca']}" in build
    assert build.endswith(str(request_.context))
    assert save == f"docker save --output={request_.archive} localhost/app:1"


def test_buildah_builds_in_namespaces_of_its_own_with_a_fixed_time(
    programs: Programs, request_: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "ensure", no_packages)
    monkeypatch.setattr(os, "geteuid", root)
    programs.add("setpriv", 'echo "isolation $BUILDAH_ISOLATION"')
    said: list[str] = []
    engine = Buildah(tmp_path / "images")
    engine.prepare(lines)
    engine.build(request_, said.append)
    *_, build, push = programs.lines()
    assert build.startswith("setpriv --pdeathsig=KILL unshare --mount --pid --fork --kill-child ")
    assert f"--root {tmp_path}/images/storage" in build
    assert "--storage-driver overlay bud --tag=localhost/app:1" in build
    assert f"--timestamp={EPOCH}" in build
    assert "--layers --identity-label=false --pull=false --format=oci" in build
    assert "--squash" not in build
    assert "BASE_IMAGE=localhost/python:1" in build
    assert push.endswith(f"localhost/app:1 oci-archive:{request_.archive}:localhost/app:1")
    assert said[0] == "isolation chroot"


def test_without_an_overlay_file_system_buildah_uses_vfs_and_says_so(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "ensure", no_packages)
    monkeypatch.setattr(os, "geteuid", root)
    programs.add("setpriv", 'case "$*" in *"--storage-driver overlay"*) exit 1 ;; esac')
    said: list[str] = []
    Buildah(tmp_path).prepare(said.append)
    assert "vfs" in said[0]
    assert "--storage-driver vfs rm --all" in programs.lines()[-1]


def test_buildah_without_root_says_what_else_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", somebody)
    with pytest.raises(EngineError, match=r"got uid 1000 .* run with sudo or start docker"):
        Buildah(tmp_path).prepare(lines)


def test_a_base_at_hand_is_not_loaded_again(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "driver").write_text("overlay")
    programs.add("setpriv", "echo 0123456789ab")
    Buildah(tmp_path).load("localhost/python:1", tmp_path / "python.tar", lines)
    assert [line.partition("--storage-driver overlay ")[2] for line in programs.lines()] == [
        "images --quiet localhost/python:1"
    ]


def no_packages(*_: object) -> None:
    """Everything is installed."""


def root() -> int:
    return 0


def somebody() -> int:
    return 1000

"""Unit tier: when an environment is made, made again, and left alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from toolchain import bootstrap
from toolchain.bootstrap import BootstrapError, fingerprint, make, uv_settings


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of its own."""
    file = tmp_path / "requirements.lock"
    file.write_text("rich==15.0.0\n")
    return file


class Commands:
    """Notes what would be run; `venv` makes what uv would."""

    def __init__(self) -> None:
        self.run: list[list[str]] = []
        self.fails = False

    def __call__(self, command: Sequence[Path | str], _settings: dict[str, str]) -> None:
        words = [str(part) for part in command]
        self.run.append(words[1:3])
        if words[1] == "venv":
            for leftover in Path(words[-1]).iterdir():
                leftover.unlink()
            version = ".".join(str(part) for part in bootstrap.sys.version_info[:3])
            (Path(words[-1]) / "pyvenv.cfg").write_text(f"version_info = {version}\n")
        elif self.fails:
            raise BootstrapError("no index")


def _no_settings(_uv: Path) -> dict[str, str]:
    return {}


def _no_program(_name: str) -> None:
    """Nothing is on PATH."""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Instead of uv."""
    noted = Commands()
    monkeypatch.setattr(bootstrap, "_run", noted)
    monkeypatch.setattr(bootstrap, "pinned_uv", lambda: Path("uv"))
    monkeypatch.setattr(bootstrap, "pip_settings", _no_settings)
    return noted


def test_a_new_environment_is_made_and_stamped(
    tmp_path: Path, lock: Path, commands: Commands
) -> None:
    make(tmp_path / ".venv", lock)

    assert [words[0] for words in commands.run] == ["venv", "pip"]
    assert (tmp_path / ".venv" / ".stamp").read_text() == fingerprint(lock)


def test_an_unchanged_environment_costs_nothing(
    tmp_path: Path, lock: Path, commands: Commands
) -> None:
    make(tmp_path / ".venv", lock)
    commands.run.clear()

    make(tmp_path / ".venv", lock)

    assert commands.run == []


def test_a_changed_lock_is_installed_into_the_same_environment(
    tmp_path: Path, lock: Path, commands: Commands
) -> None:
    make(tmp_path / ".venv", lock)
    commands.run.clear()
    lock.write_text("rich==15.0.1\n")

    make(tmp_path / ".venv", lock)

    assert [words[0] for words in commands.run] == ["pip"]


def test_an_interrupted_environment_is_made_again_from_the_start(
    tmp_path: Path, lock: Path, commands: Commands
) -> None:
    commands.fails = True
    with pytest.raises(BootstrapError):
        make(tmp_path / ".venv", lock)
    commands.fails = False
    commands.run.clear()

    make(tmp_path / ".venv", lock)

    assert [words[0] for words in commands.run] == ["venv", "pip"]


def test_an_environment_of_another_python_is_made_again(
    tmp_path: Path, lock: Path, commands: Commands
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version_info = 3.9.2\n")

    make(tmp_path / ".venv", lock)

    assert [words[0] for words in commands.run] == ["venv", "pip"]


def test_another_python_makes_another_fingerprint(lock: Path) -> None:
    assert fingerprint(lock, (3, 11)) != fingerprint(lock, (3, 12))


def test_the_mirror_that_pip_uses_holds_for_uv() -> None:
    pip = {"index-url": "file:///mirror", "find-links": "/a /b", "cert": "/ca.crt", "timeout": "9"}

    settings = uv_settings(pip, {})

    assert settings["UV_DEFAULT_INDEX"] == "file:///mirror"
    assert settings["UV_FIND_LINKS"] == "/a,/b"
    assert settings["SSL_CERT_FILE"] == "/ca.crt"


def test_what_a_person_told_uv_stays() -> None:
    settings = uv_settings({"index-url": "file:///mirror"}, {"UV_DEFAULT_INDEX": "file:///mine"})
    assert "UV_DEFAULT_INDEX" not in settings


def test_too_little_disk_is_said_before_anything_is_made(
    tmp_path: Path, lock: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = bootstrap.shutil.disk_usage(tmp_path)._replace(free=2**20)

    def full(_path: Path) -> object:
        return usage

    monkeypatch.setattr(bootstrap.shutil, "disk_usage", full)

    with pytest.raises(BootstrapError, match=r"got 0\.0 GiB free at .*, wanted 2 GiB"):
        make(tmp_path / ".venv", lock)

    assert commands.run == []


def test_an_old_python_is_named_with_the_wanted_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", _no_program)

    assert bootstrap.main([".venv", "requirements.lock"]) == 1

    said = capsys.readouterr().err
    assert "got Python 3.9.2" in said
    assert "wanted 3.11 or newer" in said


def test_a_newer_python_beside_the_old_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[list[str]] = []
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))

    def which(name: str) -> str | None:
        return f"/bin/{name}" if name == "python3.12" else None

    def execv(_program: str, command: list[str]) -> None:
        taken.append(command)

    monkeypatch.setattr(bootstrap.shutil, "which", which)
    monkeypatch.setattr(bootstrap.os, "execv", execv)

    bootstrap.main([".venv", "requirements.lock"])

    assert [command[:3] for command in taken] == [["/bin/python3.12", "-m", "toolchain.bootstrap"]]

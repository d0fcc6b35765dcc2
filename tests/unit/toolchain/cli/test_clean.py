"""Unit tier: what `make clean` removes, and what it leaves alone."""

from pathlib import Path

import pytest

from toolchain.cli import clean
from toolchain.paths import Paths


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A cache in a folder that holds something of its owner's as well."""
    monkeypatch.setattr(clean, "LOCK", tmp_path / "checkout" / "images.lock.yaml")
    root = tmp_path / "cache"
    (root / "go" / "pkg" / "module@v1").mkdir(parents=True)
    (root / "go" / "pkg" / "module@v1" / "file.go").write_text("package module\n")
    (root / "passphrase").write_text("secret\n")
    (root / "holiday.jpg").write_bytes(b"x" * 100_000)
    return Paths(root)


def test_only_what_is_ours_is_removed(cache: Paths) -> None:
    for path in clean.owned(cache):
        clean.remove(path)
    assert [path.name for path in cache.root.iterdir()] == ["holiday.jpg"]


def test_folders_that_go_made_read_only_are_removed_as_well(cache: Paths) -> None:
    module = cache.go / "pkg" / "module@v1"
    (module / "file.go").chmod(0o444)
    module.chmod(0o555)

    clean.remove(cache.go)

    assert not cache.go.exists()


def test_a_link_is_removed_and_not_what_it_leads_to(cache: Paths, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    cache.logs.symlink_to(elsewhere)

    clean.remove(cache.logs)

    assert not cache.logs.exists()
    assert (elsewhere / "kept").exists()


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(b"x" * 10_000)
    once = clean.size(folder)

    (folder / "b").hardlink_to(folder / "a")

    assert clean.size(folder) == once >= 10_000

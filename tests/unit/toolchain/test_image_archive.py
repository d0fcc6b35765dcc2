"""Unit tier: what is taken for an image, and the lock file."""

import tarfile
from pathlib import Path

import pytest

import config
from tests.unit.toolchain.image_fakes import add, oci_archive
from toolchain.image_archive import (
    ArchiveError,
    BuiltImage,
    manifest_digest,
    read_lock,
    write_lock,
)


def image(name: str, digit: str) -> BuiltImage:
    digest = f"sha256:{digit * 64}"
    tag = f"localhost/{name}:1"
    return BuiltImage(name, f"localhost/{name}@{digest}", digest, Path("none"), tag)


def test_the_digest_is_the_one_of_the_manifest(tmp_path: Path) -> None:
    digest = oci_archive(tmp_path / "image.tar", "content")
    assert manifest_digest(tmp_path / "image.tar") == digest


def test_a_manifest_that_does_not_hash_to_its_name_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    digest = oci_archive(archive, "content")
    with tarfile.open(archive, "a") as tar:
        add(tar, f"blobs/{digest.replace(':', '/')}", b"other content")
    with pytest.raises(ArchiveError, match="does not hash to its name"):
        manifest_digest(archive)


def test_an_archive_of_several_images_is_refused(tmp_path: Path) -> None:
    oci_archive(tmp_path / "image.tar", "content", manifests=2)
    with pytest.raises(ArchiveError, match="got 2 manifests"):
        manifest_digest(tmp_path / "image.tar")


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\0" * 1024])
def test_what_is_no_oci_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "image.tar").write_bytes(content)
    with pytest.raises(ArchiveError, match="which is no OCI archive"):
        manifest_digest(tmp_path / "image.tar")


def test_the_lock_is_what_the_program_reads(tmp_path: Path) -> None:
    lock = tmp_path / "images.lock.yaml"
    write_lock(lock, [image("postgres", "a"), image("agent-runtime", "b")])
    write_lock(lock, [image("postgres", "c")])
    expected = {
        "postgres": image("postgres", "c").reference,
        "agent-runtime": image("agent-runtime", "b").reference,
    }
    assert read_lock(lock) == expected
    assert {name: config.Images.read(lock).reference(name) for name in expected} == expected
    assert [path.name for path in tmp_path.iterdir()] == ["images.lock.yaml"]


def test_an_absent_lock_has_no_images(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "images.lock.yaml") == {}


@pytest.mark.parametrize("content", ["images: [1]", "other: {}", "images: {", "- 1"])
def test_a_lock_of_another_form_is_refused(tmp_path: Path, content: str) -> None:
    lock = tmp_path / "images.lock.yaml"
    lock.write_text(content)
    with pytest.raises(ArchiveError, match="Delete it and build again"):
        read_lock(lock)

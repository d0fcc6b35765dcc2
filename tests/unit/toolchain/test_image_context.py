"""Unit tier: what goes into a build, what names it, and what the host lends to it."""

from pathlib import Path

import pytest

from toolchain import image_context
from toolchain.image_context import ContextError, apt_sources, key, lend, pip_conf, sources, stage
from toolchain.image_table import IMAGES, Image

EPOCH = 1_700_000_000


@pytest.fixture
def image(tmp_path: Path) -> Image:
    folder = tmp_path / "image"
    (folder / "src" / "__pycache__").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    (folder / "src" / "main.py").write_text("print()\n")
    (folder / "src" / "__pycache__" / "main.pyc").write_text("cache")
    (folder / "notes.txt").write_text("not for the image")
    return Image(name="app", folder=folder, files=("src/**/*",), binaries=("tool",))


@pytest.fixture
def binaries(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = tmp_path / "tool-1.0"
    tool.write_text("binary")
    tool.chmod(0o755)
    (folder / "tool").symlink_to(tool)
    return folder


def test_a_build_sees_the_listed_files_and_the_binaries_only(image: Image, binaries: Path) -> None:
    assert list(sources(image, binaries)) == ["Dockerfile", "src/main.py", "tool"]


def test_an_absent_binary_is_named_with_the_command_that_makes_it(
    image: Image, tmp_path: Path
) -> None:
    with pytest.raises(ContextError, match=r"python -m toolchain\.builds build tool"):
        sources(image, tmp_path / "empty")


def test_a_pattern_that_matches_nothing_is_an_error(image: Image, binaries: Path) -> None:
    (image.folder / "src" / "main.py").unlink()
    with pytest.raises(ContextError, match=r"got no file that matches src/\*\*/\*"):
        sources(image, binaries)


def test_the_key_changes_with_content_mode_name_and_parts_and_with_nothing_else(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    file.chmod(0o644)
    first = key({"base": "1"}, {"file": file})
    file.touch()
    file.chmod(0o600)
    assert key({"base": "1"}, {"file": file}) == first
    others = {key({"base": "2"}, {"file": file}), key({"base": "1"}, {"other": file})}
    file.chmod(0o755)
    others.add(key({"base": "1"}, {"file": file}))
    file.write_text("changed")
    others.add(key({"base": "1"}, {"file": file}))
    assert len(others | {first}) == 5


def test_a_staged_file_has_a_time_and_a_mode_that_depend_on_nothing_else(
    image: Image, binaries: Path, tmp_path: Path
) -> None:
    (image.folder / "src" / "main.py").chmod(0o600)
    context = tmp_path / "context"
    context.mkdir()
    stage(sources(image, binaries), context, EPOCH)
    staged = [path for path in context.rglob("*") if path.is_file()]
    assert {path.name: path.stat().st_mode & 0o777 for path in staged} == {
        "Dockerfile": 0o644,
        "main.py": 0o644,
        "tool": 0o755,
    }
    assert {path.stat().st_mtime for path in [context, *context.rglob("*")]} == {EPOCH}


def test_what_the_host_lends_is_named_by_secret_and_readable_by_nobody_else(
    tmp_path: Path,
) -> None:
    authorities = tmp_path / "ca.crt"
    authorities.write_text("PEM")
    environ = {
        "SSL_CERT_FILE": str(authorities),
        "PIP_INDEX_URL": "https://user:secret@index.test/simple",
        "AGENT_PLATFORM_DEBIAN_MIRROR": "https://mirror.test/debian",
    }
    lent = lend(tmp_path / "lent", environ)
    assert set(lent) == {"apt_sources", "apt_conf", "pip_conf", "ca"}
    assert lent["ca"] == authorities
    assert (tmp_path / "lent").stat().st_mode & 0o777 == 0o700
    assert "https://mirror.test/debian" in lent["apt_sources"].read_text()
    assert "user:secret@index.test" in lent["pip_conf"].read_text()


def test_the_index_of_the_environment_wins_over_the_one_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://file.test/simple\ntimeout = 7\n")
    environ = {
        "PIP_CONFIG_FILE": str(file),
        "PIP_INDEX_URL": "https://environment.test/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.test https://b.test",
    }
    written = pip_conf(environ, "/run/secrets/ca.crt")
    assert "index-url = https://environment.test/simple\n" in written
    assert "extra-index-url = https://a.test\n  https://b.test\n" in written
    assert "timeout = 7\n" in written
    assert "cert = /run/secrets/ca.crt\n" in written
    assert "file.test" not in written


def test_a_host_of_another_distribution_lends_no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    def jammy(_: object) -> str:
        return "http://archive.test/ubuntu jammy main"

    monkeypatch.setattr(image_context, "read", jammy)
    assert apt_sources({}) == ""
    assert image_context.mirror({}) is None


def test_a_host_of_the_suite_lends_its_mirrors_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def bookworm(_: object) -> str:
        return (
            "http://m.test/debian bookworm main\n"
            "http://m.test/debian bookworm contrib\n"
            "http://m.test/security bookworm-security main\n"
            "http://other.test nodistro main"
        )

    monkeypatch.setattr(image_context, "read", bookworm)
    written = apt_sources({})
    assert written.count("Types: deb") == 2
    assert "Suites: bookworm-security" in written
    assert "other.test" not in written
    assert image_context.mirror({}) == "http://m.test/debian"


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
def test_what_the_images_list_exists_in_the_repository(image: Image, tmp_path: Path) -> None:
    for name in image.binaries:
        (tmp_path / name).write_text("binary")
    assert "Dockerfile" in sources(image, tmp_path)

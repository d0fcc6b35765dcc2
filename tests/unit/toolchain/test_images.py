"""Unit tier: when an image is built, what is left of a build, and what the lock says."""

import fcntl
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.unit.toolchain.image_fakes import FakeEngine
from toolchain import image_context, image_rootfs
from toolchain.commands import OnLine
from toolchain.image_engines import Request
from toolchain.image_run import KEPT, ImageError, Workshop, pinned_base
from toolchain.image_table import BASE, Image
from toolchain.images import build, build_all, current
from toolchain.paths import Paths


class Shop:
    """A workshop in a folder: the base, an image on it, and one that stands on nothing."""

    def __init__(self, folder: Path) -> None:
        self.engine = FakeEngine()
        self.lines: list[str] = []
        self.folder = folder
        sources = folder / "sources"
        table = [
            Image(name=BASE, folder=sources / BASE, based=False, squash=True),
            Image(name="app", folder=sources / "app"),
            Image(name="pause", folder=sources / "pause", based=False, binaries=("pause",)),
        ]
        for image in table:
            image.folder.mkdir(parents=True)
            image.dockerfile.write_text(f"FROM scratch # {image.name}\n")
        self.source = sources / "app" / "main.py"
        self.source.write_text("first")
        self.paths = Paths(folder / "cache")
        self.paths.bin.mkdir(parents=True)
        (self.paths.bin / "pause").write_text("binary")
        self.lock = folder / "images.lock.yaml"
        self.table = {image.name: image for image in table}

    @property
    def workshop(self) -> Workshop:
        return Workshop(paths=self.paths, lock=self.lock, engine=self.engine, images=self.table)

    def build(self, *names: str) -> dict[str, str]:
        built = build_all(names or ("app", "pause"), self.lines.append, self.workshop)
        return {image.name: image.digest for image in built}

    def locked(self) -> dict[str, str]:
        return yaml.safe_load(self.lock.read_text())["images"]

    def left(self) -> list[str]:
        """What lies in the cache besides the archives."""
        names = (path.name for path in self.paths.images.iterdir())
        work = self.paths.images / "work"
        inside = [path.name for path in work.iterdir()] if work.exists() else []
        return [name for name in names if name not in ("work", "lock")] + inside


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    def rootfs(folder: Path, epoch: int, on_line: OnLine) -> Path:
        made = folder / "rootfs.tar"
        made.write_text("root file system")
        return made

    def no_answer(_: object) -> None:
        """apt is not asked for its mirrors."""

    monkeypatch.setattr(image_rootfs, "rootfs", rootfs)
    monkeypatch.setattr(image_context, "read", no_answer)
    monkeypatch.delenv("AGENT_PLATFORM_BASE_IMAGE", raising=False)
    return Shop(tmp_path)


def test_an_unchanged_run_builds_nothing_and_keeps_the_digests(shop: Shop) -> None:
    first = shop.build()
    assert shop.engine.built == [BASE, "app", "pause"]
    before = shop.lock.stat()
    shop.engine.built.clear()
    assert shop.build() == first
    assert shop.engine.built == []
    assert shop.lock.stat().st_mtime_ns == before.st_mtime_ns


def test_a_changed_source_rebuilds_its_image_alone(shop: Shop) -> None:
    first = shop.build()
    shop.engine.built.clear()
    shop.source.write_text("second")
    second = shop.build()
    assert shop.engine.built == ["app"]
    assert second["app"] != first["app"]
    assert second["pause"] == first["pause"]


def test_going_back_to_an_earlier_source_needs_no_build(shop: Shop) -> None:
    first = shop.build("app")
    shop.source.write_text("second")
    shop.build("app")
    shop.engine.built.clear()
    shop.source.write_text("first")
    assert shop.build("app") == first
    assert shop.engine.built == []
    assert shop.locked()["app"].endswith(first["app"])


def test_a_new_base_rebuilds_what_stands_on_it_and_nothing_else(shop: Shop) -> None:
    shop.build()
    shop.engine.built.clear()
    shop.table[BASE].dockerfile.write_text("FROM scratch # another base\n")
    shop.build()
    assert shop.engine.built == [BASE, "app"]


def test_another_way_of_building_rebuilds_everything(shop: Shop) -> None:
    shop.build()
    shop.engine.built.clear()
    shop.engine.recipe = "fake-2"
    shop.build()
    assert shop.engine.built == [BASE, "app", "pause"]


def test_the_base_is_made_from_the_root_file_system_and_given_to_those_that_stand_on_it(
    shop: Shop,
) -> None:
    shop.build()
    assert shop.engine.seen[BASE]["rootfs.tar"] == "root file system"
    base, app, pause = shop.engine.requests
    assert base.squash
    assert app.base == base.tag
    assert shop.engine.loaded == [base.tag]
    assert pause.base is None


def test_with_docker_images_stand_on_the_pinned_base(shop: Shop) -> None:
    shop.engine.name = "docker"
    shop.build(BASE, "app")
    assert shop.engine.fetched == [pinned_base()]
    assert shop.engine.requests[0].base == pinned_base()


def test_a_base_named_in_the_environment_is_fetched_and_used(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_PLATFORM_BASE_IMAGE", "mirror.test/python@sha256:1")
    shop.build(BASE, "app")
    assert shop.engine.fetched == ["mirror.test/python@sha256:1"]
    assert shop.engine.requests[0].base == "mirror.test/python@sha256:1"


def test_the_lock_names_images_by_digest_and_keeps_those_not_built_now(shop: Shop) -> None:
    shop.build("pause")
    digests = shop.build("app")
    assert shop.locked()["app"] == f"localhost/app@{digests['app']}"
    assert set(shop.locked()) == {"app", "pause"}


def fail(_: Request) -> None:
    raise RuntimeError("the disk is full")


def interrupt(_: Request) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("break_off", [fail, interrupt])
def test_a_build_that_does_not_end_leaves_nothing_half_made(
    shop: Shop, break_off: Callable[[Request], None]
) -> None:
    shop.engine.before_saving = break_off
    with pytest.raises((RuntimeError, KeyboardInterrupt)):
        shop.build("pause")
    assert shop.left() == []
    assert not shop.lock.exists()
    shop.engine.before_saving = lambda _: None
    assert shop.build("pause")["pause"].startswith("sha256:")


def test_images_that_were_ready_before_a_failure_are_in_the_lock(shop: Shop) -> None:
    shop.build(BASE)
    shop.engine.before_saving = lambda request: None if "pause" in request.tag else fail(request)
    with pytest.raises(RuntimeError):
        shop.build("pause", "app")
    assert set(shop.locked()) == {BASE, "pause"}


def test_what_a_killed_build_left_is_removed_by_the_next(shop: Shop) -> None:
    work = shop.paths.images / "work"
    work.mkdir(parents=True)
    (work / "left").write_text("half")
    shop.build("pause")
    assert list(work.iterdir()) == []


def test_superseded_archives_are_removed_with_their_images(shop: Shop) -> None:
    for number in range(KEPT + 2):
        shop.source.write_text(str(number))
        shop.build("app")
    assert len(list(shop.paths.images.glob("app-*.tar"))) == KEPT
    assert [tag.partition(":")[0] for tag in shop.engine.removed] == ["localhost/app"] * 2
    assert shop.build("app")
    assert len(list(shop.paths.images.glob("python-*.tar"))) == 1


def test_a_name_that_is_no_image_is_refused_with_those_that_are(shop: Shop) -> None:
    with pytest.raises(ImageError, match=r"got \['ap'\], wanted names among: python, app, pause"):
        build("ap", shop.lines.append, shop.workshop)


def test_an_image_is_current_once_it_is_built_from_the_sources_as_they_are(shop: Shop) -> None:
    assert current("app", shop.workshop) is None
    digests = shop.build("app")
    asked = current("app", shop.workshop)
    assert asked is not None
    assert asked.digest == digests["app"]
    shop.source.write_text("second")
    assert current("app", shop.workshop) is None
    assert shop.engine.built == [BASE, "app"]


def test_too_little_disk_is_said_before_the_build(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 2**30})

    def one_gibibyte(_: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", one_gibibyte)
    with pytest.raises(ImageError, match=r"got 1\.0 GiB free .* wanted 3 GiB"):
        shop.build("pause")
    assert shop.engine.built == []


def test_a_second_builder_waits_for_the_first_and_says_so(shop: Shop) -> None:
    shop.paths.images.mkdir(parents=True)
    said = threading.Event()

    def on_line(line: str) -> None:
        if "another build is running" in line:
            said.set()

    second = threading.Thread(target=build, args=("pause", on_line, shop.workshop))
    with (shop.paths.images / "lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()
        assert said.wait(10)
        assert shop.engine.built == []
    second.join(10)
    assert shop.engine.built == ["pause"]

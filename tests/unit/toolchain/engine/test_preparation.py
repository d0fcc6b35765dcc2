"""Unit: what is made before Pulumi runs, and what is the user's own and stays as it is."""

from pathlib import Path

import pytest

from toolchain.engine.cli import Pulumi
from toolchain.engine.preparation import prepare
from toolchain.paths import Paths


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: sample\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\nencryptionsalt: v1:from-elsewhere\n")
    return folder


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "cache")


def _built(paths: Paths) -> Pulumi:
    return Pulumi(paths.bin / "pulumi", official=False)


def test_everything_the_variables_name_is_there_afterwards(project: Path, paths: Paths) -> None:
    chosen = prepare(_built(paths), paths, environment={}, project=project)
    assert Path(chosen["PULUMI_CONFIG_PASSPHRASE_FILE"]).is_file()
    assert Path(chosen["PULUMI_BACKEND_URL"].removeprefix("file://")).is_dir()
    assert (paths.bin / "pulumi-language-python").exists()
    assert "from-elsewhere" not in (project / "Pulumi.dev.yaml").read_text()


def test_with_a_backend_of_the_users_own_the_project_is_not_touched(
    project: Path, paths: Paths
) -> None:
    before = (project / "Pulumi.dev.yaml").read_text()
    own = {"PULUMI_BACKEND_URL": "s3://team-state"}
    prepare(_built(paths), paths, environment=own, project=project)
    assert (project / "Pulumi.dev.yaml").read_text() == before
    assert not paths.state.exists()
    assert not (paths.root / "passphrase").exists()


def test_beside_an_official_cli_no_language_host_of_ours_is_put(
    project: Path, paths: Paths
) -> None:
    official = Pulumi(Path("/opt/pulumi/absent"), official=True)
    prepare(official, paths, environment={}, project=project)
    assert not (paths.bin / "pulumi-language-python").exists()


def test_a_stack_without_settings_is_named_with_those_there_are(
    project: Path, paths: Paths
) -> None:
    with pytest.raises(RuntimeError, match=r"got stack 'qa'.*wanted one of dev\."):
        prepare(_built(paths), paths, "qa", environment={}, project=project)


def test_a_cli_that_cannot_make_the_stack_is_quoted(project: Path, paths: Paths) -> None:
    paths.bin.mkdir(parents=True)
    broken = paths.bin / "pulumi"
    broken.write_text("#!/bin/sh\necho the disk is full >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"stack init dev.*ended with 3, wanted 0: the disk is"):
        prepare(_built(paths), paths, environment={}, project=project)

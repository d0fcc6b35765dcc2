"""What the engine tests run on: a bare control plane, and the Pulumi of the toolchain."""

import os
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.engine import control_plane as planes
from tests.engine.control_plane import CONTEXT, ControlPlane
from tests.engine.stack import PASSPHRASE, Project
from toolchain import builds
from toolchain.engine.installation import install
from toolchain.paths import Paths


@pytest.fixture(scope="session")
def paths() -> Paths:
    return Paths.from_environment()


@pytest.fixture(scope="session")
def control_plane(
    paths: Paths, tmp_path_factory: pytest.TempPathFactory
) -> Generator[ControlPlane]:
    """etcd, API server and controller manager, without a node."""
    reason = planes.missing(paths)
    if reason:
        pytest.fail(reason)
    with planes.running(tmp_path_factory.mktemp("control-plane"), paths) as plane:
        yield plane


@pytest.fixture(scope="session")
def pulumi_home(paths: Paths, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PULUMI_HOME with our language host and the providers of this working tree."""
    if not (paths.bin / "pulumi").exists():
        pytest.fail(
            f"{paths.bin} has no pulumi; `python -m toolchain.builds build pulumi` makes it"
        )
    builds.build("pulumi-resource-kubernetes", lambda _: None, paths=paths)
    home = tmp_path_factory.mktemp("pulumi-home")
    install(paths, {**os.environ, "PULUMI_HOME": str(home)})
    return home


@pytest.fixture
def new_project(
    paths: Paths, pulumi_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Project]:
    """Makes projects; each has its own backend, the caller says on which cluster."""

    def make(kubeconfig: Path, **config: str) -> Project:
        folder = tmp_path_factory.mktemp("project")
        backend = tmp_path_factory.mktemp("backend")
        environment = {
            "PATH": f"{paths.bin}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(pulumi_home),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Shows the option --event-log.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "KUBECONFIG": str(kubeconfig),
        }
        project = Project(
            folder=folder,
            pulumi=paths.bin / "pulumi",
            environment=environment,
            config={key.replace("__", ":"): value for key, value in config.items()},
        )
        project.create()
        return project

    return make


@pytest.fixture
def project(control_plane: ControlPlane, new_project: Callable[..., Project]) -> Generator[Project]:
    """A project on the bare control plane; what it made is removed afterwards."""
    project = new_project(control_plane.kubeconfig, kubernetes__context=CONTEXT)
    yield project
    project.clean()

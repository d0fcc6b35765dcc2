"""Engine: each scanner finds what is there, and never calls clean what it could not look at."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.workflows import databases, oci
from tests.workflows.reading import GITLAB, ROOT
from toolchain.image_archive import BuiltImage
from toolchain.paths import Paths
from toolchain.scans import images, modules, secrets, workflows
from toolchain.scans.programs import ScanError, UnreachableError

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

# Put together here, so that this file has no secret for the scanner to find.
KEY = "ghp_" + "x7Kq2Lm9Rt4Vw8Zb3Nc6Ys1Pd5Hf0JgAeTuB"
NOWHERE = "http://127.0.0.1:1"


def quiet(_: str) -> None:
    """For lines of a build."""


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Tests", "-c", "user.email=tests@example.com")
    command = ["git", "-C", str(folder), *identity, *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--initial-branch=main")
    (folder / "README.md").write_text("Nothing secret.\n")
    (folder / ".gitignore").write_text("ignored/\n")
    git(folder, "add", ".")
    git(folder, "commit", "--message=Begin")
    return folder


def test_actionlint_finds_nothing_in_the_projects_workflows(paths: Paths) -> None:
    assert workflows.scan_syntax(paths, quiet).results == []


def test_actionlint_finds_a_need_that_is_no_job(paths: Paths, tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    (tmp_path / "examples").mkdir()
    shutil.copy(GITLAB, tmp_path / "examples")
    file = tmp_path / ".github" / "workflows" / "ci.yml"
    file.write_text(file.read_text().replace("needs: [images,", "needs: [pictures,"))
    (result,) = workflows.scan_syntax(paths, quiet, tmp_path).results
    assert 'needs job "pictures" which does not exist' in result.message.text
    assert result.where.startswith(".github/workflows/ci.yml:")


def test_a_repository_without_secrets_is_clean(repository: Path, paths: Paths) -> None:
    assert secrets.scan_files(paths, quiet, repository).results == []
    assert secrets.scan_history(paths, quiet, repository).results == []


def test_a_secret_that_was_taken_out_again_is_found_in_history(
    repository: Path, paths: Paths
) -> None:
    (repository / "settings.py").write_text(f'TOKEN = "{KEY}"\n')
    git(repository, "add", ".")
    git(repository, "commit", "--message=Settings")
    (repository / "settings.py").write_text("TOKEN = None\n")
    git(repository, "commit", "--all", "--message=Mend")
    assert secrets.scan_files(paths, quiet, repository).results == []
    document = secrets.scan_history(paths, quiet, repository)
    assert [result.where for result in document.results] == ["settings.py:1"]
    assert all(result.fails for result in document.results)
    assert KEY not in document.model_dump_json()


def test_a_secret_on_another_branch_is_found_there(repository: Path, paths: Paths) -> None:
    git(repository, "checkout", "-b", "other")
    (repository / "settings.py").write_text(f'TOKEN = "{KEY}"\n')
    git(repository, "add", ".")
    git(repository, "commit", "--message=Settings")
    assert len(secrets.scan_history(paths, quiet, repository).results) == 1
    git(repository, "checkout", "main")
    assert secrets.scan_history(paths, quiet, repository).results == []


@pytest.mark.parametrize(("name", "found"), [("notes.txt", ["notes.txt:1"]), ("ignored/a.txt", [])])
def test_a_secret_that_is_not_committed_is_found_unless_git_ignores_it(
    repository: Path, paths: Paths, name: str, found: list[str]
) -> None:
    file = repository / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"token = {KEY}\n")
    results = secrets.scan_files(paths, quiet, repository).results
    assert [result.where for result in results] == found


def test_a_clone_without_its_history_is_no_clean_one(
    repository: Path, paths: Paths, tmp_path: Path
) -> None:
    git(repository, "commit", "--allow-empty", "--message=More")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--depth=1", repository.as_uri(), str(shallow))
    with pytest.raises(ScanError, match="git fetch --unshallow"):
        secrets.scan_history(paths, quiet, shallow)


def test_what_our_go_code_calls_is_told_from_what_it_only_names(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = databases.for_govulncheck(
        tmp_path / "go",
        GO_2026_0001="google.golang.org/grpc",
        GO_2026_0002="google.golang.org/grpc/xds/nowhere",
    )
    monkeypatch.setenv(modules.DATABASE, address)
    results = modules.scan("toolchain/providers", paths, quiet).results
    assert {(one.rule, one.fails) for one in results} == {
        ("GO-2026-0001", True),
        ("GO-2026-0002", False),
    }


def test_a_database_of_go_out_of_reach_is_no_clean_scan(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(modules.DATABASE, NOWHERE)
    with pytest.raises(UnreachableError, match=modules.DATABASE):
        modules.scan("toolchain/providers", paths, quiet)


@pytest.fixture
def image(tmp_path: Path) -> BuiltImage:
    """Debian with a package of its own and one of Python's."""
    file = tmp_path / "some-0123456789abcdef.tar"
    oci.archive(
        file,
        {
            "etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
            "var/lib/dpkg/status": (
                "Package: libbad\nStatus: install ok installed\nVersion: 1.0-1\n"
                "Architecture: amd64\nMaintainer: Tests\nDescription: bad\n\n"
            ),
            "opt/lib/python3.11/site-packages/bad-1.0.dist-info/METADATA": (
                "Metadata-Version: 2.1\nName: bad\nVersion: 1.0\n"
            ),
        },
    )
    return BuiltImage("some", "localhost/some@sha256:0", "sha256:0", file, "localhost/some:0")


def test_a_grave_vulnerability_that_is_mended_somewhere_fails(
    image: BuiltImage, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in databases.for_grype(tmp_path / "db", "bad", "libbad", paths).items():
        monkeypatch.setenv(name, value)
    document = images.scan(image, paths, quiet)
    assert {(one.rule, one.fails) for one in document.results} == {
        ("CVE-2026-1111-bad", True),
        # Not grave.
        ("CVE-2026-2222-bad", False),
        # And of CVE-2026-3333, which nobody has mended, nothing.
    }
    told = json.dumps(document.model_dump(mode="json"))
    assert str(tmp_path) not in told
    assert "in image some at:" in told


def test_a_database_of_grype_out_of_reach_is_no_clean_scan(
    image: BuiltImage, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRYPE_DB_CACHE_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("GRYPE_DB_UPDATE_URL", NOWHERE)
    with pytest.raises(UnreachableError, match="GRYPE_DB_UPDATE_URL"):
        images.scan(image, paths, quiet)

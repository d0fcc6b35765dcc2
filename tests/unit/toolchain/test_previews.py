"""Units: what a change is measured against."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from toolchain.cli.engine import EngineError
from toolchain.image_archive import read_lock
from toolchain.paths import PROJECT, Paths
from toolchain.previews import baseline as previews
from toolchain.previews import sources
from toolchain.previews.baseline import prepare
from toolchain.previews.revision import NOTHING, RevisionError, base, here
from toolchain.rehearsal.workspace import PLACEHOLDER, read_values

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with a commit on main, and a branch that left it and went on."""

    def run(*arguments: str) -> str:
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
        command = ["git", "-C", str(tmp_path), *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        run("add", ".")
        run("commit", "--message", name)

    run("init", "--initial-branch", "main")
    commit("config.py", "before")
    run("switch", "--create", "change")
    commit("config.py", "after")
    run("switch", "main")
    commit("later.txt", "what main got since")
    run("switch", "change")
    return run


def test_a_change_is_measured_from_where_it_left_the_default_branch(
    git: Git, tmp_path: Path
) -> None:
    found = base(None, {}, tmp_path)
    assert found is not None
    assert found.commit == git("merge-base", "main", "change")
    assert found.phrase == f"main at {found.commit[:7]}"


def test_a_pull_request_says_what_its_base_is(git: Git, tmp_path: Path) -> None:
    git("update-ref", "refs/remotes/origin/release", "main~1")
    found = base(None, {"GITHUB_BASE_REF": "release"}, tmp_path)
    assert found is not None
    assert found.name == "release"
    assert found.commit == git("rev-parse", "main~1")


def test_a_merge_request_says_what_its_base_is(git: Git, tmp_path: Path) -> None:
    commit = git("rev-parse", "main~1")
    found = base(None, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": commit}, tmp_path)
    assert found is not None
    assert found.commit == commit


def test_of_a_merged_result_the_targets_tip_is_the_base(git: Git, tmp_path: Path) -> None:
    git("merge", "--message", "merged", "main")
    told = {
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": git("rev-parse", "main"),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git("rev-parse", "main~1"),
    }
    found = base(None, told, tmp_path)
    assert found is not None
    assert found.commit == git("rev-parse", "main")


def test_the_default_branch_of_a_clone_is_called_by_its_name(git: Git, tmp_path: Path) -> None:
    git("update-ref", "refs/remotes/origin/main", "main")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    found = base(None, {}, tmp_path)
    assert found is not None
    assert found.name == "main"


def test_a_branch_that_is_named_is_taken_as_it_is(git: Git, tmp_path: Path) -> None:
    found = base("main", {}, tmp_path)
    assert found is not None
    assert found.commit == git("rev-parse", "main")


def test_a_report_names_the_commit_that_its_author_knows(git: Git, tmp_path: Path) -> None:
    own = git("rev-parse", "--short=7", "change")
    assert here({}, tmp_path) == own
    git("switch", "main")
    git("merge", "--no-ff", "--message", "merged", "change")
    assert here({"GITHUB_EVENT_NAME": "pull_request"}, tmp_path) == own
    (tmp_path / "config.py").write_text("more")
    assert here({}, tmp_path).endswith("and what is not committed")


def test_a_base_without_a_common_commit_is_refused(git: Git, tmp_path: Path) -> None:
    git("switch", "--orphan", "elsewhere")
    (tmp_path / "other.txt").write_text("")
    git("add", ".")
    git("commit", "--message", "another history")
    git("update-ref", "refs/remotes/origin/release", "main")
    with pytest.raises(RevisionError, match="no commit in common"):
        base(None, {"GITHUB_BASE_REF": "release"}, tmp_path)


def test_a_base_that_is_named_goes_before_what_the_environment_says(
    git: Git, tmp_path: Path
) -> None:
    found = base("change", {"GITHUB_BASE_REF": "gone"}, tmp_path)
    assert found is not None
    assert found.commit == git("rev-parse", "change")


def test_nothing_is_a_base_too(git: Git, tmp_path: Path) -> None:
    assert base(NOTHING, {}, tmp_path) is None


def test_a_base_that_was_not_fetched_is_refused_with_the_way_to_mend_it(
    git: Git, tmp_path: Path
) -> None:
    with pytest.raises(RevisionError, match=r"no commit origin/release .* fetch it"):
        base(None, {"GITHUB_BASE_REF": "release"}, tmp_path)


def test_a_revision_is_extracted_as_it_was(git: Git, tmp_path: Path) -> None:
    found = base("main~1", {}, tmp_path)
    assert found is not None
    found.extract(tmp_path / "there", "config.py", "components")
    assert (tmp_path / "there" / "config.py").read_text() == "before"
    assert [each.name for each in (tmp_path / "there").iterdir()] == ["config.py"]


def _app(folder: Path, text: str) -> Path:
    """A tree with sources of the runtime, and of no other image."""
    source = folder / "app" / "src" / "runtime.py"
    source.parent.mkdir(parents=True)
    source.write_text(text)
    (folder / "app" / "Dockerfile").write_text("FROM python")
    (folder / "app" / "requirements.lock").write_text("")
    return folder


def test_changed_sources_give_their_image_another_digest_and_no_other_one(tmp_path: Path) -> None:
    before = {i.name: i.digest for i in sources.images(_app(tmp_path / "before", "1"))}
    after = {i.name: i.digest for i in sources.images(_app(tmp_path / "after", "2"))}
    assert {name for name in before if before[name] != after[name]} == {"agent-runtime"}


def test_the_same_sources_give_the_same_digests_wherever_they_are(tmp_path: Path) -> None:
    one, other = (sources.images(_app(tmp_path / name, "1")) for name in ("one", "other"))
    assert [each.digest for each in one] == [each.digest for each in other]


def test_a_changed_recipe_of_a_binary_changes_the_image_that_holds_it(tmp_path: Path) -> None:
    before = {i.name: i.digest for i in sources.images(_app(tmp_path, ""))}
    recipe = tmp_path / "toolchain" / "builds" / "traefik" / "go.mod"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("module traefik")
    after = {i.name: i.digest for i in sources.images(tmp_path)}
    assert {name for name in before if before[name] != after[name]} == {"traefik"}


def test_a_workspace_has_the_program_its_images_and_no_secret(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    prepare(folder, "prod", PROJECT)
    assert (folder / "__main__.py").read_text() == (PROJECT / "__main__.py").read_text()
    assert set(read_lock(folder / "images.lock.yaml")) == {
        each.name for each in sources.images(PROJECT)
    }
    values = read_values(folder / "Pulumi.prod.yaml")
    assert values["agent-platform:agents"]
    assert all(not isinstance(v, dict) or "secure" not in v for v in values.values()), PLACEHOLDER


def test_a_base_that_cannot_be_run_is_missing_and_not_empty(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.test.yaml").write_text("config: {}")
    git("add", ".")
    git("commit", "--message", "a stack")
    revision = base("change", {}, tmp_path)

    def broken(*_: object) -> Path:
        raise EngineError("no such module")

    monkeypatch.setattr(previews, "recorded", broken)
    paths = Paths.from_environment({})
    found = previews.baseline("test", revision, paths, lambda _: None)
    assert found.state is None
    assert found.missing.startswith("The program of change at")
    assert found.missing.endswith("no such module")


def test_a_base_without_the_stack_and_no_base_are_honestly_empty(git: Git, tmp_path: Path) -> None:
    git("status")
    paths = Paths.from_environment({})
    without = previews.baseline("test", base("change", {}, tmp_path), paths, lambda _: None)
    assert (without.state, without.missing) == (None, "")
    assert "has no stack test" in without.remarks[0]
    assert previews.baseline("test", None, paths, lambda _: None) == previews.Baseline("nothing")

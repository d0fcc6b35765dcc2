"""The recipes of `make check` and `make test`: what proves the code, as steps."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from toolchain.build_table import TOOLS
from toolchain.cli.steps import Step
from toolchain.cli.work import PROVIDERS, debian_step, tool_step
from toolchain.paths import PROJECT, Paths, go_environment

HERE = (sys.executable, "-m")
APP = (str(PROJECT / "app" / ".venv" / "bin" / "python"), "-m")
SERVERS = ("chromium", "jq", "postgresql-15", "postgresql-client-15", "redis-server", "redis-tools")
GO_MODULES = ("toolchain/providers", "toolchain/providers/kubernetes")
"""Go code with logic of its own. The recipes only name what is linked; building proves them."""
SCANNERS = ("actionlint", "gitleaks", "govulncheck", "grype")
BENCHMARKS = ("footprint", "preview", "scale", "parity", "reviews")
UNFORMATTED = (
    'files=$(gofmt -l toolchain) && [ -z "$files" ] || { echo "run: gofmt -w" $files; exit 1; }'
)


def fast(paths: Paths) -> list[Step]:
    """Format, lint, types and the tests that need no server: what to run before each commit."""
    return [*_static(paths), _tests(), *_app_units()]


def full(paths: Paths) -> list[Step]:
    """All of `fast`, the app against real servers, the real engine and the Go tests."""
    # The engine's tests deploy to a bare control plane; those of the workflows run their scanners.
    tools = ("pulumi", *PROVIDERS, "etcd", "kubernetes", "kwok", *SCANNERS)
    return [
        *_static(paths),
        _tests(),
        debian_step(SERVERS),
        *(tool_step(TOOLS[name], paths) for name in tools),
        _step("tests-app", "tests of the app", 90, *APP, "pytest", folder="app", needs=("debian",)),
        _step(
            "tests-engine",
            "tests with the real engine",
            240,
            # Each worker has a control plane of its own; a third one works while others wait.
            *(*HERE, "pytest", "-m", "engine", "-n", "3", "--dist", "worksteal", "tests/engine"),
            needs=("debian", *(f"tool-{name}" for name in tools)),
        ),
        *(_go("tests", "tests", 60, module, paths, "test", "./...") for module in GO_MODULES),
    ]


def end_to_end(variables: Mapping[str, str]) -> Step:
    """The tests against the running platform."""
    return _step(
        "tests-e2e",
        "tests against the running platform",
        600,
        *(*HERE, "pytest", "-m", "e2e", "tests/e2e"),
        variables=variables,
    )


def benchmarks(variables: Mapping[str, str]) -> Iterator[Step]:
    """Each benchmark by itself: one beside it would be measured as well."""
    before: tuple[str, ...] = ()
    for subject in BENCHMARKS:
        name = f"bench-{subject}"
        module = (*HERE, f"benchmarks.{subject}")
        yield _step(name, f"benchmark {subject}", 60, *module, needs=before, variables=variables)
        before = (name,)


def _static(paths: Paths) -> Iterator[Step]:
    for suffix, python, folder in (("", HERE, "."), ("-app", APP, "app")):
        of = " of the app" if suffix else ""
        style = (*python, "ruff", "format", "--check", ".")
        yield _step(f"format{suffix}", f"format{of}", 1, *style, folder=folder)
        yield _step(f"lint{suffix}", f"lint{of}", 1, *python, "ruff", "check", ".", folder=folder)
        yield _step(f"types{suffix}", f"types{of}", 40, *python, "pyright", folder=folder)
    yield _step("format-go", "format of Go", 1, "bash", "-c", UNFORMATTED)
    for module in GO_MODULES:
        yield _go("lint", "lint", 30, module, paths, "vet", "./...")


def _tests() -> Step:
    return _step("tests", "tests", 60, *HERE, "pytest", "-n", "2")


def _app_units() -> Iterator[Step]:
    if (PROJECT / "app" / "tests" / "unit").exists():
        command = (*APP, "pytest", "tests/unit")
        yield _step("tests-app-unit", "unit tests of the app", 20, *command, folder="app")


def _go(kind: str, title: str, seconds: float, module: str, paths: Paths, *arguments: str) -> Step:
    name = Path(module).name
    return _step(
        f"{kind}-go-{name}",
        f"{title} of Go {name}",
        seconds,
        *("go", *arguments),
        folder=module,
        variables=go_environment(paths),
    )


def _step(
    name: str,
    title: str,
    seconds: float,
    *command: str,
    folder: str = ".",
    needs: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> Step:
    return Step(
        name=name,
        title=title,
        command=command,
        seconds=seconds,
        folder=folder,
        needs=needs,
        variables=variables or {},
    )

"""Databases of vulnerabilities for the scanners, with what a test wants there to be."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from toolchain import builds
from toolchain.paths import Paths, go_environment
from toolchain.scans.images import variables

SOURCE = Path(__file__).with_name("vulnerabilities.go")


def for_grype(folder: Path, python: str, deb: str, paths: Paths) -> dict[str, str]:
    """A database of grype's, written by its own code; the variables under which it is used."""
    grype = builds.build("grype", lambda _: None, paths=paths)
    recipe = builds.named("grype").folder
    folder.mkdir()
    _run(
        ["go", "run", str(SOURCE), str(folder), python, deb],
        go_environment(paths),
        recipe,
    )
    settings = {
        **variables(paths),
        "GRYPE_DB_CACHE_DIR": str(folder / "cache"),
        "GRYPE_DB_AUTO_UPDATE": "false",
    }
    _run([str(grype), "db", "import", str(folder / "vulnerability.db")], settings, folder)
    return settings


def for_govulncheck(folder: Path, **packages: str) -> str:
    """A database of Go's, identity → package, all versions affected; its address."""
    folder.mkdir()
    for identity, package in packages.items():
        name = identity.replace("_", "-")
        (folder / f"{name}.json").write_text(json.dumps(_go_entry(name, package)))
    return folder.as_uri()


def _go_entry(identity: str, package: str) -> dict[str, Any]:
    module = "/".join(package.split("/")[: 2 if package.startswith("google.golang.org") else 3])
    return {
        "schema_version": "1.3.1",
        "id": identity,
        "modified": "2026-01-01T00:00:00Z",
        "published": "2026-01-01T00:00:00Z",
        "summary": "Whoever asks gets everything.",
        "details": "Whoever asks gets everything.",
        "affected": [
            {
                "package": {"name": module, "ecosystem": "Go"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
                "ecosystem_specific": {"imports": [{"path": package}]},
            }
        ],
        "database_specific": {"url": f"https://pkg.go.dev/vuln/{identity}"},
    }


def _run(command: list[str], variables: dict[str, str], folder: Path) -> None:
    done = subprocess.run(
        command, env=os.environ | variables, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

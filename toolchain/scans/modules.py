"""Known vulnerabilities that our own Go code reaches, by govulncheck."""

import os
from typing import Final

from toolchain.commands import OnLine
from toolchain.paths import PROJECT, Paths, go_environment
from toolchain.scans import sarif
from toolchain.scans.programs import ScanError, built, run

DATABASE: Final = "AGENT_PLATFORM_GO_VULNERABILITIES"
"""Variable with the address of another database than Go's own; file:// works as well."""
REACH: Final = f"set {DATABASE} to the address of a mirror of Go's vulnerability database"


def scan(module: str, paths: Paths, on_line: OnLine) -> sarif.Document:
    """The vulnerabilities in what one module is linked from; those that are never called are notes."""
    folder = PROJECT / module
    if not (folder / "go.mod").exists():
        raise ScanError(f"got no go.mod in {folder}, wanted one of our Go modules")
    database = os.environ.get(DATABASE)
    output = run(
        [
            built("govulncheck", paths, on_line),
            *(("-db", database) if database else ()),
            *("-format", "sarif", "./..."),
        ],
        folder=folder,
        reach=REACH,
        variables=go_environment(paths),
    )
    return sarif.parse("govulncheck", output.stdout)

"""Known vulnerabilities of the Python packages that the lock files name, asked of OSV by pip-audit."""

import os
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolchain.locks import LOCKS
from toolchain.paths import PROJECT
from toolchain.scans import sarif
from toolchain.scans.programs import ScanError, failure, run

SERVICE: Final = "AGENT_PLATFORM_OSV_URL"
"""Variable with the address of another OSV service than the public one."""
PUBLIC: Final = "https://api.osv.dev/v1/query"
REACH: Final = f"set {SERVICE} to the address of an OSV service within reach (it is {PUBLIC})"


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Vulnerability(_Read):
    """What pip-audit tells of one vulnerability."""

    id: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    fixed: tuple[str, ...] = Field(default=(), alias="fix_versions")


class Package(_Read):
    """What it tells of one package."""

    name: str
    version: str = ""
    skipped: str | None = Field(default=None, alias="skip_reason")
    vulnerabilities: tuple[Vulnerability, ...] = Field(default=(), alias="vulns")


class Audit(_Read):
    """What it prints."""

    packages: tuple[Package, ...] = Field(alias="dependencies", min_length=1)


def locks() -> tuple[Path, ...]:
    """The files that are audited: every lock that `make lock` writes."""
    return tuple(PROJECT / lock.file for lock in LOCKS)


def scan(lock: Path) -> sarif.Document:
    """The known vulnerabilities of what one lock file names."""
    output = run(
        [
            *(sys.executable, "-m", "pip_audit", "--requirement", str(lock)),
            # The lock names everything by hash: nothing is resolved or downloaded for it.
            *("--disable-pip", "--require-hashes", "--strict", "--progress-spinner", "off"),
            *("--vulnerability-service", "osv", "--osv-url", os.environ.get(SERVICE) or PUBLIC),
            *("--format", "json"),
        ],
        ends_with=(0, 1),
        reach=REACH,
    )
    try:
        audit = Audit.model_validate_json(output.stdout)
    except ValidationError as error:
        # It ends with 1 for what it found and for what went wrong; only the first prints JSON.
        raise failure("pip-audit", output, REACH) from error
    if skipped := [f"{p.name}: {p.skipped}" for p in audit.packages if p.skipped]:
        raise ScanError(
            f"got packages of {lock.name} that pip-audit left out ({'; '.join(skipped)}), wanted all "
            "of them looked at"
        )
    return sarif.document("pip-audit", _found(audit, lock))


def _found(audit: Audit, lock: Path) -> list[sarif.Found]:
    lines = {
        line.partition(" ")[0].partition(";")[0].lower(): number
        for number, line in enumerate(lock.read_text().splitlines(), start=1)
    }
    return [
        sarif.Found(
            rule=one.id,
            text=f"{package.name} {package.version}: {_told(one)}",
            file=str(lock.relative_to(PROJECT) if lock.is_relative_to(PROJECT) else lock),
            line=lines.get(f"{package.name}=={package.version}".lower(), 1),
        )
        for package in audit.packages
        for one in package.vulnerabilities
    ]


def _told(one: Vulnerability) -> str:
    mended = f"mended in {', '.join(one.fixed)}" if one.fixed else "not mended yet"
    known = f" ({', '.join(one.aliases)})" if one.aliases else ""
    summary = one.description.strip().splitlines()[:1]
    return f"{one.id}{known}, {mended}" + "".join(f". {line[:300]}" for line in summary)

"""What people type: `python -m toolchain.scans audit|images|secrets|workflows`."""

from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from toolchain.cli.checks import GO_MODULES
from toolchain.faults import MENDABLE, text
from toolchain.image_table import DEPLOYED
from toolchain.paths import PROJECT, Paths
from toolchain.scans import images, modules, packages, secrets, workflows
from toolchain.scans.perform import Scan, perform

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Scans. Each ends with 0 when it looked and found nothing, with 1 when it found something "
    "or could not look. UNCHECKED=allow: a database out of reach is told and does not fail.",
)
console = Console(highlight=False, soft_wrap=True)


@app.command("audit")
def audit_command() -> None:
    """Known vulnerabilities in the Python locks and in our Go code."""
    paths = Paths.from_environment()
    _end(
        [
            *(
                Scan(
                    f"packages-{_plain(lock)}",
                    f"packages of {lock.relative_to(PROJECT)}",
                    lambda lock=lock: packages.scan(lock),
                )
                for lock in packages.locks()
            ),
            *(
                Scan(
                    f"modules-{Path(module).name}",
                    f"Go code in {module}",
                    lambda module=module: modules.scan(module, paths, _quiet),
                )
                for module in GO_MODULES
            ),
        ]
    )


@app.command("images")
def images_command() -> None:
    """Known vulnerabilities in the images that a stack runs."""
    paths = Paths.from_environment()
    _end(
        [
            Scan(
                f"image-{name}",
                f"image {name}",
                lambda name=name: images.scan(images.archive(name), paths, _quiet),
            )
            for name in DEPLOYED
        ]
    )


@app.command("secrets")
def secrets_command() -> None:
    """Secrets in the files and in all of history."""
    paths = Paths.from_environment()
    _end(
        [
            Scan("secrets-files", "files", lambda: secrets.scan_files(paths, _quiet)),
            Scan("secrets-history", "history", lambda: secrets.scan_history(paths, _quiet)),
        ]
    )


@app.command("workflows")
def workflows_command() -> None:
    """Workflows and the GitLab example: schemas, syntax, security."""
    paths = Paths.from_environment()
    _end(
        [
            Scan("workflows-schemas", "schemas of the workflows", workflows.scan_schemas),
            Scan(
                "workflows-syntax",
                "syntax of the workflows",
                lambda: workflows.scan_syntax(paths, _quiet),
            ),
            Scan("workflows-security", "security of the workflows", workflows.scan_security),
        ]
    )


def _end(scans: list[Scan]) -> None:
    try:
        clean = perform(scans, console)
    except MENDABLE as error:
        console.print(f"[bold red]error:[/] {escape(text(error))}")
        raise typer.Exit(1) from error
    if not clean:
        raise typer.Exit(1)


def _plain(lock: Path) -> str:
    """A name for a report: the lock's folder and file in one word."""
    return "-".join(lock.relative_to(PROJECT).with_suffix("").parts)


def _quiet(_: str) -> None:
    """A scanner's build shows its lines in the error if it fails."""

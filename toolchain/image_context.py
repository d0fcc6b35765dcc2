"""What a build sees: exactly the listed files, and what the host lends for its duration.

What is lent (package indexes, mirrors, the certificate authorities of the host) reaches the build as
mounted secrets and is never part of an image.
"""

import configparser
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from toolchain.commands import read
from toolchain.faults import MendableError
from toolchain.image_table import Image

SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LENT_CA = "/run/secrets/ca.crt"
"""Where a build finds the host's certificate authorities."""

_PIP_OPTIONS = ("index-url", "extra-index-url", "trusted-host", "timeout", "retries", "proxy")
_PIP_FILES = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
_CA_VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_CA_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class ContextError(MendableError):
    """A build context is incomplete."""


def sources(image: Image, binaries: Path) -> dict[str, Path]:
    """Path in the context → file on the host, sorted; an absent one is an error that names its maker."""
    if not image.dockerfile.is_file():
        raise ContextError(f"got no {image.dockerfile}, wanted the description of {image.name}")
    found = {"Dockerfile": image.dockerfile}
    for pattern in image.files:
        matches = [path for path in image.folder.glob(pattern) if _wanted(path)]
        if not matches:
            raise ContextError(
                f"got no file that matches {pattern} in {image.folder}, wanted it in the image "
                f"{image.name}; restore it, or change the image's files in toolchain/image_table.py"
            )
        found |= {str(path.relative_to(image.folder)): path for path in matches}
    for name in image.binaries:
        binary = binaries / name
        if not binary.is_file():
            raise ContextError(
                f"got no {binary}, wanted the binary of the image {image.name}; "
                f"run: python -m toolchain.builds build {name}"
            )
        found[name] = binary.resolve()
    return dict(sorted(found.items()))


def _wanted(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def key(parts: Mapping[str, str], files: Mapping[str, Path]) -> str:
    """A name for exactly this build: other parts, other content or other modes give another."""
    digest = hashlib.sha256()
    for name, value in sorted(parts.items()):
        digest.update(f"{name}={value}\n".encode())
    for name, path in sorted(files.items()):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{name} {_mode(path):o} {content}\n".encode())
    return digest.hexdigest()[:16]


def _mode(path: Path) -> int:
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def stage(files: Mapping[str, Path], folder: Path, epoch: int) -> None:
    """Copy the files into an empty folder with modes and times that depend on nothing else."""
    for name, path in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(_mode(path))
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
        os.utime(path, (epoch, epoch))


def lend(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """The host's settings as secret files in this folder: secret id → file."""
    folder.mkdir(mode=0o700, exist_ok=True)
    authorities = host_authorities(environ)
    texts = {
        "apt_sources": apt_sources(environ),
        "apt_conf": f'Acquire::https::CAInfo "{LENT_CA}";\n' if authorities else "",
        "pip_conf": pip_conf(environ, LENT_CA if authorities else None),
    }
    lent = {name: folder / name for name, text in texts.items() if text}
    for name, path in lent.items():
        path.write_text(texts[name])
    return lent | ({"ca": authorities} if authorities else {})


def host_authorities(environ: Mapping[str, str]) -> Path | None:
    """The file with the authorities that the host trusts, a private one among them."""
    named = [environ[name] for name in _CA_VARIABLES if environ.get(name)]
    return next((Path(name) for name in [*named, *_CA_FILES] if Path(name).is_file()), None)


def mirror(environ: Mapping[str, str] = os.environ) -> str | None:
    """The Debian mirror that the host itself uses for the suite; None: debootstrap's own default."""
    named = environ.get("AGENT_PLATFORM_DEBIAN_MIRROR")
    return named or next((uri for uri, release in _host_targets() if release == SUITE), None)


def apt_sources(environ: Mapping[str, str]) -> str:
    """The host's mirrors for the suite, its updates and its security fixes; "" where it has none."""
    targets = set(_host_targets())
    if named := environ.get("AGENT_PLATFORM_DEBIAN_MIRROR"):
        targets = {(named, SUITE)}
    return "\n".join(
        f"Types: deb\nURIs: {uri}\nSuites: {release}\nComponents: main\nSigned-By: {KEYRING}\n"
        for uri, release in sorted(targets)
    )


def _host_targets() -> Iterator[tuple[str, str]]:
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"]
    for line in (read([*command, "Created-By: Packages"]) or "").splitlines():
        uri, release, component = line.split()
        if component == "main" and release in (SUITE, f"{SUITE}-updates", f"{SUITE}-security"):
            yield uri, release


def pip_conf(environ: Mapping[str, str], authorities: str | None) -> str:
    """The host's index settings in pip's order: files first, then the environment."""
    parser = configparser.ConfigParser(interpolation=None)
    named = environ.get("PIP_CONFIG_FILE")
    parser.read([Path(name).expanduser() for name in [*_PIP_FILES, *([named] if named else [])]])
    settings: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            settings |= {name: parser[section][name] for name in parser[section]}
    for option in _PIP_OPTIONS:
        if value := environ.get(f"PIP_{option.upper().replace('-', '_')}"):
            settings[option] = value
    if "index-url" not in settings and (index := environ.get("UV_DEFAULT_INDEX")):
        settings["index-url"] = index
    lines = [
        # A list in a file goes over several lines, in the environment it is parted by spaces.
        f"{option} = " + "\n  ".join(settings[option].split())
        for option in _PIP_OPTIONS
        if option in settings
    ]
    lines += [f"cert = {authorities}"] if authorities else []
    return "\n".join(["[global]", *lines, ""]) if lines else ""

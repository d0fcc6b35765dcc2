"""Unit tier: promises that every image's description keeps."""

import re
import subprocess
from pathlib import Path

import pytest

from toolchain.image_run import pinned_base
from toolchain.image_table import BASE, IMAGES, Image

BASED = [image for image in IMAGES.values() if image.based]
RUN = [image for image in IMAGES.values() if image.name != BASE]
SCRIPTS = [
    path
    for image in IMAGES.values()
    for path in image.folder.glob("*")
    if path.is_file() and path.read_bytes().startswith(b"#!")
]


def instructions(image: Image) -> list[str]:
    """The Dockerfile's instructions, a continued one as one line, without comments."""
    kept = [
        line
        for line in image.dockerfile.read_text().splitlines()
        if not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(kept))
    return [line for line in joined.splitlines() if line]


@pytest.mark.parametrize("image", BASED, ids=lambda image: image.name)
def test_the_default_base_is_the_one_of_versions_yaml(image: Image) -> None:
    assert f"ARG BASE_IMAGE={pinned_base()}" in instructions(image)


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
def test_every_image_takes_its_base_as_an_argument(image: Image) -> None:
    first, second = [line for line in instructions(image) if line.startswith(("ARG", "FROM"))][:2]
    assert first.startswith("ARG BASE_IMAGE=")
    assert second.startswith("FROM ${BASE_IMAGE}")
    bases = {line.split()[1] for line in instructions(image) if line.startswith("FROM")}
    assert bases <= {"${BASE_IMAGE}", "scratch", "dependencies"}


def test_the_pinned_base_is_a_slim_python_by_digest() -> None:
    assert re.fullmatch(r"python:3\.11-slim-bookworm@sha256:[0-9a-f]{64}", pinned_base())


@pytest.mark.parametrize("image", RUN, ids=lambda image: image.name)
def test_every_image_runs_as_a_numbered_user_that_is_not_root(image: Image) -> None:
    users = [line for line in instructions(image) if line.startswith("USER")]
    assert users == ["USER 65535:65535" if image.name == "pause" else "USER 1001:1001"]


@pytest.mark.parametrize("image", RUN, ids=lambda image: image.name)
def test_every_image_says_what_it_is(image: Image) -> None:
    labels = " ".join(line for line in instructions(image) if line.startswith("LABEL"))
    assert f'org.opencontainers.image.title="{image.name}"' in labels
    assert "org.opencontainers.image.description=" in labels


@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
def test_settings_of_a_host_reach_a_build_as_secrets_only(image: Image) -> None:
    for line in instructions(image):
        if "apt-get" in line:
            assert "--mount=type=secret,id=apt_sources" in line
            assert "--mount=type=secret,id=ca" in line
        if "--require-hashes" in line:
            assert "--mount=type=secret,id=pip_conf" in line
        assert not re.match(r"(ARG|ENV) .*(INDEX|PROXY|TOKEN|PASSWORD)\b", line)


def test_the_runtime_image_answers_for_its_health_and_starts_the_server() -> None:
    lines = instructions(IMAGES["agent-runtime"])
    assert any("HEALTHCHECK" in line and "/health" in line for line in lines)
    assert "EXPOSE 8000 9090" in lines
    assert 'CMD ["python", "-m", "agent_runtime", "serve"]' in lines


def test_the_runtimes_code_is_the_last_layer_and_its_dependencies_are_hash_locked() -> None:
    lines = instructions(IMAGES["agent-runtime"])
    assert lines[-1].startswith("COPY --from=code")
    install = next(line for line in lines if "requirements.lock" in line and "RUN" in line)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install


def test_scripts_were_found() -> None:
    assert {path.name for path in SCRIPTS} == {"entrypoint", "healthy"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_script_can_be_run_and_parsed(script: Path) -> None:
    assert script.stat().st_mode & 0o111 == 0o111
    parsed = subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False)
    assert parsed.returncode == 0, parsed.stderr

"""Known vulnerabilities in the images that a stack runs, by grype, without pushing them anywhere."""

import os
from typing import Final

from toolchain import images
from toolchain.commands import OnLine
from toolchain.image_archive import BuiltImage
from toolchain.paths import Paths
from toolchain.scans import sarif
from toolchain.scans.programs import ScanError, built, run

REACH: Final = (
    "set GRYPE_DB_UPDATE_URL to a mirror of grype's database, or GRYPE_DB_CACHE_DIR to a folder that "
    "holds one"
)


def archive(name: str) -> BuiltImage:
    """The image as the sources are now. Raises `ScanError` where it is not built."""
    image = images.current(name)
    if image is None:
        raise ScanError(
            f"got no image {name} that is built from the sources as they are, wanted one to look "
            "into: run make images"
        )
    return image


def scan(image: BuiltImage, paths: Paths, on_line: OnLine) -> sarif.Document:
    """The vulnerabilities of what is in one image. Grave ones, with high severity and up, are errors.

    What nobody has mended yet is left out: there is nothing to upgrade to.
    """
    output = run(
        [
            built("grype", paths, on_line),
            f"oci-archive:{image.archive}",
            *("--only-fixed", "--name", image.name, "--output", "sarif"),
        ],
        reach=REACH,
        variables=variables(paths),
    )
    # It names the archive, a file of this machine's cache.
    told = output.stdout.replace(str(image.archive), image.name)
    return sarif.parse("grype", told.replace(image.archive.name, image.name))


def variables(paths: Paths) -> dict[str, str]:
    """Grype's settings: its database lives in our cache, and it asks nobody else."""
    settings = {
        "GRYPE_CHECK_FOR_APP_UPDATE": "false",
        "GRYPE_DB_CACHE_DIR": str(paths.images / "vulnerabilities"),
    }
    return {name: value for name, value in settings.items() if not os.environ.get(name)}

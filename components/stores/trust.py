"""Which authorities sign the certificates of the managed stores.

Read from files beside this one, so that a preview needs neither AWS nor the network.
"""

from pathlib import Path
from typing import Final

CERTIFICATES: Final = Path(__file__).parent / "certificates"


def rds(region: str) -> str:
    """PEM of the roots of every server of RDS in `region`.

    Raises `ValueError` where the region's file is missing.
    """
    file = CERTIFICATES / f"rds-{region}.pem"
    if not file.exists():
        present = sorted(each.stem.removeprefix("rds-") for each in CERTIFICATES.glob("rds-*.pem"))
        raise ValueError(
            f"there is no file with the root certificates of RDS in {region!r}, only for "
            f"{', '.join(present)}: save "
            f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem "
            f"as components/stores/certificates/{file.name}"
        )
    return file.read_text(encoding="ascii")


def elasticache() -> str:
    """PEM of the roots of every server of ElastiCache: Amazon Trust Services, the same in all regions."""
    return (CERTIFICATES / "elasticache.pem").read_text(encoding="ascii")

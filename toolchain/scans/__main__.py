"""`python -m toolchain.scans`."""

from toolchain.scans.command import app

app()

"""Scanners of others behind `make audit`, `make scan`, `make secrets` and `make lint-workflows`.

Each leaves SARIF in reports/scans/. One that could not do its work fails: it never counts as clean.
"""

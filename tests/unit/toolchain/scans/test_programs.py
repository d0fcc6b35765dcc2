"""Unit: what a scanner's end means."""

import sys

import pytest

from toolchain.scans.programs import ScanError, UnreachableError, installed, run

UNREACHABLE = [
    # As pip-audit, govulncheck and grype say it.
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='osv.test', port=443): Max retries "
    "exceeded (Caused by NameResolutionError(\"Failed to resolve 'osv.test'\"))",
    'govulncheck: fetching vulnerabilities: Get "https://x/index": dial tcp: lookup x: no such host',
    "creating client: unrecognized vulndb format; see https://go.dev/security/vuln/database",
    "ERROR failed to load vulnerability db: database does not exist",
    "the vulnerability database was built 9 days ago (max allowed age is 5 days)",
    "dial tcp 127.0.0.1:1: connect: connection refused",
]


def says(text: str, code: int) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({text!r}, file=sys.stderr); sys.exit({code})"]


def test_a_finished_scan_gives_what_it_printed() -> None:
    output = run([sys.executable, "-c", "print('found'); exit(3)"], ends_with=(0, 3))
    assert (output.code, output.stdout) == (3, "found\n")


@pytest.mark.parametrize("said", UNREACHABLE)
def test_a_database_out_of_reach_is_told_apart_with_the_way_to_it(said: str) -> None:
    with pytest.raises(UnreachableError, match="set WHERE to a mirror") as caught:
        run(says(said, 1), reach="set WHERE to a mirror")
    assert said in str(caught.value)
    assert "UNCHECKED=allow" in str(caught.value)


@pytest.mark.parametrize("said", ["panic: index out of range", "unknown flag: --frobnicate", ""])
def test_a_scanner_that_breaks_down_is_not_taken_for_one_out_of_reach(said: str) -> None:
    with pytest.raises(ScanError) as caught:
        run(says(said, 2), reach="set WHERE to a mirror")
    assert not isinstance(caught.value, UnreachableError)


def test_a_scanner_without_a_database_is_never_out_of_reach() -> None:
    with pytest.raises(ScanError) as caught:
        run(says("no such host", 1))
    assert not isinstance(caught.value, UnreachableError)


def test_of_a_traceback_only_the_error_is_shown() -> None:
    with pytest.raises(ScanError) as caught:
        run([sys.executable, "-c", "raise ValueError('what went wrong')"])
    assert "ValueError: what went wrong" in str(caught.value)
    assert 'File "' not in str(caught.value)


def test_a_program_that_the_environment_lacks_is_named_with_the_mend() -> None:
    with pytest.raises(ScanError, match=r"got no scanner-of-nothing in .*remove \.venv"):
        installed("scanner-of-nothing")

"""Unit: SARIF is read and written without losing what a scanner says."""

import json
from pathlib import Path

import pytest

from toolchain.scans import sarif
from toolchain.scans.programs import ScanError

FOUND = sarif.Found(rule="CVE-1", text="bad", file="app/a.lock", line=7)


def test_findings_say_where_they_are() -> None:
    (result,) = sarif.document("scanner", [FOUND]).results
    assert (result.rule, result.where, result.message.text) == ("CVE-1", "app/a.lock:7", "bad")
    assert result.fails


def test_nothing_found_is_a_run_all_the_same() -> None:
    (run,) = sarif.document("scanner", []).runs
    assert run.results == []


@pytest.mark.parametrize(
    "text", ["", "{}", "no json", '{"runs": 3}', '{"runs": [{"results": [{}]}]}']
)
def test_what_is_no_sarif_is_no_clean_scan(text: str) -> None:
    with pytest.raises(ScanError, match="that is no SARIF"):
        sarif.parse("scanner", text)


def test_sarif_without_a_run_is_no_clean_scan() -> None:
    with pytest.raises(ScanError, match="it looked at nothing"):
        sarif.parse("scanner", '{"version": "2.1.0", "runs": []}')


def test_what_a_scanner_says_besides_goes_through(tmp_path: Path) -> None:
    said = {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "grype", "version": "1"}},
                "results": [
                    {
                        "ruleId": "CVE-1",
                        "level": "note",
                        "message": {"text": "bad", "markdown": "**bad**"},
                        "partialFingerprints": {"x": "y"},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "a", "uriBaseId": "ROOT"},
                                    "region": {"startLine": 3, "endLine": 4},
                                }
                            }
                        ],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "scans" / "x.sarif"
    document = sarif.parse("grype", json.dumps(said))
    assert not any(result.fails for result in document.results)
    sarif.write(document, file, "image-x")
    written = json.loads(file.read_text())
    # Code hosts take two uploads of one category for the same scan, looked at twice.
    assert written["runs"][0].pop("automationDetails") == {"id": "image-x/"}
    assert written == said


def test_runs_of_several_scans_go_into_one_file() -> None:
    both = sarif.merged([sarif.document("a", [FOUND]), sarif.document("b", [FOUND, FOUND])])
    assert [len(run.results or ()) for run in both.runs] == [1, 2]


def test_a_scanner_without_degrees_always_fails() -> None:
    document = sarif.parse("x", '{"runs": [{"results": [{"ruleId": "leak"}]}]}')
    assert not document.results[0].fails
    assert sarif.graven(document).results[0].fails

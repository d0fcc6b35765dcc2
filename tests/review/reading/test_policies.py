"""What the policies said is told as it was meant, and silence never passes for consent."""

from collections.abc import Callable

import pytest

from review.findings import NOT_ASKED
from review.model import Level, Outcome
from tests.review.reading.printing import (
    PACK,
    STACK_URN,
    Preview,
    complaint,
    diagnostic,
    judgement,
    step,
    urn,
)

Make = Callable[..., Preview]
PLAIN = "kV9-never-told"
DEPLOYMENT = urn("planner", "kubernetes:apps/v1:Deployment")


@pytest.fixture
def judged(preview: Make) -> Preview:
    return preview(step("create", new={"a": 1}))


def test_a_pack_that_judged_to_the_end_is_named_with_its_version(judged: Preview) -> None:
    policies = judged.review().policies
    assert policies.packs == {PACK: "0.1.0"}
    assert (policies.failed, policies.findings, policies.undecided) == ("", (), 0)


@pytest.mark.parametrize(("place", "told"), [("", ""), (", container app", "container app: ")])
def test_a_finding_of_this_project_is_taken_apart(judged: Preview, place: str, told: str) -> None:
    message = (
        f"No container is privileged.\nDeployment planner{place}: securityContext.privileged is true."
        " To mend it: remove securityContext.privileged.\n"
    )
    judged.events = [complaint(message, resourceUrn=DEPLOYMENT, severity="critical")]
    (finding,) = judged.review().policies.findings
    assert finding.reason == f"{told}securityContext.privileged is true."
    assert finding.remediation == "remove securityContext.privileged."
    assert (finding.policy, finding.pack, finding.severity, finding.level, finding.urn) == (
        "require-order",
        PACK,
        "critical",
        Level.MANDATORY,
        DEPLOYMENT,
    )


def test_a_finding_of_another_pack_stays_as_it_is(judged: Preview) -> None:
    text = "Stacks are good.\nThe stack is <b>bad</b>\nsecond line"
    judged.events = [complaint(f"<{{%fg 1%}}>{text}<{{%reset%}}>\n", resourceUrn=DEPLOYMENT)]
    (finding,) = judged.review().policies.findings
    assert (finding.reason, finding.remediation) == (text, "")


def test_a_name_with_marks_of_a_pattern_is_found_in_front_of_the_reason(judged: Preview) -> None:
    of = urn("a: b, (c*", "kubernetes:apps/v1:Deployment")
    judged.events = [
        complaint("Is so.\nDeployment a: b, (c*: it is not. To mend it: do.", resourceUrn=of)
    ]
    (finding,) = judged.review().policies.findings
    assert finding.reason == "it is not."


def test_what_is_said_of_the_stack_as_a_whole_has_no_resource(judged: Preview) -> None:
    judged.events = [complaint("It costs too much.", resourceUrn=STACK_URN)]
    (finding,) = judged.review().policies.findings
    assert finding.urn == ""


def test_mandatory_findings_come_first_and_the_gravest_before_others(judged: Preview) -> None:
    judged.events = [
        complaint("1", enforcementLevel="advisory", severity="critical"),
        complaint("2", severity="low"),
        complaint("3"),
        complaint("4", severity="critical"),
        complaint("4", severity="critical"),
    ]
    assert [one.reason for one in judged.review().policies.findings] == ["4", "2", "3", "1"]


def test_a_level_that_is_not_known_is_taken_for_mandatory_and_remarked(judged: Preview) -> None:
    judged.events = [complaint("x", enforcementLevel="fatal")]
    review = judged.review()
    assert review.policies.findings[0].level is Level.MANDATORY
    assert any("fatal" in remark for remark in review.remarks)


def test_what_a_preview_cannot_judge_is_counted_and_is_no_finding(judged: Preview) -> None:
    cannot = (
        "can't run policy 'require-order' from policy pack 'agent-platform@v0.0.1' during preview: "
        "string value at .metadata.namespace can't be known during preview\n"
    )
    judged.events = [complaint(cannot, enforcementLevel="advisory")] * 3
    policies = judged.review().policies
    assert (policies.findings, policies.undecided) == ((), 3)


def test_a_mandatory_finding_is_no_failure_of_the_preview(judged: Preview) -> None:
    judged.events = [complaint("wrong"), diagnostic("preview failed")]
    judged.result, judged.code = "failed", 1
    review = judged.review()
    assert review.outcome is Outcome.SUCCEEDED
    assert review.notices == ()
    assert review.policies.failed == ""


@pytest.mark.parametrize("wrong", ["error", "pack", "code"])
def test_a_mandatory_finding_hides_no_failure(judged: Preview, wrong: str) -> None:
    judged.events = [complaint("wrong"), diagnostic("preview failed")]
    judged.result, judged.code = "failed", 1
    if wrong == "error":
        judged.events.append(diagnostic("the provider is gone"))
    elif wrong == "pack":
        judged.judged = False
    else:
        judged.result, judged.code = "succeeded", 255
    assert judged.review().outcome is Outcome.FAILED


def test_a_pack_that_crashes_is_never_no_findings(judged: Preview) -> None:
    judged.events = [
        judgement("policyAnalyzeSummaryEvent", resourceUrn=DEPLOYMENT),
        diagnostic("failed to run policy: Exception calling application: rule broke"),
    ]
    judged.judged, judged.result, judged.code = False, "failed", 1
    review = judged.review()
    assert review.outcome is Outcome.FAILED
    assert review.policies.packs == {}
    assert review.policies.failed == (
        "The preview ended before the policies had judged all of it (agent-platform): failed to run "
        "policy: Exception calling application: rule broke"
    )


def test_a_program_that_raises_is_told_by_its_last_line(judged: Preview) -> None:
    trace = (
        'Program failed:\nTraceback (most recent call last):\n  File "x", line 1\nValueError: no'
    )
    judged.events = [diagnostic(trace)]
    judged.judged, judged.result, judged.code = False, "failed", 1
    assert judged.review().policies.failed.endswith(": Program failed: ValueError: no")


def test_why_a_pack_failed_has_no_part_of_a_secret(judged: Preview) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIabcdef0123\n-----END PRIVATE KEY-----"
    judged.judged, judged.result, judged.code = False, "failed", 1
    for text in (f"Traceback\n{key[:45]}", f"{'x' * 480}{key}", f"{'x' * 495} {PLAIN}"):
        judged.events = [diagnostic(text)]
        failed = judged.review(withheld=[PLAIN]).policies.failed
        assert not any(part in failed for part in ("MII", PLAIN[:4]))


def test_a_pack_that_cannot_be_loaded_says_why(preview: Make) -> None:
    made = preview()
    made.code = 255
    made.stderr = 'error: policy pack "policies" failed to start: exit status 1\n'
    lines = ["Program failed with an unhandled exception:", "ImportError: no module named x"]
    log = "".join(
        made.log_text().splitlines(keepends=True)[:1]
        + [
            f'{{"sequence":{n + 1},"diagnosticEvent":{{"message":"{line}\\n\\n","severity":"info#err"}}}}\n'
            for n, line in enumerate(lines)
        ]
        + ['{"sequence":3,"timestamp":1,"cancelEvent":{}}\n']
    )
    review = made.review(log=log, digest="{}")
    assert review.outcome is Outcome.FAILED
    assert review.policies.failed == (
        'Policies could not be loaded: policy pack "policies" failed to start: exit status 1'
    )
    assert [notice.text for notice in review.notices] == [
        "\n".join(lines),
        'policy pack "policies" failed to start: exit status 1',
    ]


def test_no_pack_at_all_is_said(preview: Make) -> None:
    made = preview()
    made.judged = False
    log = made.log_text().replace('"policyLoadEvent"', '"progressEvent"')
    log = log.replace('"agent-platform|local|policies":"0.1.0"', "")
    assert made.review(log=log).policies.failed == NOT_ASKED


def test_a_pack_whose_policies_are_all_switched_off_is_said(preview: Make) -> None:
    made = preview()
    made.judged = False
    made.events = [
        judgement("policyAnalyzeSummaryEvent", resourceUrn=DEPLOYMENT, passed=None),
        judgement(passed=None),
    ]
    assert made.review().policies.failed.startswith("No policy judged anything (agent-platform)")


def test_an_older_engine_that_does_not_say_who_judged_is_believed_if_it_succeeds(
    preview: Make,
) -> None:
    made = preview()
    made.judged = False
    assert made.review().policies.packs == {PACK: "0.1.0"}
    made.result, made.code = "failed", 1
    assert made.review().policies.failed.startswith("The preview ended before")


def test_without_a_log_nothing_is_known_of_the_policies(judged: Preview) -> None:
    policies = judged.review(log=None).policies
    assert "Nothing is known of the policies" in policies.failed
    assert policies.packs == {}


def test_a_policy_that_changes_what_the_program_asks_for_is_remarked(judged: Preview) -> None:
    change = complaint("", before={"a": 1}, after={"a": 2})["policyEvent"]
    judged.events = [{"policyRemediationEvent": change}]
    assert judged.review().remarks == (
        "The policy require-order changes what the program asks for, of 1 resource: what is shown is "
        "what it makes of it.",
    )

"""What the policies say of a stack, and whether they have judged it at all."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from policies.urn import Urn
from review.events import Log
from review.model import Finding, Level, Policies
from review.notices import closing, message, plain, short
from review.wire import PrintedFinding

NOT_ASKED: Final = "No policies were asked."
_UNDECIDED: Final = "can't be known during preview"
_REMEDY: Final = "To mend it: "
_LEVELS: Final = {"advisory": Level.ADVISORY, "warning": Level.ADVISORY}
"""Any other level stops a deployment, or has to be taken for one that does."""
_SEVERITIES: Final = ("critical", "high", "medium", "low")
_LOCAL: Final = "|local|"

Scrub = Callable[[str], str]


def policies(log: Log | None, stderr: str, scrub: Scrub, name: Scrub) -> Policies:
    """What is known of the policies from the engine's log.

    `scrub` takes secrets out of texts, `name` out of URNs and names.
    """
    if log is None:
        return Policies(failed="Nothing is known of the policies: the engine's log is not there.")
    told = [one for one in log.findings if _UNDECIDED not in one.message]
    return Policies(
        packs={name(pack): name(version) for pack, version in judging(log).items()},
        failed=scrub(_failed(log, stderr, scrub)),
        findings=tuple(sorted({_finding(one, scrub, name) for one in told}, key=_rank)),
        undecided=len(log.findings) - len(told),
    )


def judging(log: Log) -> dict[str, str]:
    """Name → version of each pack that judged the stack to the end."""
    if log.judged or log.judgements:
        return {name: last.policy_pack_version for name, last in log.judged.items()}
    # An engine that does not say so pack by pack: its success says it of all.
    ended = log.summary is not None and log.summary.result in {"", "succeeded"}
    return _loaded(log) if ended else {}


def mandatory(log: Log) -> bool:
    """Whether a policy stops the deployment."""
    return any(
        _level(one) is Level.MANDATORY and _UNDECIDED not in one.message for one in log.findings
    )


def _loaded(log: Log) -> dict[str, str]:
    packs = (log.summary.policy_packs if log.summary else None) or {}
    return {name.partition(_LOCAL)[0]: version for name, version in packs.items()}


def _failed(log: Log, stderr: str, scrub: Scrub) -> str:
    judged = judging(log)
    why = _why(log, stderr, scrub)
    began = {*_loaded(log), *(one.policy_pack_name for one in (*log.judgements, *log.findings))}
    cut_short = sorted(began - judged.keys())
    if cut_short:
        packs = ", ".join(cut_short)
        return f"The preview ended before the policies had judged all of it ({packs}){why}"
    if log.packs_loaded > len(judged):
        if log.summary is None and not log.said:
            return "The engine's log breaks off before the policies had judged."
        return f"Policies could not be loaded{why}"
    if not judged:
        return NOT_ASKED if log.summary else "The engine's log breaks off before its end."
    idle = sorted(name for name in judged if not _active(log, name))
    if idle:
        return (
            f"No policy judged anything ({', '.join(idle)}): all of them are switched off, or none "
            "of them is about what this stack has."
        )
    return ""


def _active(log: Log, pack: str) -> bool:
    told = [*log.judgements, *log.judged.values()]
    mine = [one for one in told if one.policy_pack_name == pack]
    return not mine or any(one.passed or one.failed for one in mine)


def _why(log: Log, stderr: str, scrub: Scrub) -> str:
    errors = [message(one) for one in log.said if one.severity == "error" and not closing(one)]
    reason = errors[0] if errors else plain(stderr).strip().removeprefix("error: ")
    # Secrets are taken out before lines are, of which one alone may not look like a secret.
    lines = [line.strip() for line in scrub(reason).splitlines() if line.strip()]
    if not lines:
        return "."
    # A traceback says last what happened; all of it is among the notices.
    return f": {short(lines[0])}" + (f" {short(lines[-1])}" if "Traceback" in reason else "")


def _finding(one: PrintedFinding, scrub: Scrub, name: Scrub) -> Finding:
    of_stack = Urn.parse(one.resource_urn).kind == "Stack"
    reason, remedy = _parts(one)
    return Finding(
        policy=name(one.policy_name),
        pack=name(one.policy_pack_name),
        level=_level(one),
        severity=name(one.severity),
        urn="" if of_stack or not one.resource_urn else name(one.resource_urn),
        reason=scrub(reason),
        remediation=scrub(remedy),
    )


def _level(one: PrintedFinding) -> Level:
    return _LEVELS.get(one.enforcement_level, Level.MANDATORY)


def _parts(one: PrintedFinding) -> tuple[str, str]:
    """The reason, and how to mend it where the message tells it as this project's policies do.

    The engine puts the policy's description before the message. Other packs' messages stay as they
    are.
    """
    text = plain(one.message).strip()
    begin, found, remedy = text.rpartition(_REMEDY)
    if not found:
        return text, ""
    reason = begin.partition("\n")[2].strip() or begin.strip()
    name = re.escape(Urn.parse(one.resource_urn).name)
    # `Kind name: reason` or `Kind name, subject: reason`; the resource is told by its URN.
    place = re.match(rf"\S+ {name}(?:: |, (?=[^\n]*?: ))", reason)
    return (reason[place.end() :] if place else reason), remedy.strip()


def _rank(one: Finding) -> tuple[object, ...]:
    known = one.severity in _SEVERITIES
    grave = _SEVERITIES.index(one.severity) if known else len(_SEVERITIES)
    return list(Level).index(one.level), grave, one.policy, one.urn, one.reason


def remarks(log: Log) -> Iterator[str]:
    """What else the policies did."""
    for policy, count in sorted(log.remediations.items()):
        yield (
            f"The policy {policy} changes what the program asks for, of {count} "
            f"{'resource' if count == 1 else 'resources'}: what is shown is what it makes of it."
        )
    for level in sorted({one.enforcement_level for one in log.findings}):
        if level not in {*_LEVELS, "mandatory", "remediate"}:
            yield f"Policies have a level that is not known here ({level}); it is taken for mandatory."

"""How a preview ended: whether what is told of it is all there is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from review.digest import Digest
from review.events import Log
from review.findings import judging, mandatory
from review.model import Outcome
from review.notices import Said, closing
from review.printed import Read

_COUNTED: Final = ("create", "update", "delete", "replace", "import")


def outcome(digest: Digest | None, log: Log | None, code: int | None) -> Outcome:
    """FAILED if the engine did not come to the end of its plan.

    A mandatory finding makes the engine end with an error when the plan is whole: that is no
    failure of the preview, but for a gate to judge. It is told by the engine's exit only, so that
    it has to be the only thing that went wrong: there is a mandatory finding, all packs have judged
    the stack as a whole, which they do last, and no other error was said.
    """
    errors = [one for one in _said(digest, log) if one.severity == "error"]
    result = log.summary.result if log is not None and log.summary is not None else ""
    failed = result not in {"", "succeeded"} or code not in {None, 0}
    if not result and code is None:
        # An engine that closes its log without a last word has not begun.
        failed = bool(errors) or (log is not None and log.closed)
    if failed and not (log is not None and _only_policies(log, code) and all(map(closing, errors))):
        return Outcome.FAILED
    sources = [source for source in (digest, log) if source is not None]
    whole = bool(sources) and all(source.whole for source in sources)
    return Outcome.SUCCEEDED if whole else Outcome.INCOMPLETE


def _only_policies(log: Log, code: int | None) -> bool:
    if log.summary is None or not mandatory(log) or log.summary.result != "failed" or code == 0:
        return False
    packs = log.summary.policy_packs or {}
    return len(judging(log)) >= max(len(packs), log.packs_loaded, 1)


def _said(digest: Digest | None, log: Log | None) -> Iterator[Said]:
    for source in (digest, log):
        yield from source.said if source is not None else ()


def hides_deletions(found: Read) -> bool:
    """Whether something may be deleted that is told nowhere.

    What depends on a resource that is deleted before its successor is made is deleted, too. If the
    program does not make it again, the log alone tells so: the digest leaves it out.
    """
    return found.log is None and any(step.deletes_first for step in found.steps)


def lacking(found: Read) -> Mapping[str, int]:
    """Operation → how many resources less are told than the engine itself counts."""
    sources = (found.digest, found.log)
    steps = {
        (step.urn, step.op) for source in sources if source is not None for step in source.steps
    }
    told = Counter(op for _, op in steps)
    summary = found.log.summary if found.log is not None else None
    counted = Counter[str]()
    for source in (
        found.digest.counts if found.digest is not None else {},
        (summary.resource_changes if summary is not None else None) or {},
    ):
        counted |= Counter({word: source[word] for word in _COUNTED if word in source})
    return counted - told

"""Everything that was said in a preview, from wherever it is heard."""

import re
from collections.abc import Iterator
from typing import Final

from review.model import Outcome
from review.notices import Said, closing, message, plain
from review.printed import Read

_MARKED: Final = re.compile(r"^(?=(?:error|warning): )", re.MULTILINE)
_SHOUTED: Final = "info#err"


def said(found: Read, ended: Outcome, code: int | None) -> list[Said]:
    """All messages. Why the preview failed is among them, or that nobody has said so."""
    heard = [one for one in _heard(found) if not closing(one)]
    if ended is Outcome.FAILED and not _errors(heard):
        # A pack of policies that cannot be loaded says why on its standard error, as any program does.
        shouted = [plain(one.text).rstrip() for one in heard if one.severity == _SHOUTED]
        heard.append(Said("error", "", "\n".join(shouted)))
    known = {message(one) for one in heard}
    heard += [one for one in _printed(found.stderr) if message(one) not in known]
    if ended is Outcome.FAILED and not _errors(heard):
        ending = "" if code is None else f" with {code}"
        reason = found.stderr.strip() or f"The engine ended{ending} and did not say why."
        heard.append(Said("error", "", reason))
    return heard


def _errors(heard: list[Said]) -> bool:
    return any(one.severity == "error" and message(one) for one in heard)


def _heard(found: Read) -> Iterator[Said]:
    """The log has every message. The digest has most of them, too, and is asked if the log breaks off."""
    log, digest = found.log, found.digest
    if digest is not None and digest.whole and not (log is not None and (log.whole or log.closed)):
        return iter(digest.said)
    return iter(log.said if log is not None else ())


def _printed(stderr: str) -> Iterator[Said]:
    for block in _MARKED.split(plain(stderr)):
        severity = block.partition(":")[0]
        if severity in {"error", "warning"}:
            yield Said(severity, "", block)

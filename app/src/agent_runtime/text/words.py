"""Words, sentences and counts."""

import re
from collections.abc import Iterator

from agent_runtime.features import Quality, Statistics

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?\u2026]+[\"')\]\u201d]*(?=\s|$)|[\u3002\uff01\uff1f]|\n\s*\n")
_PARAGRAPH = re.compile(r"\n\s*\n")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|etc|no|inc|ltd|co|corp|[a-z])\.$", re.IGNORECASE
)
_CLEAN = re.compile(r"[\w\s.,;:!?'\"()%$€£&@/+\u2019\u201c\u201d\u2013\u2014-]")
_SEGMENT = 16_384
_WORDS_PER_MINUTE = 238
"""Mean silent reading speed of adults, English non-fiction."""


def segments(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces of bounded size, each with its start, cut at a line or a blank.

    One regular expression call holds the interpreter's lock until it returns; on a piece it
    returns soon enough for the process to answer other requests meanwhile.
    """
    begin = 0
    while len(text) - begin > _SEGMENT:
        limit = begin + _SEGMENT
        cut = max(text.rfind("\n", begin, limit), text.rfind(" ", limit - 200, limit)) + 1
        end = cut if cut > begin else limit
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]


def words(text: str) -> list[str]:
    """The words of the text, as written."""
    return [word for _, part in segments(text) for word in WORD.findall(part)]


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Each sentence with the place it starts at; blank ones are left out."""
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        # A look at the last few characters only: a slice from the sentence's start would make one
        # endless line of abbreviations quadratic.
        if end[0] == "." and _ABBREVIATION.search(text[max(begin, end.end() - 8) : end.end()]):
            continue
        if text[begin : end.end()].strip():
            yield begin, text[begin : end.end()]
        begin = end.end()
    if text[begin:].strip():
        yield begin, text[begin:]


def statistics(text: str) -> Statistics:
    """Count what there is to count."""
    found = words(text)
    sentence_count = sum(1 for _ in sentences(text))
    return Statistics(
        characters=len(text),
        words=len(found),
        unique_words=len({word.casefold() for word in found}),
        sentences=sentence_count,
        paragraphs=sum(1 for part in _PARAGRAPH.split(text) if part.strip()),
        average_word_length=round(sum(map(len, found)) / len(found), 2) if found else 0,
        average_sentence_words=round(len(found) / sentence_count, 2) if sentence_count else 0,
        reading_seconds=round(len(found) * 60 / _WORDS_PER_MINUTE),
    )


def quality(text: str, counts: Statistics, threshold: float) -> Quality:
    """Score the text by four shares; their mean, weighted, is the score."""
    length = min(counts.words / 50, 1)
    # Long texts repeat themselves by nature (Heaps' law), hence the square root.
    variety = min(counts.unique_words / max(counts.words, 1) ** 0.5 / 5, 1) if counts.words else 0
    variety = max(variety, min(counts.unique_words / counts.words, 1) if counts.words else 0)
    clean = sum(len(_CLEAN.findall(part)) for _, part in segments(text))
    cleanness = clean / len(text) if text else 0
    structure = _readable(counts.average_sentence_words)
    score = round(0.3 * length + 0.25 * variety + 0.25 * cleanness + 0.2 * structure, 4)
    return Quality(
        score=score,
        length=round(length, 4),
        variety=round(variety, 4),
        cleanness=round(cleanness, 4),
        structure=round(structure, 4),
        threshold=threshold,
        meets_threshold=score >= threshold,
    )


def _readable(words_per_sentence: float) -> float:
    """1 between 5 and 30 words, falling off on both sides."""
    if words_per_sentence < 5:
        return words_per_sentence / 5
    return 1 if words_per_sentence <= 30 else 30 / words_per_sentence

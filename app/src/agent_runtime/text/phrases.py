"""Key phrases: runs of telling words, weighed by the company the words keep (RAKE)."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from stop_words import LANGUAGE_MAPPING, get_stop_words

from agent_runtime.features import KeyPhrase
from agent_runtime.text.words import WORD, segments

MOST = 50
_LONGEST = 4
"""Words in a phrase; longer runs are lists or headings, hardly a phrase."""
_BREAK = re.compile(r"[^\w\s'\u2019-]+|\s-+\s|\n+")
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})


def supports(code: str) -> bool:
    """Whether the language has stop words to split at, and blanks between words."""
    return code in LANGUAGE_MAPPING and code not in _UNSPACED


def key_phrases(text: str, code: str) -> tuple[KeyPhrase, ...]:
    """The most telling phrases, best first; ties in the order of the text."""
    counts: Counter[tuple[str, ...]] = Counter()
    spelled: dict[tuple[str, ...], str] = {}
    for written in _runs(text, _stop_words(code)):
        run = tuple(word.casefold() for word in written)
        counts[run] += 1
        spelled.setdefault(run, " ".join(written))
    frequency: Counter[str] = Counter()
    degree: Counter[str] = Counter()
    for run, count in counts.items():
        for word in run:
            frequency[word] += count
            degree[word] += count * len(run)
    weights = {
        run: sum(degree[word] / frequency[word] for word in run) * count**0.5
        for run, count in counts.items()
    }
    best = sorted(weights.items(), key=lambda item: -item[1])[:MOST]
    top = best[0][1] if best else 1
    return tuple(KeyPhrase(text=spelled[run], score=round(weight / top, 4)) for run, weight in best)


def _runs(text: str, stop_words: frozenset[str]) -> Iterator[tuple[str, ...]]:
    fragments = (part for _, segment in segments(text) for part in _BREAK.split(segment))
    for fragment in fragments:
        words = WORD.findall(fragment)
        for telling, group in groupby(words, key=lambda word: _telling(word, stop_words)):
            run = tuple(group)
            if telling and len(run) <= _LONGEST:
                yield run


def _telling(word: str, stop_words: frozenset[str]) -> bool:
    return len(word) > 2 and not word.isnumeric() and word.casefold() not in stop_words


@lru_cache(maxsize=64)
def _stop_words(code: str) -> frozenset[str]:
    if code not in LANGUAGE_MAPPING:
        return frozenset()
    return frozenset(word.casefold() for word in get_stop_words(code))

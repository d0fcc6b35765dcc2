"""The offline model's rules: what they find, and what holds for any text. No server."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_runtime.agent.grounding import ground
from agent_runtime.agent.offline import find
from agent_runtime.text.words import quality, segments, statistics

# Text as people write it, pieces the rules look for, and whatever else Unicode has.
_PIECES = st.sampled_from(
    [
        *("Dr. ", "Ada Lovelace", "Acme Corp.", " in ", "New York", "https://", "a.example/x?y=1"),
        *("@", "jane@example.com", "+49 30 901820", "$1,234.56", "12 %", "3 March 2026", "2026-"),
        *(". ", "! ", "\n\n", " ", ",", "-", "(", ")", "the ", "not good ", "GmbH", "\u2019s", "€"),
    ]
)
ANY_TEXT = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=60).map("".join),
)
PROFILE = settings(max_examples=150, deadline=None, derandomize=True)


def found(document: str) -> set[tuple[str, str]]:
    """Types and texts of the mentions."""
    return {(mention.type, mention.text) for mention in find(document).entities}


@PROFILE
@given(ANY_TEXT)
def test_any_text_is_answered_and_every_offset_points_at_its_text(document: str) -> None:
    findings = find(document)
    for mention in findings.entities:
        assert mention.start is not None
        assert document[mention.start : mention.start + len(mention.text)] == mention.text
    entities, absent = ground(document, findings.entities)
    assert absent == []
    for entity in entities:
        assert document[entity.start : entity.end] == entity.text


@PROFILE
@given(ANY_TEXT)
def test_mentions_never_overlap_and_come_in_order(document: str) -> None:
    end = 0
    for mention in find(document).entities:
        assert mention.start is not None
        assert mention.start >= end
        end = mention.start + len(mention.text)


@PROFILE
@given(ANY_TEXT)
def test_the_same_text_always_has_the_same_answer(document: str) -> None:
    assert find(document) == find(document)


@PROFILE
@given(ANY_TEXT)
def test_scores_are_in_range_and_the_best_phrase_has_one(document: str) -> None:
    findings = find(document)
    assert 0 <= findings.language.confidence <= 1
    assert all(0 <= mention.confidence <= 1 for mention in findings.entities)
    scores = [phrase.score for phrase in findings.key_phrases]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert not scores or scores[0] == 1
    if findings.sentiment is not None:
        assert -1 <= findings.sentiment.score <= 1


@PROFILE
@given(ANY_TEXT)
def test_counts_agree_with_each_other_and_quality_is_in_range(document: str) -> None:
    counts = statistics(document)
    assert counts.characters == len(document)
    assert counts.unique_words <= counts.words
    assert counts.sentences > 0 or not document.strip()
    merit = quality(document, counts, 0.5)
    assert 0 <= merit.score <= 1
    assert merit.meets_threshold == (merit.score >= 0.5)


@PROFILE
@given(st.text(alphabet=st.sampled_from("a \n"), max_size=3000).map(lambda text: text * 20))
def test_segments_put_together_are_the_text(document: str) -> None:
    pieces = list(segments(document))
    assert "".join(piece for _, piece in pieces) == document
    assert all(document.startswith(piece, begin) for begin, piece in pieces)


@pytest.mark.parametrize(
    ("document", "mention"),
    [
        ("Write to jane.doe+x@mail.example.com.", ("email", "jane.doe+x@mail.example.com")),
        ("See https://example.com/a?b=1.", ("url", "https://example.com/a?b=1")),
        ("Call +49 30 901820 now.", ("phone", "+49 30 901820")),
        ("It cost $3.5 million.", ("money", "$3.5 million")),
        ("It cost 1.200,50 EUR.", ("money", "1.200,50 EUR")),
        ("It rose 12.5% in a year.", ("percentage", "12.5%")),
        ("On 2024-02-29 it rained.", ("date", "2024-02-29")),
        ("On March 3rd, 2026 it rained.", ("date", "March 3rd, 2026")),
        ("We met Dr. Maria von Braun there.", ("person", "Maria von Braun")),
        ("Yesterday Tim Cook spoke.", ("person", "Tim Cook")),
        ("The shares of Siemens AG fell.", ("organization", "Siemens AG")),
        ("He went to the University of Vienna.", ("organization", "University of Vienna")),
        ("They live in New York now.", ("location", "New York")),
    ],
)
def test_a_mention_is_found_for_what_it_is(document: str, mention: tuple[str, str]) -> None:
    assert mention in found(document)


@pytest.mark.parametrize(
    "document",
    ["There is nothing here.", "On Monday we rest.", "user@", "12:30", "1.2.3", "a@b", "+1 2 3"],
)
def test_what_only_looks_like_a_mention_is_left_alone(document: str) -> None:
    assert found(document) == set()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("The weather in the mountains was better than we had thought.", "en"),
        ("Das Wetter in den Bergen war besser, als wir gedacht hatten.", "de"),
        ("Le temps en montagne était meilleur que nous ne le pensions.", "fr"),
        ("山の天気は思ったより良かったです。", "ja"),
    ],
)
def test_the_language_is_told(document: str, code: str) -> None:
    language = find(document).language
    assert language.code == code
    assert language.confidence > 0.8


@pytest.mark.parametrize("document", ["12345", "???", "x@example.com https://example.com"])
def test_without_words_the_language_is_undetermined(document: str) -> None:
    assert find(document).language.code == "und"


@pytest.mark.parametrize(
    ("document", "label"),
    [
        ("This is a wonderful product and I love it. The team was very helpful.", "positive"),
        ("This is a terrible product and I hate it. The team was not helpful.", "negative"),
        ("The product is made of wood and has four legs. It is forty centimetres.", "neutral"),
    ],
)
def test_the_mood_of_english_is_told(document: str, label: str) -> None:
    sentiment = find(document).sentiment
    assert sentiment is not None
    assert sentiment.label == label


def test_without_a_lexicon_for_the_language_there_is_no_mood_but_a_note() -> None:
    findings = find("Das Wetter in den Bergen war besser, als wir gedacht hatten.")
    assert findings.sentiment is None
    assert findings.notes == ("no sentiment: the offline model knows it for en, not for 'de'",)


def test_key_phrases_are_the_telling_runs_of_words() -> None:
    document = (
        "Solar panels turn light into power. Cheap solar panels changed the energy market. "
        "The energy market grew because solar panels became cheap."
    )
    best = [phrase.text.lower() for phrase in find(document).key_phrases[:4]]
    assert any("solar panels" in phrase for phrase in best)
    assert any("energy market" in phrase for phrase in best)


def test_a_different_document_has_a_different_answer() -> None:
    first = find("Ada Lovelace lives in Vienna and loves it.")
    second = find("Tim Cook lives in Paris and hates it.")
    assert first.entities != second.entities
    assert first.key_phrases != second.key_phrases
    assert first.sentiment != second.sentiment

"""Holding a model to the document: what it names must be there, at a place that can be shown."""

from agent_runtime.features import Entity, Mention


def ground(document: str, mentions: tuple[Mention, ...]) -> tuple[list[Entity], list[str]]:
    """Entities with their places, and the texts that are not in the document.

    A place the model gives is taken if the text is there; otherwise each further mention of a
    text gets the text's next appearance.
    """
    placed: list[Entity] = []
    absent: list[str] = []
    searched: dict[str, int] = {}
    for mention in mentions:
        start = _place(document, mention, searched)
        if start < 0:
            if mention.text not in searched:
                absent.append(mention.text)
            continue
        placed.append(
            Entity(
                text=mention.text,
                type=mention.type,
                confidence=mention.confidence,
                start=start,
                end=start + len(mention.text),
            )
        )
    return sorted(placed, key=lambda entity: (entity.start, entity.end)), absent


def _place(document: str, mention: Mention, searched: dict[str, int]) -> int:
    if mention.start is not None and document.startswith(mention.text, mention.start):
        return mention.start
    start = document.find(mention.text, searched.get(mention.text, 0))
    if start >= 0:
        searched[mention.text] = start + len(mention.text)
    return start

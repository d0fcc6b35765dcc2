"""Texts that are documents: JSON, or YAML of objects."""

import json
import re
from typing import Final, cast

import yaml

_LONGEST: Final = 1_000_000
_YAML: Final = re.compile(r"""^(?:---\s*$|(?:- )?[\w."'/ -]+:(?:\s|$))""", re.MULTILINE)
# An alias can stand for a thousand times its own size; such a text is compared as a text.
_ALIAS: Final = re.compile(r"(?:^|[\s\[{,:-])[&*][\w-]", re.MULTILINE)


class _Loader(yaml.CBaseLoader):
    """Reads every scalar as the text that it is."""


def parsed(text: str) -> object:
    """The object or list that a text is the document of; None if it is none.

    Several documents of YAML are a list. Scalars of YAML stay texts.
    """
    if len(text) > _LONGEST:
        return None
    begin = text.lstrip()[:1]
    try:
        if begin in {"{", "["}:
            return _structured(json.loads(text))
        if "\n" in text.strip() and _YAML.search(text) and not _ALIAS.search(text):
            documents = list(yaml.load_all(text, Loader=_Loader))
            return _structured(documents[0] if len(documents) == 1 else documents)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None
    return None


def written(document: object, like: str) -> str:
    """A document as a text, in the language of the text that it was."""
    if like.lstrip()[:1] in {"{", "["}:
        return json.dumps(document, ensure_ascii=False)
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)


def _structured(document: object) -> object:
    if isinstance(document, dict):
        return cast("object", document) or None
    parts = cast("list[object]", document) if isinstance(document, list) else []
    return parts if any(isinstance(part, dict) for part in parts) else None

"""Property paths as the engine writes them: `rules[0].ports`, `tags["a.b"]`."""

import json
import re

_PLAIN = re.compile(r"^[A-Za-z_$][\w$]*$")


def key(at: str, name: str) -> str:
    """The path of a property of the object at `at`."""
    if _PLAIN.match(name):
        return f"{at}.{name}" if at else name
    return f"{at}[{json.dumps(name)}]"


def step(at: str, index: int) -> str:
    """The path of an element of the list at `at`."""
    return f"{at}[{index}]"


def dotted(path: str) -> str:
    """The path without indices and keys of maps, as the table of types names properties."""
    return re.sub(r"\[[^\]]*\]", "", path)


def top(path: str) -> str:
    """The property of the resource that the path leads into."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]

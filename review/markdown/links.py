"""Where a reader of the comment finds the rest."""

import re
from dataclasses import dataclass
from typing import Final

from review.markdown.escaping import code

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'*+,;=%-]{1,500}")
_PLACE: Final = re.compile(r"([\w./-]{1,200}):(\d{1,7})", re.ASCII)


class AddressError(ValueError):
    """An address that cannot stand in a link."""


@dataclass(frozen=True, kw_only=True)
class Links:
    """Addresses that the report points to; each may be empty."""

    report: str = ""
    """Address of the HTML report."""
    artifact: str = ""
    """Name of the artifact that holds the HTML report, where it has no address of its own."""
    files: str = ""
    """What goes before a file's path, such as `https://github.com/owner/name/blob/0123abc/`."""

    def __post_init__(self) -> None:
        for name, address in (("report", self.report), ("files", self.files)):
            if address and not _ADDRESS.fullmatch(address):
                raise AddressError(
                    f"got {address[:200]!r} as the address of {name}, wanted http:// or https:// and at "
                    "most 500 letters that an address may have: percent-encode the others"
                )

    @property
    def rest(self) -> str:
        """Where the whole report is, as the end of a sentence."""
        if self.report:
            return f"[the HTML report](<{_written(self.report)}>)"
        if self.artifact:
            return f"the HTML report, artifact {code(self.artifact)}"
        return "the HTML report"

    def source(self, place: str) -> str:
        """A place in the program, such as `components/stores/rds.py:196`."""
        found = _PLACE.fullmatch(place)
        if not self.files or found is None or ".." in place:
            return code(place)
        return f"[{code(place)}](<{_written(self.files)}{found[1]}#L{found[2]}>)"


def _written(address: str) -> str:
    # Markdown decodes what looks like an entity, in addresses too.
    return address.replace("&", "&amp;")

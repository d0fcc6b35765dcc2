"""The report as a comment on a pull request."""

from review.markdown.links import AddressError, Links
from review.markdown.page import LIMIT, LimitError, markdown

__all__ = ["LIMIT", "AddressError", "LimitError", "Links", "markdown"]

"""Reviews as one self-contained HTML page."""

from review.html.page import html

__all__ = ["html"]

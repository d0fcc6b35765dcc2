"""What the tests of reading share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.reading.printing import Document, Preview


@pytest.fixture
def preview(tmp_path: Path) -> Callable[..., Preview]:
    """Makes previews of these steps, whose files are in a folder of the test."""

    def make(*steps: Document) -> Preview:
        return Preview(tmp_path, list(steps))

    return make

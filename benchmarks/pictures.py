"""The pictures of `docs/how-to/review-changes.md`: `python -m benchmarks.pictures`, after `make bench`.

The page is what it is; the comment is rendered by GitHub's parser, with a style that is like GitHub's.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from playwright.sync_api import sync_playwright

from benchmarks.report import FOLDER
from toolchain.paths import PROJECT

CASE: Final = FOLDER / "reviews" / "replaced-database"
PICTURES: Final = PROJECT / "docs" / "how-to" / "pictures"
BROWSER: Final = "/usr/bin/chromium"
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STYLE: Final = """
body { font: 14px/1.5 system-ui, sans-serif; color: #1f2328; margin: 20px; max-width: 860px }
h3 { font-size: 1.3em } h4 { margin: 20px 0 8px } li { margin-top: .3em } ul { padding-left: 1.6em }
table { border-collapse: collapse } td, th { border: 1px solid #d1d9e0; padding: 5px 12px }
code { background: #eff1f3; padding: .15em .4em; border-radius: 5px; font-size: 85% }
blockquote { border-left: 4px solid #cf222e; margin: 0; padding: 0 1em } details { margin: 8px 0 }
"""
SIZE: Final = (900, 1000)


def main() -> int:
    """Make both."""
    if not CASE.is_dir():
        print(f"got no {CASE.relative_to(PROJECT)}, wanted the reports of `make bench`; run it")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        comment = Path(scratch) / "comment.html"
        comment.write_text(_rendered((CASE / "report.md").read_text(encoding="utf-8")))
        _picture(comment, PICTURES / "comment.png")
    _picture(CASE / "report.html", PICTURES / "page.png")
    return 0


def _rendered(comment: str) -> str:
    kept = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_HARDBREAKS
    body = github_flavored_markdown_to_html(comment, kept)
    # The parser leaves GitHub's own boxes to GitHub.
    body = re.sub(r"<p>\[!CAUTION\]<br />\n", "<p>", body)
    return f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}"


def _picture(page: Path, picture: Path) -> None:
    width, height = SIZE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=list(FLAGS))
        opened = browser.new_page(viewport={"width": width, "height": height})
        opened.goto(page.resolve().as_uri())
        opened.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())

"""A page in a real browser that notes whatever goes wrong."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

from review.html import html
from review.model import Review

OPTIONS: Final = (
    "--headless",
    "--no-sandbox",  # Tests run as root, where Chromium's sandbox refuses.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Trouble:
    """What a page must not do."""

    said: list[str] = field(default_factory=list[str])
    """On the console, such as an error or a broken security policy."""
    asked: list[str] = field(default_factory=list[str])
    """Addresses, but for the page's own."""


def running() -> Generator[Browser]:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError(
            "got no chromium on PATH, wanted the browser that the page is tried in: "
            "apt-get install chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield browser
        browser.close()


@contextmanager
def shown(
    browser: Browser,
    folder: Path,
    reviews: Sequence[Review],
    *,
    width: int = 1400,
    dark: bool = False,
    script: bool = True,
    fragment: str = "",
) -> Generator[Page]:
    """The page of these reviews, read from a file. Fails if it complains or asks for anything."""
    file = folder / "preview.html"
    file.write_text(html(reviews))
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    trouble = Trouble()
    page = context.new_page()

    def said(message: ConsoleMessage) -> None:
        trouble.said.append(message.text)

    def failed(error: Error) -> None:
        trouble.said.append(error.message)

    def asked(request: Request) -> None:
        if not request.url.startswith(file.as_uri()):
            trouble.asked.append(request.url)

    page.on("console", said)
    page.on("pageerror", failed)
    page.on("request", asked)
    page.goto(file.as_uri() + fragment)
    yield page
    context.close()
    assert trouble == Trouble()

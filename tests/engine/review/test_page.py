"""The page in a real browser."""

import json
from collections.abc import Generator, Sequence
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from review.model import Review
from tests.engine.review.browser import running, shown
from tests.review import samples
from tests.review.html.large import large
from tests.review.nasty import nasty

pytestmark = pytest.mark.engine

CHANGE = (samples.image_change("dev"), samples.replaced_database("prod"))
GRAVE = (
    samples.broken_policies("broken"),
    samples.deleted_balancer("deleted"),
    samples.failed("failed"),
    samples.incomplete("incomplete"),
    samples.crashed_pack("crashed"),
    samples.nothing_changed("same"),
)
EVERY = [CHANGE, GRAVE, (nasty("nasty"),), ()]


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    yield from running()


def _row(page: Page, name: str) -> Locator:
    """The row of a resource in the list by component."""
    return page.locator("tbody.unit, li.unit[id]").filter(has_text=name).first


def _search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)


@pytest.mark.parametrize("reviews", EVERY)
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_has_nothing_that_keeps_somebody_out(
    browser: Browser, tmp_path: Path, reviews: Sequence[Review], dark: bool
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text()
    with shown(browser, tmp_path, reviews, dark=dark) as page:
        page.get_by_role("button", name="Unfold all").click()
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(r => r.violations)")
        told = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        assert not told, json.dumps(told, indent=2)


@pytest.mark.parametrize("reviews", EVERY)
def test_on_a_phone_nothing_stands_over_the_edge(
    browser: Browser, tmp_path: Path, reviews: Sequence[Review]
) -> None:
    with shown(browser, tmp_path, reviews, width=360) as page:
        page.get_by_role("button", name="Unfold all").click()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


def test_a_search_leaves_what_it_finds_and_an_empty_one_brings_all_back(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        before = page.locator("main").inner_text()
        _search(page, "postgres-alarm")
        expect(page.locator("#hits")).to_have_text("1 of 4 resources, 0 findings")
        expect(_row(page, "postgres-alarm")).to_be_visible()
        expect(_row(page, "feature-extractor-deployment")).to_be_hidden()
        expect(page.locator(".graph .cell.hit")).to_have_count(1)
        _search(page, "")
        expect(page.locator("#hits")).to_have_text("")
        assert page.locator("main").inner_text() == before


@pytest.mark.parametrize(
    "words",
    [
        "cloudwatch/metricalarm",
        "dimensions.DBInstance",
        "prod alarm update",
        "postgres metricAlarm",
    ],
)
def test_a_search_knows_types_properties_stacks_and_components(
    browser: Browser, tmp_path: Path, words: str
) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        _search(page, words)
        expect(page.locator("#hits")).to_have_text("1 of 4 resources, 0 findings")


def test_a_search_filters_the_findings(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, GRAVE[:1]) as page:
        _search(page, "require-multi-zone")
        expect(page.locator("#hits")).to_have_text("0 of 4 resources, 1 finding")
        expect(page.locator(".findings tbody tr:visible")).to_have_count(1)


def test_a_slash_leads_to_the_search_and_escape_clears_it(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("alarm")
        expect(page.locator("#hits")).to_have_text("1 of 4 resources, 0 findings")
        page.keyboard.press("Escape")
        expect(page.locator("#hits")).to_have_text("")
        expect(page.get_by_role("searchbox")).to_have_value("")


def test_all_is_unfolded_and_folded_by_a_button_each(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        folds = page.locator("main details")
        page.get_by_role("button", name="Unfold all").click()
        expect(page.locator("main details[open]")).to_have_count(folds.count())
        page.get_by_role("button", name="Fold all", exact=True).click()
        expect(page.locator("main details[open]")).to_have_count(0)


def test_a_click_in_the_picture_opens_the_resource(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        page.get_by_role("button", name="Fold all", exact=True).click()
        page.locator(".graph .cell", has_text="postgres-alarm").click()
        expect(_row(page, "postgres-alarm")).to_be_in_viewport()
        expect(_row(page, "postgres-alarm").locator(".diff")).to_be_visible()


def test_a_shared_link_shows_the_same_search_and_the_same_resource(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        _search(page, "postgres & more")
        _search(page, "postgres")
        page.locator(".graph .cell", has_text="postgres-instance").click()
        fragment = "#" + page.url.partition("#")[2]
    with shown(browser, tmp_path, CHANGE, fragment=fragment) as page:
        expect(page.get_by_role("searchbox")).to_have_value("postgres")
        expect(page.locator("#hits")).to_have_text("2 of 4 resources, 0 findings")
        expect(_row(page, "postgres-instance")).to_be_in_viewport()


def test_the_back_button_returns_to_the_resource_before(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        page.locator(".graph .cell", has_text="postgres-alarm").click()
        page.locator(".graph .cell", has_text="feature-extractor-deployment").click()
        expect(page.locator(".target")).to_contain_text("feature-extractor-deployment")
        page.go_back()
        expect(page.locator(".target")).to_contain_text("postgres-alarm")


def test_a_broken_link_shows_the_page_as_it_is(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE, fragment="#r-none?q=%E0%A4%A") as page:
        expect(page.get_by_role("searchbox")).to_have_value("")
        expect(page.locator("#hits")).to_have_text("")


def test_the_picture_of_before_hides_what_is_created_and_of_after_what_is_deleted(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, [samples.deleted_balancer(), samples.creation("new")]) as page:
        gone = page.locator("#stack-0 .graph .cell").first
        made = page.locator("#stack-1 .graph .cell").first
        for view, cells in (("Before", (True, False)), ("After", (False, True))):
            for stack in (0, 1):
                page.locator(f"#stack-{stack}").get_by_text(view, exact=True).first.click()
            assert (gone.is_visible(), made.is_visible()) == cells


def test_the_picture_is_worked_by_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        page.get_by_role("radio", name="Difference").first.focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="Before").first).to_be_checked()
        page.locator(".graph .box > a").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".part.target")).to_be_in_viewport()


def test_at_night_the_page_is_dark(browser: Browser, tmp_path: Path) -> None:
    colours: list[str] = []
    for dark in (False, True):
        with shown(browser, tmp_path, CHANGE, dark=dark) as page:
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(15, 20, 25)"]


def test_without_a_script_everything_is_there_and_the_search_is_not(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, CHANGE, script=False) as page:
        expect(page.get_by_role("searchbox")).to_be_hidden()
        content = page.locator("main").text_content() or ""
        for review in CHANGE:
            for resource in review.resources:
                assert resource.identity.name in content
        page.locator(".part summary").first.click()
        page.locator(".graph .cell", has_text="postgres-instance").click()
        expect(_row(page, "postgres-instance")).to_be_in_viewport()


def test_on_paper_there_is_nothing_to_click(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, CHANGE) as page:
        page.emulate_media(media="print")
        expect(page.locator(".bar")).to_be_hidden()
        expect(page.locator(".views").first).to_be_hidden()
        expect(page.locator(".graph").first).to_be_visible()


def test_a_page_of_five_thousand_resources_answers(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, [large(500, 10)]) as page:
        times: dict[str, float] = {}
        for words in ("agent-77", "kind3", "create", ""):
            times[words] = page.evaluate(
                """words => new Promise(done => {
                    const field = document.getElementById("search");
                    const start = performance.now();
                    field.value = words;
                    field.dispatchEvent(new Event("input"));
                    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
                })""",
                words,
            )
        print(f"milliseconds from a letter to the next picture: {times}")
        _search(page, "agent-77-")
        expect(page.locator("#hits")).to_have_text("10 of 5,000 resources, 0 findings")
        expect(_row(page, "agent-77-3")).to_be_visible()


def test_a_link_into_the_midst_of_five_thousand_resources_shows_its_own(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, [large(500, 10)]) as page:
        anchor = _row(page, "agent-321-7").get_attribute("id")
    with shown(browser, tmp_path, [large(500, 10)], fragment=f"#{anchor}") as page:
        expect(page.locator(f"#{anchor}")).to_be_in_viewport()


def test_a_number_in_the_picture_finds_all_that_it_counts(browser: Browser, tmp_path: Path) -> None:
    with shown(browser, tmp_path, [large(10, 10)]) as page:
        page.locator(".graph .cell").click()
        expect(page.get_by_role("searchbox")).to_have_value("agents:agents:Agent create")
        expect(page.locator("#hits")).to_have_text("100 of 100 resources, 0 findings")

"""The page as a whole: valid, self-contained, and with all that a review tells."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.html import html
from review.html.text import visible
from review.model import Finding, Level, Operation, Policies, Review
from tests.review import samples, strategies
from tests.review.building import changed, component, removed, resource, review
from tests.review.html.documents import attributes, elements, parsed, text
from tests.review.html.large import large
from tests.review.nasty import nasty

SAMPLES = (
    samples.creation("a"),
    samples.image_change("b"),
    samples.replaced_database("c"),
    samples.deleted_balancer("d"),
    samples.broken_policies("e"),
    samples.failed("f"),
    samples.incomplete("g"),
    samples.crashed_pack("h"),
    samples.nothing_changed("i"),
    nasty("j"),
)
ALL = html(SAMPLES)


@settings(max_examples=50, deadline=None)
@given(st.lists(strategies.reviews(), max_size=3))
def test_a_page_of_whatever_reviews_is_valid_html(reviews: list[Review]) -> None:
    parsed(html(reviews))


@settings(max_examples=25, deadline=None)
@given(st.lists(strategies.reviews(), max_size=2))
def test_nothing_of_a_review_becomes_an_element_or_a_handler(reviews: list[Review]) -> None:
    page = html(reviews)
    names = {node.name for node in elements(page)}
    assert not names & {"img", "iframe", "object", "embed", "link", "base", "form", "b c", "audio"}
    assert len(list(elements(page, "script"))) == 1
    assert len(list(elements(page, "style"))) == 1
    written = {name for node in elements(page) for name in node.attrs}
    assert not {name for name in written if name.startswith("on") or name in {"style", "src"}}


@settings(max_examples=25, deadline=None)
@given(st.lists(strategies.reviews(), max_size=2))
def test_each_link_leads_to_something_in_the_page(reviews: list[Review]) -> None:
    page = html(reviews)
    identifiers = attributes(page, "id")
    assert len(identifiers) == len(set(identifiers))
    targets = attributes(page, "href")
    assert {target[:1] for target in targets} <= {"#"}
    assert {target[1:] for target in targets} <= set(identifiers)


@given(strategies.reviews())
@settings(max_examples=25, deadline=None)
def test_every_resource_and_every_finding_is_in_the_page(told: Review) -> None:
    page = html([told])
    listed = {
        node.attrs["id"] for node in elements(page, "tbody.unit, li.unit") if "id" in node.attrs
    }
    assert len(listed) == sum(one.custom for one in told.resources)
    assert len(list(elements(page, ".findings .unit"))) == len(told.policies.findings)
    assert len(list(elements(page, ".notices .unit"))) == len(told.notices)
    assert len(list(elements(page, ".remark"))) == len(told.remarks)


def test_a_page_is_the_same_each_time_it_is_written() -> None:
    assert html(SAMPLES) == ALL


def test_the_security_policy_admits_the_pages_own_script_and_style_only() -> None:
    policy = next(
        node.attrs["content"] or ""
        for node in elements(ALL, "meta[http-equiv]")
        if node.attrs["http-equiv"] == "Content-Security-Policy"
    )
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed == {
        "default-src": "'none'",
        "style-src": f"'{_digest('style')}'",
        "script-src": f"'{_digest('script')}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def _digest(element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", ALL, re.DOTALL)
    assert found
    return f"sha256-{b64encode(sha256(found[1].encode()).digest()).decode()}"


def test_the_page_names_no_address_of_the_web_that_a_review_does_not_name() -> None:
    page = html([samples.nothing_changed()])
    assert not re.search(r"https?:|//[a-z]|url\(|@import", page)


def test_the_title_names_the_stacks() -> None:
    page = html([samples.image_change("dev"), samples.creation("prod")])
    assert text(page, "head title") == "Preview of dev and prod"
    assert text(page, "h1") == "dev and prod"


def test_a_page_of_no_stack_says_so() -> None:
    assert "No stack was previewed." in text(html([]), "main")


def test_the_summary_has_a_card_for_each_stack_before_anything_else() -> None:
    first = next(elements(ALL, "main > section"))
    assert first.attrs["id"] == "summary"
    cards = [node.to_text() for node in elements(ALL, "#summary .card h3")]
    assert [card.split()[0] for card in cards] == [one.stack for one in SAMPLES]


def test_the_summary_counts_what_happens_and_what_it_costs() -> None:
    card = text(html([samples.replaced_database()]), ".card")
    assert re.search(r"0 create 1 update 1 replace 0 delete", card)
    assert "Cost a month +392.00 USD" in card
    assert "Compared with branch main" in card
    assert "postgres-instance loses its data." in card


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (samples.failed(), "The preview failed."),
        (samples.incomplete(), "The preview breaks off."),
        (samples.crashed_pack(), "The policies did not judge."),
        (samples.broken_policies(), "2 mandatory policies are broken."),
    ],
)
def test_what_makes_a_preview_doubtful_is_told_in_its_card_and_above_its_stack(
    told: Review, words: str
) -> None:
    page = html([told])
    assert words in text(page, ".card.grave .alarm-line")
    assert words in text(page, "section.stack > .alarm")


def test_a_pack_that_did_not_judge_never_reads_as_nothing_found() -> None:
    page = html([samples.crashed_pack()])
    assert "KeyError: 'spec'" in text(page, ".alarm")
    assert "not judged" in text(page, ".card")
    assert "othing found." not in text(page, "main")


def test_no_policies_at_all_read_as_not_judged() -> None:
    page = html([replace(samples.image_change(), policies=Policies())])
    assert "Not judged. No policy pack was asked." in text(page, "section.stack")


def test_a_replaced_database_is_told_before_anything_else() -> None:
    page = html([samples.replaced_database()])
    headings = [node.to_text() for node in elements(page, "section.stack h3")]
    assert headings[0] == "Replaced and deleted"
    lost = text(page, ".lost li")
    assert "Loses its data." in lost
    assert "Cannot be changed in place: storageEncrypted ." in lost
    assert "Protected: the engine refuses to delete it." in lost
    assert "Deleted first" in lost


def test_what_loses_something_stands_before_what_loses_nothing() -> None:
    page = html([samples.deleted_balancer()])
    assert "Loses its address" in text(page, ".lost li:first-child")


def test_errors_of_a_failed_preview_come_before_its_policies() -> None:
    page = html([samples.failed()])
    headings = [node.to_text() for node in elements(page, "section.stack h3")]
    assert headings.index("Errors and warnings") < headings.index("Policies")
    assert "configured Kubernetes cluster is unreachable:" in text(page, ".notices pre")


def test_a_finding_has_resource_reason_and_remedy_and_leads_to_its_resource() -> None:
    page = html([samples.broken_policies()])
    first = text(page, ".findings tbody tr:first-child")
    assert "mandatory critical feature-extractor-deployment" in first
    assert "agent: is privileged Remedy: set it as docs/policies.md says." in first
    target = next(elements(page, ".findings tbody tr:first-child a")).attrs["href"] or ""
    assert "feature-extractor-deployment" in text(page, target)


def test_a_property_that_forces_a_replacement_says_so_and_stands_first() -> None:
    page = html([samples.replaced_database()])
    first = text(page, ".rows .replace .diff tbody tr:first-child")
    assert first == "storageEncrypted forces the replacement false true"


def test_what_differs_within_a_value_is_marked() -> None:
    page = html([samples.image_change()])
    assert [node.to_text() for node in elements(page, ".diff mark")] == ["1" * 64, "2" * 64]


def test_a_fold_tells_short_changes_without_being_opened() -> None:
    page = html([samples.replaced_database()])
    assert "instanceClass: db.r7g.large → db.r7g.xlarge" in text(page, ".replace .gist")


def test_an_empty_value_reads_otherwise_than_none_at_all() -> None:
    owner = component("dev", "one", "agents:agents:Agent")
    values = (changed("emptied", "old", ""), removed("gone", "old"))
    one = resource(owner, "pod", "kubernetes:core/v1:Pod", Operation.UPDATE, *values)
    page = html([review("dev", [owner, one])])
    rows = [node.to_text() for node in elements(page, ".diff tbody tr")]
    assert rows == ["emptied old empty", "gone old nothing"]


def test_the_outputs_and_costs_of_a_stack_are_told() -> None:
    page = html([samples.replaced_database()])
    assert "agents-prod-postgres.internal [known after deployment]" in text(page, "section.stack")
    assert "1,204.25 USD before, 1,596.25 USD after: +392.00 USD ." in text(page, "section.stack")
    assert "Without a price in the table: aws:wafv2/webAcl:WebAcl." in text(page, "section.stack")


def test_the_same_stack_twice_gives_two_sections_that_do_not_share_a_link() -> None:
    page = html([samples.image_change(), samples.image_change()])
    identifiers = attributes(page, "id")
    assert len(identifiers) == len(set(identifiers))


def test_a_link_to_a_resource_outlives_a_change_of_everything_else() -> None:
    ours = samples.replaced_database().resources
    alone = html([samples.replaced_database()])
    along = html([samples.nothing_changed(), samples.replaced_database()])
    shared = set(attributes(alone, "id")) & set(attributes(along, "id"))
    assert len([one for one in shared if one.startswith("r-")]) >= len(ours)


def test_no_text_of_a_resource_can_leave_its_place() -> None:
    page = html([nasty()])
    assert not list(elements(page, "main script"))
    assert visible("</details></details><script>alert(1)</script>") in text(page, "main")


def test_five_thousand_created_resources_fit_in_five_megabytes() -> None:
    page = html([large(500, 10)])
    assert len(page.encode()) < 5_000_000
    assert page.count('<tbody class="unit create"') == 5_000
    assert "are only in the report in JSON" in page
    assert page.count('<g class="box') < 100


def test_many_findings_are_cut_and_counted() -> None:
    one = Finding(policy="p", pack="q", level=Level.ADVISORY, severity="", urn="", reason="because")
    told = replace(
        samples.image_change(), policies=Policies(packs={"q": "1"}, findings=(one,) * 1_203)
    )
    page = html([told])
    assert len(list(elements(page, ".findings .unit"))) == 1_000
    assert "203 more findings in the report in JSON." in text(page, "section.stack")

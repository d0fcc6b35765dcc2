from dataclasses import replace

from review.markdown import Links, markdown
from review.model import Notice, Operation, Review, Weight
from tests.review import samples
from tests.review.building import changed, component, resource, review
from tests.review.markdown.pages import Page

FILES = Links(files="https://github.com/owner/name/blob/0123abc/")


def page(*changes: Review, links: Links | None = None) -> Page:
    return Page(markdown(changes, links=links))


def rds(operation: Operation, *, protected: bool = False, retained: bool = False) -> Review:
    """A database without anything to lose, to which this happens."""
    owner = component("prod", "postgres", samples.RDS)
    kind = "aws:rds/instance:Instance"
    server = resource(owner, "server", kind, operation, protected=protected, retained=retained)
    return review("prod", [owner, server])


def test_a_replacement_tells_what_is_lost_and_why() -> None:
    (item,) = page(samples.replaced_database(), links=FILES).items("Destroys")

    assert item == (
        "🔴 Replaces postgres-instance Instance in prod. Lost: its data. It is protected: the "
        "engine will refuse. The old one goes before there is a new one.<br>Forced by "
        "storageEncrypted: false → true. Made at components/stores/rds.py:196."
    )


def test_what_is_destroyed_comes_before_everything_else() -> None:
    changes = [
        samples.broken_policies("dev"),
        samples.failed("qa"),
        samples.deleted_balancer("prod"),
    ]

    titles = page(*changes, rds(Operation.DELETE)).titles

    assert titles[1:] == [
        *("Destroys", "Breaks policies", "Errors and warnings", "By component", "Diffs"),
    ]


def test_what_loses_something_comes_before_what_does_not() -> None:
    items = page(rds(Operation.REPLACE), samples.deleted_balancer("stage")).items("Destroys")

    assert [item.split()[2] for item in items] == ["balancer-balancer", "server"]


def test_what_the_engine_will_refuse_comes_before_what_it_does() -> None:
    protected = rds(Operation.DELETE, protected=True)

    items = page(rds(Operation.DELETE), replace(protected, stack="stage")).items("Destroys")

    assert "will refuse" in items[0] and "will refuse" not in items[1]


def test_what_stays_where_it_is_says_so() -> None:
    (item,) = page(rds(Operation.DELETE, retained=True)).items("Destroys")

    assert "It leaves the stack and stays where it is." in item


def test_a_replacement_that_nothing_explains_says_that() -> None:
    (item,) = page(rds(Operation.REPLACE)).items("Destroys")

    assert "The engine does not tell what forces it." in item


def test_a_secret_that_forces_a_replacement_is_told_as_changed() -> None:
    owner = component("prod", "postgres", samples.RDS)
    secret = changed("password", "[secret]", "[secret]", replaces=True)
    server = resource(owner, "server", "a:b:C", Operation.REPLACE, secret)

    (item,) = page(review("prod", [owner, server])).items("Destroys")

    assert "Forced by password: [secret], another one." in item


def test_mandatory_findings_of_all_stacks_come_before_advisory_ones() -> None:
    items = page(samples.broken_policies("dev"), samples.broken_policies("prod")).items(
        "Breaks policies"
    )

    assert [item.split()[1].strip(",:") for item in items] == [
        *("mandatory",) * 4, *("advisory",) * 2
    ]  # fmt: skip
    assert items[0] == (
        "❌ mandatory, critical: forbid-privileged-containers on feature-extractor-deployment "
        "Deployment in dev<br>agent: is privileged. To mend it: set it as docs/policies.md says."
    )


def test_errors_come_before_warnings_and_keep_their_lines() -> None:
    error, warning = page(samples.failed()).items("Errors and warnings")

    assert error.startswith("❌ error of feature-extractor-deployment Deployment in prod:")
    assert error.endswith("configured Kubernetes cluster is unreachable:\n  no such host\n")
    assert warning.startswith("⚠️ warning of prod: resource plugin aws is older")


def test_a_very_long_notice_is_cut_and_says_so() -> None:
    said = Notice(weight=Weight.ERROR, urn="", text="\n".join(map(str, range(500))))

    (item,) = page(replace(samples.failed(), notices=(said,))).items("Errors and warnings")

    assert item.endswith("28\n29\n… 470 more lines\n")


def test_components_are_counted_with_what_they_cost() -> None:
    rows = page(samples.creation()).rows[2:]

    assert rows == [
        ["component", "create", "cost per month"],
        ["`postgres` Rds", "2", "+392.00 USD"],
        ["`feature-extractor` Agent", "1", "·"],
        ["`balancer` LoadBalancer", "1", "+20.50 USD"],
    ]


def test_components_that_destroy_come_first() -> None:
    many, one = component("prod", "a", samples.AGENT), component("prod", "b", samples.AGENT)
    created = [resource(many, f"made-{n}", "a:b:C", Operation.CREATE) for n in range(3)]
    deleted = resource(one, "gone", "a:b:C", Operation.DELETE)

    rows = page(review("prod", [many, one, *created, deleted])).rows

    assert [row[0] for row in rows[3:]] == ["`b` Agent", "`a` Agent"]


def test_what_has_no_component_belongs_to_the_stack() -> None:
    (change,) = [one for one in rds(Operation.CREATE).resources if one.custom]

    rows = page(review("prod", [replace(change, parent="")])).rows

    assert rows[-1] == ["the stack itself", "1"]


def test_diffs_are_folded_and_creations_once_more() -> None:
    text = markdown([samples.creation("dev"), samples.image_change("prod")])

    depth, deepest = 0, dict[str, int]()
    for line in text.split("\n"):
        depth += line.count("<details>") - line.count("</details>")
        for what in ("- **create**", "- **update**"):
            if line.startswith(what):
                deepest[what] = depth
    assert deepest == {"- **create**": 2, "- **update**": 1}


def test_outputs_that_differ_are_among_the_diffs() -> None:
    (item, *_) = page(samples.replaced_database()).items("Diffs")

    assert item == (
        "Outputs of the stack:- postgres: agents-prod-postgres.internal\n"
        "+ postgres: [known after deployment]\n"
    )


def test_an_operation_of_an_unknown_kind_has_the_word_of_the_engine() -> None:
    change = rds(Operation.OTHER)
    resources = tuple(replace(one, operation_text="refresh") for one in change.resources)

    (item,) = page(replace(change, resources=resources)).items("Diffs")

    assert item == "refresh server Instance"

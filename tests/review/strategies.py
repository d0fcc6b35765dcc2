"""Any review that the model can hold, with the texts that reports have to survive."""

from typing import Final

from hypothesis import strategies as st

from policies.urn import STACK
from review.model import (
    Costs,
    Finding,
    Level,
    Notice,
    Operation,
    Outcome,
    Policies,
    Property,
    PropertyChange,
    Resource,
    Review,
    Weight,
)
from tests.review.nasty import NASTY_TEXTS

# One pool, not a strategy of strategies: drawing is most of what these tests spend their time on.
POOL: Final = (
    *("`" * length for length in (1, 2, 3, 4, 5, 7, 12)),
    *("~" * length for length in (3, 6)),
    *("@octocat", "@org/team", "#123", "GH-7", "org/repo#5", "https://a.bc/d?e=f#g", "www.a.bc"),
    *("<!-- -->", "-->", "<!--", "</details>", "<details>", "</td>", "<img src=x>", "</script>"),
    *("\n", "\r\n", "\r", "\t", "\u2028", "\x0b", " ", "  \n", "\n\n", "\u00a0", "&amp;", ":+1:"),
    *("|", "\\|", "\\", "*", "_", "~~", "[x](y)", "![x](y)", "$", "# ", "- ", "> ", "+", "=="),
    *("a", "b.c", "data-1", "é", "🦀", "日本", "0123456789abcdef0123456789abcdef01234567"),
    *NASTY_TEXTS,
)
words = st.sampled_from((*POOL, "plain words, as most are"))
texts = words | st.lists(words | st.text(max_size=3), max_size=4).map("".join)
"""Anything, often with Markdown, HTML, mentions, control characters or lone surrogates in it."""
names = texts.map(lambda text: text or "name")
"""The same, never empty."""
long_texts = st.tuples(texts, st.sampled_from([2, 60])).map(lambda pair: pair[0] * pair[1])
"""The same again and again, some thousands of letters."""
figures = st.floats(-1e9, 1e9, allow_nan=False, width=32)
"""Money."""

TYPES = st.one_of(
    st.sampled_from(
        ["agents:stores:Rds", "aws:rds/instance:Instance", "kubernetes:core/v1:Secret"]
    ),
    names.map(lambda text: f"aws:{text}"),
    names,
)


@st.composite
def urns(draw: st.DrawFn, stack: str = "dev") -> str:
    """A URN, now and then a very long one or none at all."""
    if draw(st.integers(0, 19)) == 0:
        return draw(names)
    types = draw(st.lists(TYPES, min_size=1, max_size=3))
    name = draw(names) * draw(st.sampled_from([1, 1, 1, 1, 200]))
    return f"urn:pulumi:{stack}::agent-platform::{'$'.join(types)}::{name}"


@st.composite
def properties(draw: st.DrawFn) -> Property:
    """A property that is added, removed or changed."""
    change = draw(st.sampled_from(PropertyChange))
    values = st.one_of(texts, long_texts)
    return Property(
        path=draw(names),
        change=change,
        before=None if change is PropertyChange.ADDED else draw(values),
        after=None if change is PropertyChange.REMOVED else draw(values),
        replaces=draw(st.booleans()),
    )


@st.composite
def resources(draw: st.DrawFn, stack: str = "dev", parents: tuple[str, ...] = ("",)) -> Resource:
    """A resource to which anything may happen, below one of the parents."""
    operation = draw(st.sampled_from(Operation))
    return Resource(
        urn=draw(urns(stack)),
        parent=draw(st.sampled_from(parents)),
        custom=draw(st.integers(0, 5)) > 0,
        operation=operation,
        operation_text=draw(st.one_of(st.just(operation.value), names)),
        properties=tuple(draw(st.lists(properties(), max_size=3))),
        deletes_first=draw(st.booleans()),
        protected=draw(st.booleans()),
        retained=draw(st.booleans()),
        loss=draw(st.none() | names),
        source=draw(texts),
    )


@st.composite
def findings(draw: st.DrawFn, subjects: st.SearchStrategy[str]) -> Finding:
    """A finding on one of the subjects."""
    return Finding(
        policy=draw(names),
        pack=draw(names),
        level=draw(st.sampled_from(Level)),
        severity=draw(st.sampled_from(["", "low", "medium", "high", "critical"])),
        urn=draw(subjects),
        reason=draw(st.one_of(texts, long_texts)),
        remediation=draw(texts),
    )


@st.composite
def policies(draw: st.DrawFn, subjects: st.SearchStrategy[str]) -> Policies:
    """Policies that judged, or did not, or did in part."""
    grave = ["critical", "high", "medium", "low", ""]
    found = draw(st.lists(findings(subjects), max_size=3))
    return Policies(
        packs=draw(st.dictionaries(names, texts, max_size=2)),
        failed=draw(st.one_of(st.just(""), texts)),
        findings=tuple(
            sorted(found, key=lambda f: (f.level is Level.ADVISORY, grave.index(f.severity)))
        ),
        undecided=draw(st.integers(0, 300)),
    )


@st.composite
def costs(draw: st.DrawFn, subjects: st.SearchStrategy[str]) -> Costs:
    """Costs in some currency, with differences for some of the subjects."""
    return Costs(
        currency=draw(st.sampled_from(["USD", "EUR"]) | names),
        as_of=draw(st.just("2025-10") | names),
        before=draw(figures),
        after=draw(figures),
        by_resource=draw(st.dictionaries(subjects, figures, max_size=4)),
        unpriced=tuple(draw(st.lists(names, max_size=3))),
        undecided=draw(st.integers(0, 50)),
    )


@st.composite
def notices(draw: st.DrawFn, subjects: st.SearchStrategy[str]) -> Notice:
    """Something the engine said."""
    return Notice(
        weight=draw(st.sampled_from(Weight)),
        urn=draw(st.just("") | subjects),
        text=draw(st.one_of(texts, long_texts)),
    )


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    """One stack's review, its parts in the order that the model promises."""
    stack = draw(st.sampled_from(["dev", "prod"]) | names)
    top = f"urn:pulumi:{stack}::agent-platform::{STACK}::agent-platform-{stack}"
    parents = ("", top, *draw(st.lists(urns(stack), max_size=3)))
    made = draw(st.lists(resources(stack, parents), max_size=5, unique_by=lambda r: r.urn))
    subjects = st.sampled_from([r.urn for r in made] or [top]) | urns(stack)
    said = draw(st.lists(notices(subjects), max_size=3))
    return Review(
        stack=stack,
        outcome=draw(st.sampled_from(Outcome)),
        compared_with=draw(st.just("branch main") | texts),
        resources=tuple(sorted(made, key=lambda r: r.urn)),
        policies=draw(policies(subjects)),
        notices=tuple(sorted(said, key=lambda n: n.weight is Weight.WARNING)),
        costs=draw(st.none() | costs(subjects)),
        outputs=tuple(draw(st.lists(properties(), max_size=3))),
        seconds=draw(st.none() | st.floats(0, 1e5)),
        remarks=tuple(draw(st.lists(texts, max_size=3))),
    )

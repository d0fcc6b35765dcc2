"""What is seen first: a heading, a row for each stack, and what must not be overlooked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from review.markdown.escaping import code, prose, sentence
from review.markdown.figures import many, money
from review.markdown.parts import Frame, Lane, Part, Section
from review.markdown.words import ALWAYS, NUMBERED
from review.model import Costs, Finding, Level, Operation, Outcome, Policies, Resource, Review

BAD: Final = "❌"
DESTROYS: Final = "🔴"
CARE: Final = "⚠️"
VERBS: Final = {
    Operation.REPLACE: "replaces",
    Operation.DELETE: "deletes",
    Operation.CREATE: "creates",
    Operation.UPDATE: "updates",
    Operation.IMPORT: "imports",
    Operation.FORGET: "forgets",
    Operation.OTHER: "does something else to",
}


def quiet(review: Review) -> bool:
    """Whether all went well and there is nothing to tell."""
    return (
        review.outcome is Outcome.SUCCEEDED
        and not review.counts
        and not review.outputs
        and not review.notices
        and judged(review.policies)
        and not review.policies.findings
        and not review.remarks
        and (review.costs is None or not round(review.costs.difference, 2))
    )


def judged(policies: Policies) -> bool:
    """Whether there were policies, and all of them said what they had to say."""
    return bool(policies.packs) and not policies.failed


def mandatory(review: Review) -> list[Finding]:
    """Findings that stop the deployment."""
    return [found for found in review.policies.findings if found.level is Level.MANDATORY]


def heading(reviews: Sequence[Review]) -> str:
    """The gravest of it in one line."""
    destroyed = sum(resource.grave for review in reviews for resource in review.changed)
    broken = len({(one.pack, one.policy) for review in reviews for one in mandatory(review)})
    points = [
        f"{BAD} failed" * any(review.outcome is Outcome.FAILED for review in reviews),
        f"{BAD} incomplete" * any(review.outcome is Outcome.INCOMPLETE for review in reviews),
        f"{CARE} not judged by the policies" * (not all(judged(r.policies) for r in reviews)),
        f"{BAD} a gate is shut" * any(review.stopped for review in reviews),
        f"{DESTROYS} {many(destroyed, 'loss', 'losses')}" * bool(destroyed),
        f"{BAD} breaks {many(broken, 'mandatory policy', 'mandatory policies')}" * bool(broken),
    ]
    told = [point for point in points if point]
    commits = {review.commit for review in reviews}
    of = f" of {code(commits.pop(), 60)}" if len(commits) == 1 and all(commits) else ""
    return f"### Preview{of}: {', '.join(told or _harmless(reviews))}\n\n"


def _harmless(reviews: Sequence[Review]) -> list[str]:
    """What is done where nothing is wrong with it."""
    done = Counter(operation for review in reviews for operation in review.counts.elements())
    told = [
        f"{verb} {many(done[operation], 'resource', 'resources')}"
        for operation, verb in VERBS.items()
        if done[operation]
    ]
    outputs = any(review.outputs for review in reviews)
    return told or ["changes outputs only" if outputs else "nothing changes"]


def table(reviews: Sequence[Review]) -> Section:
    """A row for each stack."""
    shown = [
        operation
        for operation in NUMBERED
        if operation in ALWAYS or any(review.counts[operation] for review in reviews)
    ]
    titles = [
        "stack",
        "outcome",
        *(operation.value for operation in shown),
        "cost per month",
        "policies",
        "compared with",
    ]
    rules = ["---", "---", *("--:" for _ in shown), "--:", "---", "---"]
    frame = Frame(f"{row(titles)}{row(rules)}", "\n")

    def lane(review: Review) -> Lane:
        return Lane(review.stack, 1, lambda: iter([Part(row(_cells(review, shown)), (frame,))]))

    return Section("", "stack", "stacks", [lane(review) for review in reviews], share=1.0)


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |\n"


def _cells(review: Review, shown: Sequence[Operation]) -> list[str]:
    return [
        code(review.stack, 60),
        _outcome(review),
        *(number(review.changed, operation) for operation in shown),
        _cost(review.costs),
        _findings(review),
        prose(review.compared_with, 80),
    ]


def number(resources: Sequence[Resource], operation: Operation) -> str:
    """To how many it is done; marked where something is lost."""
    found = [resource for resource in resources if resource.operation is operation]
    if not found:
        return "·"
    if any(resource.grave for resource in found):
        return f"{DESTROYS} **{len(found):,}**"
    return f"{len(found):,}"


def _outcome(review: Review) -> str:
    if review.outcome is Outcome.FAILED:
        return f"{BAD} **failed**"
    if review.outcome is Outcome.INCOMPLETE:
        return f"{BAD} **incomplete**"
    return "changes" if review.counts or review.outputs else "nothing changes"


def _cost(costs: Costs | None) -> str:
    if costs is None:
        return "nothing priced"
    unknown = len(costs.unpriced) + costs.undecided
    note = f"<br><sub>{many(unknown, 'price', 'prices')} unknown</sub>" if unknown else ""
    if not round(costs.difference, 2):
        return f"no change{note}"
    return f"**{money(costs.difference, costs.currency)}**{note}"


def _findings(review: Review) -> str:
    """What was found, so that what did not judge never looks as if it had found nothing."""
    policies = review.policies
    stops = len(mandatory(review))
    advice = len(policies.findings) - stops
    found = [
        f"{BAD} **{stops:,} mandatory**" * bool(stops),
        f"{advice:,} advisory" * bool(advice),
    ]
    told = ", ".join(one for one in found if one)
    if not judged(policies):
        word = "not judged" if policies.failed else "no policies asked"
        return f"{CARE} **{word}**" + f"; so far {told}" * bool(told)
    so_far = "so far " * (review.outcome is not Outcome.SUCCEEDED)
    undecided = f", {policies.undecided:,} undecided" * bool(policies.undecided)
    return f"{so_far}{told or ('none' if so_far else 'kept')}{undecided}"


def alarms(reviews: Sequence[Review]) -> Section:
    """Previews that are not all, and policies that did not judge: in a box that stands out."""
    frame = Frame("> [!CAUTION]\n", "\n")

    def lane(review: Review) -> Lane:
        told = list(_alarms(review))
        return Lane(review.stack, len(told), lambda: (Part(f"> {t}\n>\n", (frame,)) for t in told))

    return Section("", "alarm", "alarms", [lane(review) for review in reviews], share=0.1)


def _alarms(review: Review) -> Iterator[str]:
    stack = code(review.stack, 60)
    if review.outcome is Outcome.FAILED:
        yield f"The preview of {stack} **failed**: what is told of it here is not all."
    if review.outcome is Outcome.INCOMPLETE:
        why = sentence(review.incomplete or "the engine's output breaks off")
        yield f"The preview of {stack} is **incomplete**: {why}"
    for found in review.stopped:
        yield f"A gate is shut for {stack}: {sentence(found)}"
    if review.policies.failed:
        why = sentence(review.policies.failed)
        yield f"The policies **did not judge** {stack}: {why} Nothing found means nothing here."
    elif not review.policies.packs:
        yield f"**No policies were asked** about {stack}: nothing found means nothing here."

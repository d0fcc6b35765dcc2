"""Numbers as a reader wants them."""

from review.markdown.escaping import prose


def many(number: int, one: str, more: str) -> str:
    """`1 resource`, `1,204 resources`."""
    return f"{number:,} {one if number == 1 else more}"


def money(amount: float, currency: str) -> str:
    """A difference by the month, such as `+12.40 USD`."""
    # What rounds to nothing has no sign.
    text = f"{amount:+,.2f}" if round(amount, 2) else "0.00"
    return f"{text} {prose(currency, 12)}"


def listed(texts: list[str], number: int) -> str:
    """`a, b and 3 more`: the first few, and how many more there are."""
    shown, left = texts[:number], len(texts) - number
    if left > 0:
        return f"{', '.join(shown)} and {left:,} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)

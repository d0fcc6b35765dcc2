"""What a place to comment at has to give, whatever the host."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Author:
    """Who wrote something. Names can be changed, numbers cannot."""

    login: str
    number: int | None = None
    """None where only the name is known."""

    def same(self, other: "Author | None") -> bool:
        """Whether both are one; by number where both have one."""
        if other is None:
            return False
        if self.number is not None and other.number is not None:
            return self.number == other.number
        return self.login.casefold() == other.login.casefold()


@dataclass(frozen=True)
class Comment:
    """A comment as it is there."""

    number: int
    """Later comments have higher ones."""
    body: str
    author: Author | None
    """None when the account is gone."""
    url: str


class Conversation(Protocol):
    """The comments below one pull request or issue."""

    @property
    def limit(self) -> int:
        """Characters that a comment may have."""
        ...

    def author(self) -> Author:
        """As whom the token writes."""
        ...

    def comments(self) -> Sequence[Comment]:
        """All of them, whoever wrote them."""
        ...

    def create(self, body: str) -> Comment:
        """A new one. `UnsureError` if nobody knows whether it is there now."""
        ...

    def update(self, number: int, body: str) -> Comment:
        """Other words for one. `MissingError` if it is gone."""
        ...

    def delete(self, number: int) -> None:
        """Take one away. `MissingError` if it is gone."""
        ...

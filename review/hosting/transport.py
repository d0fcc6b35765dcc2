"""Requests to a host's API: sent again where that is safe, never past the deadline, never elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Self

import httpx2 as httpx
from pydantic import SecretStr

from review.hosting.answers import Dialect, fault, one_line
from review.hosting.errors import (
    HostingError,
    SettingError,
    StrangeError,
    UnreachableError,
    UnsureError,
)
from review.hosting.waiting import SECONDARY, Clock, Patience, limited, told

REPEATABLE: Final = frozenset({"GET", "PATCH", "PUT", "DELETE"})
"""Methods that do once what they do twice. PATCH is among them as whole bodies are sent."""
PAGES: Final = 200
"""More pages than any pull request has; a list without an end is a fault."""
_BROKEN: Final = frozenset({500, 502, 503, 504})
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where the API is and what opens it."""

    base: str
    token: SecretStr
    dialect: Dialect

    def url(self) -> httpx.URL:
        """Address without a slash at its end, if the token may be sent there at all."""
        dialect = self.dialect
        try:
            url = httpx.URL(self.base.rstrip("/"))
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.userinfo or url.query or not url.host or url.scheme not in {"https", "http"}:
            raise SettingError(
                f"got an address in {dialect.address} that is none of an API, wanted one such as "
                f"{dialect.example}, without a user or a query: mend {dialect.address}"
            )
        if url.scheme == "http" and url.host not in _LOOPBACK:
            raise SettingError(
                f"got http://{url.host} in {dialect.address}, wanted https: "
                "a token is not sent where others can read it"
            )
        return url

    def headers(self) -> dict[str, str]:
        """What goes with every request, the token among it."""
        token = self.token.get_secret_value().strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            # What sends the header would show the token in its own complaint.
            raise SettingError(
                f"got no usable token in {self.dialect.token}, wanted one word of ASCII: "
                f"{self.dialect.permission}"
            )
        return {**self.dialect.headers, self.dialect.header: f"{self.dialect.scheme}{token}"}


class Transport:
    """One API. The deadline runs from when this is made and holds for all requests together."""

    def __init__(
        self,
        access: Access,
        *,
        patience: Patience | None = None,
        clock: Clock | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._access = access
        self._base = access.url()
        self._patience = patience or Patience()
        self._clock = clock or Clock()
        self._say = say
        self._end = self._clock.monotonic() + self._patience.deadline
        self._client = httpx.Client(headers=access.headers())

    @property
    def prefix(self) -> str:
        """Path of the API on its host, such as `/api/v3`; empty for none."""
        return self._base.path.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base})"

    def send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        from_root: bool = False,
    ) -> httpx.Response:
        """The answer to a request that succeeded; whatever else comes is raised as what it means.

        What may not be sent twice and came to an unknown end raises `UnsureError`, after a pause in
        which the host may come to rest. `from_root`: the path is the host's, not the API's.
        """
        prefix = "" if from_root else self.prefix
        url = self._base.copy_with(raw_path=(prefix + path).encode())
        return self._send(method, url.copy_merge_params(params or {}), body, repeatable)

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """All pages of a list, as their Link headers lead on; only within the same origin."""
        page = self.send("GET", path, params={"per_page": "100", **(params or {})})
        for _ in range(PAGES):
            yield page
            link = page.links.get("next", {}).get("url")
            if link is None:
                return
            page = self._send("GET", self._within(page.request.url.join(link)), None, True)
        raise StrangeError(
            f"got more than {PAGES} pages of {path}, wanted an end of the list: "
            f"{self._access.dialect.address} leads to something that counts without end"
        )

    def _within(self, url: httpx.URL) -> httpx.URL:
        base = self._base
        if (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port):
            return url
        raise StrangeError(
            f"got a next page at {url.scheme}://{url.host}, wanted one at {base.scheme}://{base.host}: "
            "the token is not sent elsewhere; a proxy between rewrites the Link headers wrongly"
        )

    def _send(
        self, method: str, url: httpx.URL, body: object, repeatable: bool | None
    ) -> httpx.Response:
        again = method in REPEATABLE if repeatable is None else repeatable
        action = f"{method} {url.path}"
        for attempt in range(1, self._patience.attempts + 1):
            if self._left() <= 0:
                raise UnreachableError(
                    f"{action}: got past the {self._patience.deadline:.0f} s deadline, wanted an end "
                    "before it: run this again later, or allow more with --deadline"
                )
            answer = self._once(method, url, body)
            if isinstance(answer, httpx.Response) and answer.is_success:
                return answer
            trouble, wait = self._judge(answer, action, attempt, again=again)
            if wait is None or attempt == self._patience.attempts:
                raise trouble
            if wait > self._left():
                raise self._out_of_time(trouble, wait)
            self._say(f"{trouble}; trying again in {wait:.0f} s")
            self._clock.sleep(wait)
            if isinstance(trouble, UnsureError):
                raise trouble
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, url: httpx.URL, body: object) -> httpx.Response | httpx.HTTPError:
        timeout = max(min(self._patience.timeout, self._left()), 0.1)
        try:
            return self._client.request(method, url, json=body, timeout=timeout)
        except httpx.HTTPError as error:
            # Returned, not raised: what is raised of it later must not lead to the request's headers.
            return error

    def _judge(
        self, answer: httpx.Response | httpx.HTTPError, action: str, attempt: int, *, again: bool
    ) -> tuple[HostingError, float | None]:
        """What an answer means, and how long to wait before another attempt; None for never."""
        dialect = self._access.dialect
        backoff = self._patience.backoff(attempt, self._clock.chance())
        if not isinstance(answer, httpx.Response):
            got = f"{action}: got no answer of {dialect.name} ({self._words(answer)})"
            if again or isinstance(answer, _NEVER_SENT):
                return UnreachableError(
                    f"{got}, wanted one: run this again when it is back"
                ), backoff
            return UnsureError(f"{got}, so nobody knows whether it came through"), backoff
        trouble = fault(answer, action, dialect, self._clean)
        if limited(answer, str(trouble)):
            asked = told(answer, self._clock)
            return trouble, (SECONDARY if asked is None else asked) + self._clock.chance()
        if answer.status_code in _BROKEN:
            wait = max(told(answer, self._clock) or 0.0, backoff)
            return (trouble if again else UnsureError(str(trouble))), wait
        return trouble, None

    def _left(self) -> float:
        return self._end - self._clock.monotonic()

    def _out_of_time(self, trouble: HostingError, wait: float) -> HostingError:
        return type(trouble)(
            f"{trouble}. It takes another {wait:.0f} s and {max(self._left(), 0):.0f} s are left of "
            f"the {self._patience.deadline:.0f} s deadline: run this again later, or allow more with "
            "--deadline"
        )

    def _words(self, error: httpx.HTTPError) -> str:
        return self._clean(f"{type(error).__name__}: {error}")

    def _clean(self, text: str) -> str:
        """One line, without the token should somebody have sent it back."""
        token = self._access.token.get_secret_value().strip()
        return one_line(text.replace(token, "[secret]"))

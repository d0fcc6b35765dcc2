"""Unit tier: what the builder asks of Go and the disk, and what it makes of the compiler's complaints."""

from collections.abc import Callable, Sequence

import pytest

from toolchain import go_compiler


def answering(text: str | None) -> Callable[[Sequence[str]], str | None]:
    def read(command: Sequence[str]) -> str | None:
        assert list(command) == ["go", "env", "GOVERSION"]
        return text

    return read


@pytest.mark.parametrize("found", ["go1.26.0", "go1.26rc1", "go1.30.2", "go2.0.0"])
def test_a_go_that_is_new_enough_is_taken(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_compiler, "read", answering(found))

    assert go_compiler.installed() == found


@pytest.mark.parametrize("found", ["go1.25.9", "go1.3", "devel", ""])
def test_an_older_go_is_refused_with_the_wanted_version(
    found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(go_compiler, "read", answering(found))

    with pytest.raises(go_compiler.CompilerError, match=rf"got {found}, wanted Go 1\.26 or newer"):
        go_compiler.installed()


def test_a_missing_go_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_compiler, "read", answering(None))

    with pytest.raises(go_compiler.CompilerError, match=r"got no go on PATH.*install it"):
        go_compiler.installed()


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("write /x/_pkg_.a: no space left on device", "disk is full"),
        ("verifying k8s.io/api@v0.34.4: checksum mismatch", "Do not switch the check off"),
        ("go: example.test/a@v1.0.0 requires go >= 1.99 (running go 1.26.8)", "wants a newer Go"),
        ("dial tcp 192.0.2.1:443: i/o timeout", "module proxy cannot be reached"),
        ("reading https://example.test/@v/list: 502 Bad Gateway", "module proxy cannot be reached"),
        ("tls: failed to verify certificate: x509: unknown authority", "/etc/ssl/certs"),
        ("compile: signal: killed", "ran out of memory"),
        ("go: updates to go.mod needed; to update it:", "go mod tidy"),
        ("./main.go:3:15: undefined: f", "does not compile"),
    ],
)
def test_each_kind_of_complaint_has_its_advice(line: str, advice: str) -> None:
    assert advice in go_compiler.hint(["some line before", line])


def test_a_complaint_is_not_taken_for_a_network_fault_for_a_number_in_it() -> None:
    assert "does not compile" in go_compiler.hint(["./main.go:503:15: undefined: f"])

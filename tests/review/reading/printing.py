"""What the engine prints, written by hand in its exact form."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.urn import Urn
from review.model import Property, Resource, Review
from review.reading import Printed, read

Document = dict[str, Any]

STACK_URN = "urn:pulumi:dev::sample::pulumi:pulumi:Stack::sample-dev"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PACK = "agent-platform"


def urn(name: str, kind: str = "random:index/randomId:RandomId") -> str:
    return f"urn:pulumi:dev::sample::{kind}::{name}"


def signed(plaintext: object = None) -> Document:
    """A secret, as the engine writes it; hidden if no plain value is given."""
    mark = {SIGNATURE: SECRET_SIGNATURE}
    if plaintext is None:
        return {**mark, "ciphertext": "[secret]"}
    return {**mark, "plaintext": json.dumps(plaintext)}


def state(name: str, kind: str = "random:index/randomId:RandomId", **more: object) -> Document:
    """A resource as the digest has it."""
    return {"urn": urn(name, kind), "custom": True, "type": kind, "parent": STACK_URN, **more}


def step(
    op: str,
    name: str = "one",
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    *,
    kind: str = "random:index/randomId:RandomId",
    diff: Mapping[str, str] | None = None,
    reasons: Iterable[str] = (),
    was: Mapping[str, object] | None = None,
    will_be: Mapping[str, object] | None = None,
) -> Document:
    """A step of the digest, from inputs; `was` and `will_be` have the rest of the states."""
    document: Document = {"op": op, "urn": urn(name, kind)}
    if old is not None:
        document["oldState"] = state(name, kind, inputs=dict(old), **(was or {}))
    if new is not None:
        document["newState"] = state(name, kind, inputs=dict(new), **(will_be or {}))
    if reasons:
        document["replaceReasons"] = list(reasons)
    kinds = None if diff is None else diff.items()
    document["detailedDiff"] = (
        None
        if kinds is None
        else {path: {"kind": kind, "inputDiff": False} for path, kind in kinds}
    )
    return document


def logged(document: Document) -> Document:
    """The same step as the log has it."""
    known = (
        "urn",
        "type",
        "custom",
        "parent",
        "delete",
        "protect",
        "retainOnDelete",
        "inputs",
        "outputs",
    )

    def as_logged(printed: Document | None) -> Document | None:
        if printed is None:
            return None
        return {"id": "", "provider": "", **{k: v for k, v in printed.items() if k in known}}

    told = document["detailedDiff"]
    return {
        "op": document["op"],
        "urn": document["urn"],
        "type": Urn.parse(document["urn"]).type,
        "old": as_logged(document.get("oldState")),
        "new": as_logged(document.get("newState")),
        "keys": document.get("replaceReasons"),
        "detailedDiff": told
        and {path: {"diffKind": one["kind"], "inputDiff": False} for path, one in told.items()},
        "provider": "",
    }


def complaint(message: str, **more: object) -> Document:
    """An event of a policy that something breaks."""
    return {
        "policyEvent": {
            "resourceUrn": STACK_URN,
            "message": message,
            "color": "never",
            "policyName": "require-order",
            "policyPackName": PACK,
            "policyPackVersion": "0.1.0",
            "policyPackVersionTag": "0.1.0",
            "enforcementLevel": "mandatory",
            **more,
        }
    }


def diagnostic(message: str, severity: str = "error", of: str = "") -> Document:
    prefix = {"prefix": f"{severity}: "} if severity in {"error", "warning", "debug"} else {}
    about = {"urn": of} if of else {}
    return {
        "diagnosticEvent": {
            **about, **prefix, "message": f"{message}\n", "color": "never", "severity": severity,
        }
    }  # fmt: skip


def judgement(kind: str = "policyAnalyzeStackSummaryEvent", **more: object) -> Document:
    """A pack's word on the stack, or on a resource."""
    about = {"policyPackName": PACK, "policyPackVersion": "0.1.0", "policyPackVersionTag": "0.1.0"}
    return {kind: {**about, "passed": ["require-order"], **more}}


def summary(result: str = "succeeded", *, packs: bool = True, **counts: int) -> Document:
    return {
        "summaryEvent": {
            "maybeCorrupt": False,
            "durationSeconds": 3,
            "resourceChanges": counts,
            "PolicyPacks": {f"{PACK}|local|policies": "0.1.0"} if packs else {},
            "isPreview": True,
            "result": result,
        }
    }


CANCEL: Document = {"cancelEvent": {}}
LOAD: Document = {"policyLoadEvent": {}}


@dataclass
class Preview:
    """One preview's two files, whole and successful unless told otherwise."""

    folder: Path
    steps: list[Document] = field(default_factory=list[Document])
    also_logged: list[Document] = field(default_factory=list[Document])
    """Steps that only the log has, behind the others."""
    events: list[Document] = field(default_factory=list[Document])
    """Events behind the steps."""
    result: str = "succeeded"
    judged: bool = True
    code: int | None = 0
    stderr: str = ""
    config: dict[str, str] = field(default_factory=dict[str, str])

    def log_text(self) -> str:
        steps = [*map(logged, self.steps), *map(logged, self.also_logged)]
        events = [
            LOAD,
            {"preludeEvent": {"config": self.config}},
            *({"resourcePreEvent": {"metadata": one, "planning": True}} for one in steps),
            *self.events,
            *([judgement()] if self.judged else []),
            summary(self.result),
            CANCEL,
        ]
        lines = (
            json.dumps(
                {"sequence": number, "timestamp": 1795292845, **event}, separators=(",", ":")
            )
            for number, event in enumerate(events)
        )
        return "".join(f"{line}\n" for line in lines)

    def digest_text(self) -> str:
        said = [
            {
                "urn": body.get("urn", ""),
                "message": body.get("prefix", "") + body["message"],
                "severity": body["severity"],
            }
            for event in self.events
            if (body := event.get("diagnosticEvent")) and body["severity"] != "debug"
        ]
        document: Document = {"config": self.config, "steps": self.steps}
        if said:
            document["diagnostics"] = said
        return json.dumps({**document, "duration": 2_500_000_000, "changeSummary": {}}, indent=4)

    def review(
        self,
        *,
        log: str | bytes | None = "",
        digest: str | bytes | None = "",
        withheld: Iterable[str] = (),
    ) -> Review:
        """Read both files, or others in their place; None leaves one out."""
        files: dict[str, Path | None] = {}
        for name, given, own in (
            ("events.jsonl", log, self.log_text),
            ("plan.json", digest, self.digest_text),
        ):
            text = own() if given == "" else given
            files[name] = None if text is None else self.folder / name
            if text is not None:
                raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
                (self.folder / name).write_bytes(raw)
        return read(
            "dev",
            Printed(
                events=files["events.jsonl"],
                digest=files["plan.json"],
                code=self.code,
                stderr=self.stderr,
            ),
            compared_with="branch main",
            withheld=frozenset(withheld),
        )


def only(review: Review) -> Resource:
    """The one resource of a review."""
    (resource,) = review.resources
    return resource


def properties(review: Review) -> dict[str, Property]:
    """What differs in its one resource, by path."""
    found = only(review).properties
    assert len({one.path for one in found}) == len(found), "a path is told twice"
    return {one.path: one for one in found}

"""Unit tier: what the engine reports, condensed."""

import json
from typing import Any

from toolchain.cli.events import Tally, plain, short

URN = "urn:pulumi:dev::agent-platform::agents:agent:Agent$kubernetes:apps/v1:{kind}::{name}"


def _urn(kind: str, name: str) -> str:
    return URN.format(kind=kind, name=name)


def _step(event: str, urn: str, op: str = "create", *, custom: bool = True) -> dict[str, Any]:
    kind = urn.split("::")[2].rpartition("$")[2]
    state = {"type": kind, "urn": urn, "custom": custom, "id": "", "parent": "", "provider": ""}
    return {event: {"metadata": {"op": op, "urn": urn, "type": kind, "provider": "", "new": state}}}


def _says(urn: str, message: str, severity: str = "info") -> dict[str, Any]:
    return {
        "diagnosticEvent": {"urn": urn, "message": message, "severity": severity, "color": "never"}
    }


def _tally(*events: dict[str, Any]) -> Tally:
    tally = Tally()
    for number, event in enumerate(events):
        tally.feed(json.dumps({"sequence": number, "timestamp": 0, **event}))
    return tally


def test_a_resource_under_way_is_shown_with_what_it_waits_for() -> None:
    postgres = _urn("StatefulSet", "postgres")

    tally = _tally(
        _step("resourcePreEvent", postgres),
        _says(postgres, "<{%fg 2%}>[0/1] waiting for 1 pod: postgres-0 Pending<{%reset%}>\n"),
    )

    assert tally.line() == (
        "0 resources done, under way: StatefulSet postgres: "
        "[0/1] waiting for 1 pod: postgres-0 Pending"
    )


def test_a_workload_explains_better_than_the_service_in_front_of_it() -> None:
    service, server = (
        _urn("Service", "postgres").replace("apps/v1", "core/v1"),
        _urn("StatefulSet", "postgres"),
    )

    tally = _tally(
        _step("resourcePreEvent", service),
        _step("resourcePreEvent", server),
        _says(service, "waiting for an endpoint"),
        _says(server, "waiting for 1 pod"),
    )

    assert tally.line() == (
        "0 resources done, under way: StatefulSet postgres (and 1 more): waiting for 1 pod"
    )


def test_what_is_through_is_counted_and_no_longer_shown() -> None:
    server = _urn("StatefulSet", "postgres")
    tally = _tally(_step("resourcePreEvent", server), _step("resOutputsEvent", server))
    assert tally.line() == "1 resources done"


def test_a_component_is_not_shown_beside_what_it_holds() -> None:
    tally = _tally(_step("resourcePreEvent", _urn("Agent", "extractor"), custom=False))
    assert tally.begun == {}


def test_a_resource_that_stays_as_it_is_is_not_under_way() -> None:
    tally = _tally(_step("resourcePreEvent", _urn("Deployment", "traefik"), "same"))
    assert tally.begun == {}


def test_a_mandatory_policy_stops_and_an_advisory_one_warns() -> None:
    def violation(level: str) -> dict[str, Any]:
        return {
            "policyEvent": {
                "resourceUrn": _urn("Deployment", "traefik"),
                "message": "no digest",
                "policyName": "require-digest",
                "enforcementLevel": level,
                "color": "never",
            }
        }

    tally = _tally(violation("mandatory"), violation("advisory"))

    assert tally.errors == ["Deployment traefik: policy require-digest: no digest"]
    assert tally.warnings == tally.errors


def test_a_failure_names_the_resource_and_the_engine_s_reason() -> None:
    server = _urn("StatefulSet", "redis")
    tally = _tally(
        _step("resourcePreEvent", server),
        _says(server, "the image cannot be pulled", "error"),
        _step("resOpFailedEvent", server),
    )
    assert tally.errors == ["StatefulSet redis: the image cannot be pulled"]
    assert tally.begun == {}


def test_debug_messages_are_nobody_s_business() -> None:
    server = _urn("StatefulSet", "redis")
    tally = _tally(_step("resourcePreEvent", server), _says(server, "registering", "debug"))
    assert tally.said == {}


def test_an_update_that_changed_nothing_says_so() -> None:
    tally = _tally({"summaryEvent": {"resourceChanges": {"same": 77}, "durationSeconds": 3}})
    assert tally.summary() == "no change (77 resources)"
    assert tally.changed == 0


def test_an_update_says_what_it_did() -> None:
    changes = {"create": 2, "same": 70, "update": 1, "replace": 1}
    tally = _tally({"summaryEvent": {"resourceChanges": changes, "durationSeconds": 3}})
    assert tally.summary() == "2 created, 1 replaced, 70 unchanged, 1 updated"
    assert tally.changed == 4


def test_a_resource_is_named_by_type_and_name() -> None:
    assert short(_urn("Deployment", "feature-extractor")) == "Deployment feature-extractor"
    assert short("something else") == "something else"


def test_colour_marks_are_taken_out_of_messages() -> None:
    assert plain("<{%fg 1%}>error<{%reset%}>: no\n") == "error: no"

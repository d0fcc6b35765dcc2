"""e2e: a new image, a new setting, a lost pod: what callers notice (nothing) and what changes."""

import json
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.e2e.load import under_load
from tests.e2e.platform import (
    AGENT,
    EXTRACT,
    ROOT,
    TENANT,
    Object,
    agent_pods,
    changed_settings,
    eventually,
    get,
    kubectl,
    names,
    up,
)
from tests.e2e.releases import another_image

pytestmark = pytest.mark.e2e

REQUESTS = 2_000


def _agent(config: Object) -> Object:
    return config["agent-platform:agents"][0]


def test_a_new_image_is_released_under_load_without_a_failed_request(tmp_path: Path) -> None:
    before = names(agent_pods())
    image = another_image("agent-runtime", tmp_path)
    with changed_settings(tmp_path, lambda c: _agent(c).update(image=image)) as settings:
        with under_load(clients=4, most=50_000) as load:
            eventually("the first answers", lambda: load.sent > 50)
            up(settings)
            eventually("2,000 requests", lambda: load.sent >= REQUESTS, seconds=300)
        after = agent_pods()
        assert not names(after) & before
        assert {c["image"] for pod in after for c in pod["spec"]["containers"]} == {image}
    report = {
        "sent": load.sent,
        "failed": load.failed,
        "p50_ms": round(load.percentile(0.5) * 1000, 1),
        "p95_ms": round(load.percentile(0.95) * 1000, 1),
    }
    (ROOT / "reports").mkdir(exist_ok=True)
    (ROOT / "reports/release.json").write_text(json.dumps(report, indent=2))
    assert load.sent >= REQUESTS
    assert load.failed == 0, (load.outcomes, load.failures[:5])


def test_a_changed_setting_rolls_the_pods(tmp_path: Path) -> None:
    before = names(agent_pods())

    def debug(config: Object) -> None:
        _agent(config)["environment"] = {"AGENT_LOG_LEVEL": "DEBUG"}

    with changed_settings(tmp_path, debug) as settings:
        up(settings)
        after = agent_pods()
        assert after
        assert not names(after) & before
        for pod in names(after):
            level = kubectl("exec", "-n", TENANT, pod, "--", "printenv", "AGENT_LOG_LEVEL").stdout
            assert level.strip() == "DEBUG"


def test_a_rotation_of_every_credential_fails_no_request(tmp_path: Path) -> None:
    def rotated(config: Object) -> None:
        config["agent-platform:credentials"]["generation"] = 1

    before = _login()
    with changed_settings(tmp_path, rotated) as settings:
        with under_load(clients=4, most=50_000) as load:
            eventually("the first answers", lambda: load.sent > 50)
            up(settings)
            sent = load.sent
            eventually("answers of the new pods", lambda: load.sent > sent + 200)
        assert _login() != before
    assert load.failed == 0, (load.outcomes, load.failures[:5])


def _login() -> str:
    pod = sorted(names(agent_pods()))[0]
    return kubectl("exec", "-n", TENANT, pod, "--", "printenv", "AGENT_DATABASE__USER").stdout


def test_a_killed_pod_comes_back_and_its_neighbour_answers_meanwhile() -> None:
    before = eventually("two pods", lambda: found if len(found := agent_pods()) >= 2 else None)
    victim = sorted(names(before))[0]
    kubectl("delete", "pod", "-n", TENANT, victim, "--grace-period=0", "--force")
    response = httpx.post(EXTRACT, json={"document": "Still there."}, timeout=30)
    assert response.status_code == httpx.codes.OK
    after = eventually("as many pods as before", lambda: len(agent_pods()) >= len(before))
    assert after
    assert victim not in names(agent_pods())


def test_a_setting_that_cannot_start_leaves_the_old_pods_serving_and_says_why(
    tmp_path: Path,
) -> None:
    before = names(agent_pods())

    def broken(config: Object) -> None:
        _agent(config)["environment"] = {"AGENT_LOG_LEVEL": "LOUD"}

    with changed_settings(tmp_path, broken) as settings:
        with pytest.raises(AssertionError) as failed:
            up(settings)
        assert "AGENT_LOG_LEVEL" in str(failed.value)
        assert names(agent_pods()) == before
        assert httpx.post(EXTRACT, json={"document": "On."}, timeout=30).is_success
    eventually("the settings of the repository again", lambda: len(agent_pods()) >= 2)


def test_the_autoscaler_adds_pods_under_real_load() -> None:
    (scaler,) = get("hpa", "-n", TENANT)
    lowest = scaler["spec"]["minReplicas"]
    with under_load(clients=16, most=200_000, document="Acme Corp. is great. " * 400) as load:
        eventually(
            f"more than {lowest} pods",
            lambda: len(agent_pods()) > lowest,
            seconds=360,
        )
    assert load.outcomes["200"] > 0
    deployment = json.loads(kubectl("get", "deployment", AGENT, "-n", TENANT, "-o", "json").stdout)
    assert deployment["spec"]["replicas"] <= scaler["spec"]["maxReplicas"]

"""e2e: what is stored stays stored, and nobody is let in without TLS and a password."""

import httpx2 as httpx
import pytest

from tests.e2e.platform import DOCUMENT, EDGE, EXTRACT, eventually, kubectl, pods

pytestmark = pytest.mark.e2e


def test_a_restarted_database_has_lost_no_result() -> None:
    stored = httpx.post(
        EXTRACT, json={"document": f"{DOCUMENT} Keep this."}, params={"mode": "async"}, timeout=30
    )
    assert stored.status_code == httpx.codes.ACCEPTED, stored.text
    place = f"{EDGE}{stored.headers['location'].removesuffix('/status')}"

    def result() -> str | None:
        answer = httpx.get(place, timeout=30)
        ended = answer.is_success and answer.json()["status"] == "success"
        return answer.text if ended else None

    before = eventually("the result", result, seconds=60)
    (server,) = pods("stores", "app.kubernetes.io/name=postgres")
    kubectl("delete", "pod", "-n", "stores", server["metadata"]["name"], "--wait=true")
    eventually(
        "another server", lambda: pods("stores", "app.kubernetes.io/name=postgres"), seconds=120
    )
    assert eventually("the result again", result, seconds=60) == before


def test_requests_are_answered_while_the_cache_is_away() -> None:
    kubectl("scale", "statefulset", "redis", "-n", "stores", "--replicas=0")
    try:
        eventually("no cache", lambda: not pods("stores", "app.kubernetes.io/name=redis"))
        response = httpx.post(EXTRACT, json={"document": "No cache today."}, timeout=30)
        assert response.status_code == httpx.codes.OK
    finally:
        kubectl("scale", "statefulset", "redis", "-n", "stores", "--replicas=1")
    eventually("the cache again", lambda: pods("stores", "app.kubernetes.io/name=redis"))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("sslmode=disable", "no encryption"),
        ("sslmode=require password=wrong", "password authentication failed"),
    ],
    ids=["without TLS", "with a wrong password"],
)
def test_the_database_refuses_a_connection(settings: str, reason: str) -> None:
    (server,) = pods("stores", "app.kubernetes.io/name=postgres")
    address = server["status"]["podIP"]
    answer = kubectl(
        "exec",
        "-n",
        "stores",
        server["metadata"]["name"],
        "--",
        "psql",
        f"host={address} user=postgres dbname=postgres {settings}",
        "-c",
        "SELECT 1",
        check=False,
    )
    assert answer.returncode != 0
    assert reason in answer.stderr

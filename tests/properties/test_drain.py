"""Properties: a balancer lets go of a pod neither too early nor too late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.edge.balancer.drain import (
    LAG_SECONDS,
    LIMIT_SECONDS,
    Kind,
    deregistration_delay,
)

kinds = st.sampled_from(sorted(LAG_SECONDS))
seconds = st.integers(0, 5000)


@given(kind=kinds, spare=seconds, drain=seconds)
def test_no_target_outlives_its_pod(kind: Kind, spare: int, drain: int) -> None:
    pre_stop = LAG_SECONDS[kind] + spare
    delay = deregistration_delay(kind, pre_stop_seconds=pre_stop, drain_seconds=drain)
    assert LAG_SECONDS[kind] + delay <= pre_stop + drain
    assert 0 <= delay <= LIMIT_SECONDS


@given(kind=kinds, spare=seconds, drain=seconds)
def test_no_answer_that_the_pod_still_gives_is_cut_off(kind: Kind, spare: int, drain: int) -> None:
    pre_stop = LAG_SECONDS[kind] + spare
    delay = deregistration_delay(kind, pre_stop_seconds=pre_stop, drain_seconds=drain)
    assert delay >= min(drain, LIMIT_SECONDS)
    assert delay == LIMIT_SECONDS or LAG_SECONDS[kind] + delay == pre_stop + drain


@given(kind=kinds, missing=st.integers(1, 15), drain=seconds)
def test_no_request_comes_to_a_port_that_is_closed(kind: Kind, missing: int, drain: int) -> None:
    lag = LAG_SECONDS[kind]
    with pytest.raises(ValueError, match=f"let their preStop hook wait {lag} s"):
        deregistration_delay(kind, pre_stop_seconds=lag - missing, drain_seconds=drain)

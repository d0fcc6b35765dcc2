"""How long a balancer waits for a pod that ends: arithmetic between its clock and the pod's.

A pod is told to end at second 0. Its address is taken out of the target group at once, but the
balancer goes on sending for up to `lag` seconds. The pod takes all of it for `pre_stop` seconds,
then closes its port and has `drain` seconds for what it still holds:

    0            lag       pre_stop                        pre_stop + drain
    |-- still sent --|         |                                   |
    |------ port open ---------|--- closed, answers what it has ---|
                     |----------- deregistration delay ------------|

The delay counts from `lag` and ends with the pod: `pre_stop + drain - lag`. A longer one would keep
a target whose address may belong to another pod by then; a shorter one would cut off answers that
the pod still gives. It takes `pre_stop >= lag`, or requests come to a port that is closed.
"""

from collections.abc import Mapping
from typing import Final, Literal

Kind = Literal["application", "network"]

LAG_SECONDS: Final[Mapping[Kind, int]] = {"application": 15, "network": 120}
"""How long a balancer may go on sending to a target that was taken out.

AWS promises no figure. Application: a few seconds are reported, with room left for the controller.
Network: two minutes whatever the delay is (aws-load-balancer-controller, issue 2366;
aws/containers-roadmap, issue 470).
"""
LIMIT_SECONDS: Final = 3600
"""Longest deregistration delay that AWS takes."""


def deregistration_delay(kind: Kind, *, pre_stop_seconds: int, drain_seconds: int) -> int:
    """Seconds a target of a balancer of this `kind` is drained. See the module for the arithmetic.

    Raises `ValueError` when the pod closes its port while the balancer may still be sending.
    """
    lag = LAG_SECONDS[kind]
    if pre_stop_seconds < lag:
        raise ValueError(
            f"the gateway's pods close {pre_stop_seconds} s after they are told to end, and a load "
            f"balancer of type {kind} may send to them for {lag} s: let their preStop hook wait "
            f"{lag} s or more (LAG_SECONDS)"
        )
    return min(pre_stop_seconds + drain_seconds - lag, LIMIT_SECONDS)

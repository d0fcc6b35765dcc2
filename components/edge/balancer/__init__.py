"""The way in from outside the cluster, on AWS: one load balancer in front of the gateway."""

from components.edge.balancer.backend import Backend
from components.edge.balancer.binding import READINESS_GATE
from components.edge.balancer.drain import LAG_SECONDS
from components.edge.balancer.load_balancer import LoadBalancer, LoadBalancerArgs
from components.edge.balancer.settings import BalancerSettings

__all__ = [
    "LAG_SECONDS",
    "READINESS_GATE",
    "Backend",
    "BalancerSettings",
    "LoadBalancer",
    "LoadBalancerArgs",
]

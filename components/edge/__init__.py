"""The way in: one gateway for every agent, and the routes through it."""

from components.edge.gateway import Gateway, GatewayArgs
from components.edge.route import Route, route
from components.edge.settings import GatewaySettings

__all__ = ["Gateway", "GatewayArgs", "GatewaySettings", "Route", "route"]

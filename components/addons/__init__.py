"""Add-ons of a production cluster: Helm releases at pinned versions, with values of our own."""

from components.addons.addons import Addons, AddonsArgs, Caller
from components.addons.charts import CHARTS, Addon, Chart
from components.addons.load_balancer_controller import controller_statements
from components.addons.network import Surroundings

__all__ = [
    "CHARTS",
    "Addon",
    "Addons",
    "AddonsArgs",
    "Caller",
    "Chart",
    "Surroundings",
    "controller_statements",
]

"""The agent runtime: what runs in an agent's pod."""

__version__ = "0.1.0"

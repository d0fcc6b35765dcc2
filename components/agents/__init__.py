"""The agent: one entry of the stack, and everything that follows from it."""

from components.agents.agent import Agent, AgentArgs
from components.agents.settings import AgentSettings

__all__ = ["Agent", "AgentArgs", "AgentSettings"]

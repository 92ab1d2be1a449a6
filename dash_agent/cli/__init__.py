"""The command line. Commands import what they need when they run: an `ask` must not pay for a server."""

from dash_agent.cli.app import run

__all__ = ["run"]

"""The HTTP server: our own routes on FastAPI. Read `app.py` first."""

from dash_agent.server.app import create_app
from dash_agent.server.auth import staff_of
from dash_agent.server.serving import serve

__all__ = ["create_app", "serve", "staff_of"]

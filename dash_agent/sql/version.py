"""What makes SQL of a plan."""

from __future__ import annotations

from typing import Final

import sqlglot

from dash_agent import __version__

ENGINE: Final = f"dash-agent {__version__}, sqlglot {getattr(sqlglot, '__version__', 'unknown')}"

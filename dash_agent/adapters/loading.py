"""Agno takes seconds to import, and its modules import each other: of two threads, one may meet half a module."""

from __future__ import annotations

from threading import Lock
from typing import Final

AGNO: Final = Lock()
"""Held by a thread that imports agno beside the others."""

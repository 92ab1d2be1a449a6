"""What all sessions of this process share: one `Running`, opened at the first look or by the server's start."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock

from dash_agent.bootstrap import Running, open_dash
from dash_agent.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class House:
    running: Running
    settings: Settings


_lock = Lock()
_stack = ExitStack()
_house: House | None = None


def house() -> House:
    """Opens it where it is not. Raises ContentError, WrongUse and Unavailable; the next call tries again."""
    global _house
    with _lock:
        if _house is None:
            settings = load_settings()
            running = _stack.enter_context(open_dash(settings, on_progress=lambda _: None))
            running.dash.warm_up()
            _house = House(running, settings)
        return _house


def use(given: House) -> None:
    """In place of opening one: a process that has a `Running` already."""
    global _house
    with _lock:
        _house = given


def close() -> None:
    global _house
    with _lock:
        _house = None
        _stack.close()

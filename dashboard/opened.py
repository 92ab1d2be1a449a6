"""What all sessions of this process share: one `Running`, opened at the first look or by the server's start."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from dash_agent.bootstrap import Running, open_dash
from dash_agent.settings import Settings, load_settings

if TYPE_CHECKING:
    from dash_agent.sending.steering import Steering


@dataclass(frozen=True, slots=True)
class House:
    running: Running
    settings: Settings


_lock = Lock()
_stack = ExitStack()
_house: House | None = None
_steering: tuple[House, Steering] | None = None


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


def steering(house: House) -> Steering:
    """One for the house, as it holds the lines that messages go out by. Made when somebody first needs it."""
    from dash_agent.worker.steering import steering_of

    global _steering
    with _lock:
        if _steering is None or _steering[0] is not house:
            _hang_up()
            _steering = house, steering_of(house.running, house.settings)
        return _steering[1]


def use(given: House) -> None:
    """In place of opening one: a process that has a `Running` already."""
    global _house
    with _lock:
        _house = given


def close() -> None:
    global _house
    with _lock:
        _hang_up()
        _house = None
        _stack.close()


def _hang_up() -> None:
    global _steering
    if _steering is not None:
        _steering[1].close()
    _steering = None

"""Vectors that were asked for last are not made again, and what is done once is done once."""

from __future__ import annotations

from collections.abc import Sequence

from dash_agent.ports import Vector
from support_agent.adapters.remembered import Remembered
from support_agent.wiring import Once


class Counting:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        self.asked += texts
        return tuple(Vector((float(len(text)),)) for text in texts)


def test_a_text_that_comes_again_is_not_embedded_again() -> None:
    counting = Counting()
    remembered = Remembered(counting)
    assert remembered.embed(("box", "pause")) == (Vector((3.0,)), Vector((5.0,)))
    assert remembered.embed(("pause", "box")) == (Vector((5.0,)), Vector((3.0,)))
    assert counting.asked == ["box", "pause"]


def test_the_one_that_was_not_asked_for_the_longest_is_forgotten() -> None:
    counting = Counting()
    remembered = Remembered(counting, most=2)
    remembered.embed(("a", "bb", "a", "ccc"))
    remembered.embed(("a",))
    assert counting.asked == ["a", "bb", "ccc"]
    remembered.embed(("bb",))
    assert counting.asked[-1] == "bb"


def test_what_is_done_once_is_done_once() -> None:
    done: list[int] = []
    once = Once(lambda: done.append(1))
    once()
    once()
    assert done == [1]

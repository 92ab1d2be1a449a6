"""What a reply may rest on."""

from __future__ import annotations

from dataclasses import dataclass, field

from support_agent.models import Customer


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a reply may rest on.

    language: of the dialogue. typed: all that the customer wrote in it. grounds: results of this turn's tools as texts
    (dates in ISO form) and the passages used. tracking, addresses: the identified customer's own. done: tools whose
    task was really done in this turn, by a grant. states: of subscriptions and boxes, as lookups told them.
    instructions: what the model was given. hosts: that links may lead to. secret: values that are secret now.
    """

    language: str
    customer: Customer | None = None
    typed: tuple[str, ...] = field(default=(), repr=False)
    grounds: tuple[str, ...] = field(default=(), repr=False)
    tracking: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    done: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    instructions: tuple[str, ...] = field(default=(), repr=False)
    hosts: frozenset[str] = frozenset()
    secret: tuple[str, ...] = field(default=(), repr=False)

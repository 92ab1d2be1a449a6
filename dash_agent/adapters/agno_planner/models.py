"""The models that may be asked, and their clients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from agno.models.base import Model

REST_S: Final = 60.0
"""A model that has just failed is asked after the others for so long, that not every question waits for it."""

LONGEST_REPLY: Final = 4_000
"""Tokens of a reply. A plan with a long statement is a thousand."""

NO_KEY: Final = "none"
"""What a server that wants no key is sent."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the providers are reached. timeout_s: of one call. URLs: None for the provider's own."""

    openai_key: str | None = None
    openai_url: str | None = None
    anthropic_key: str | None = None
    anthropic_url: str | None = None
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Choice:
    """provider: openai or anthropic. name: as the provider knows it."""

    provider: str
    name: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


@dataclass(slots=True)
class Models:
    """Makes models, in the order that they are to be asked. Thread-safe.

    effort: of reasoning, in OpenAI's words: none, low, medium, high; None leaves it to the model.
    """

    choices: Sequence[Choice]
    access: Access
    effort: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict)
    _resting: dict[Choice, float] = field(default_factory=dict)
    _closed: dict[Choice, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def in_order(self) -> tuple[Choice, ...]:
        """As configured, those that failed lately last."""
        now = monotonic()
        return tuple(sorted(self.choices, key=lambda choice: now < self._resting.get(choice, 0.0)))

    def in_turn(self) -> Iterator[Choice]:
        """In order, until the caller has what it wants. A model whose provider said when to come again is not asked
        before; where no other one is left, the first to be open is waited for, as long as one call may take.
        """
        for choice in self.in_order():
            if not self.closed_s(choice):
                yield choice
        waits = [(wait, choice) for choice in self.choices if (wait := self.closed_s(choice))]
        wait, soonest = min(waits, key=itemgetter(0), default=(0.0, None))
        if soonest is not None and wait <= self.access.timeout_s:
            sleep(wait)
            yield soonest

    def closed_s(self, choice: Choice) -> float:
        """Seconds for which its provider does not want to be asked."""
        return max(0.0, self._closed.get(choice, 0.0) - monotonic())

    def failed(self, choice: Choice, retry_after: float | None = None) -> None:
        """retry_after: seconds, where the provider named them."""
        now = monotonic()
        self._resting[choice] = now + REST_S
        if retry_after is not None:
            self._closed[choice] = now + retry_after

    def worked(self, choice: Choice) -> None:
        self._resting.pop(choice, None)
        self._closed.pop(choice, None)

    def build_model(self, choice: Choice) -> Model:
        """A model for one run, which changes it; the client behind it, with its connections, is shared.

        It is called once: whether the next one is asked instead is decided outside.
        """
        if choice.provider == "anthropic":
            from agno.models.anthropic import Claude

            return Claude(id=choice.name, client=self._client("anthropic"), max_tokens=LONGEST_REPLY)
        if self.access.openai_url is None:
            from agno.models.openai import OpenAIChat

            return OpenAIChat(
                id=choice.name,
                client=self._client("openai"),
                max_completion_tokens=LONGEST_REPLY,
                reasoning_effort=self.effort,
            )
        from agno.models.openai.like import OpenAILike

        # Compatible servers know the older names: the role 'system', and 'max_tokens'.
        effort = None if self.effort == "none" else self.effort
        return OpenAILike(
            id=choice.name, client=self._client("openai"), max_tokens=LONGEST_REPLY, reasoning_effort=effort
        )

    def _client(self, provider: str) -> Any:
        with self._lock:
            if provider not in self._clients:
                self._clients[provider] = self._anthropic() if provider == "anthropic" else self._openai()
            return self._clients[provider]

    def _openai(self) -> object:
        from openai import OpenAI

        access = self.access
        return OpenAI(
            api_key=access.openai_key or NO_KEY,
            base_url=access.openai_url,
            timeout=access.timeout_s,
            max_retries=0,
        )

    def _anthropic(self) -> object:
        from anthropic import Anthropic

        access = self.access
        return Anthropic(
            api_key=access.anthropic_key, base_url=access.anthropic_url, timeout=access.timeout_s, max_retries=0
        )

"""The models that may be asked, and their clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
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
    """Makes models, in the order that they are to be asked. Thread-safe."""

    choices: Sequence[Choice]
    access: Access
    _clients: dict[str, Any] = field(default_factory=dict)
    _resting: dict[Choice, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def in_order(self) -> tuple[Choice, ...]:
        """As configured, those that failed lately last."""
        now = monotonic()
        return tuple(sorted(self.choices, key=lambda choice: now < self._resting.get(choice, 0.0)))

    def failed(self, choice: Choice) -> None:
        self._resting[choice] = monotonic() + REST_S

    def worked(self, choice: Choice) -> None:
        self._resting.pop(choice, None)

    def build_model(self, choice: Choice) -> Model:
        """A model for one run, which changes it; the client behind it, with its connections, is shared.

        It is called once: whether the next one is asked instead is decided outside.
        """
        if choice.provider == "anthropic":
            from agno.models.anthropic import Claude

            return Claude(id=choice.name, client=self._client("anthropic"), max_tokens=LONGEST_REPLY)
        if self.access.openai_url is None:
            from agno.models.openai import OpenAIChat

            return OpenAIChat(id=choice.name, client=self._client("openai"), max_completion_tokens=LONGEST_REPLY)
        from agno.models.openai.like import OpenAILike

        # Compatible servers know the older names: the role 'system', and 'max_tokens'.
        return OpenAILike(id=choice.name, client=self._client("openai"), max_tokens=LONGEST_REPLY)

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

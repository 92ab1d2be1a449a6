"""The models of a brain, by category. Agno is imported where a model is configured, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from dash_agent.models.usage import Usage
from dash_agent.ports import Clock
from dash_agent.settings import Settings
from support_agent.categories import Categories, CategoryEntry
from support_agent.ports import Brain


def modelled_brain(settings: Settings, categories: Categories, clock: Clock) -> Brain | None:
    """A model's, where one is configured."""
    if not settings.models:
        return None
    from dash_agent.adapters.agno_planner.models import Access, Choice, Models
    from support_agent.adapters.agno_brain import AgnoBrain

    access = Access(
        _secret(settings.openai_api_key),
        settings.openai_base_url,
        _secret(settings.anthropic_api_key),
        timeout_s=settings.model_timeout,
    )
    usual = tuple(Choice(provider, name) for provider, name in settings.models)
    reachable = {choice.provider for choice in usual}

    def models(entry: CategoryEntry) -> Models:
        provider, _, name = (entry.model or "").partition(":")
        own = (Choice(provider, name),) if provider in reachable and settings.model is None else ()
        return Models((*own, *(choice for choice in usual if choice not in own)), access, entry.effort)

    common = Models(usual, access)
    by_category = {name: models(entry) for name, entry in categories.by_name.items()}
    return AgnoBrain(lambda category: by_category.get(category, common), _costs(settings, clock))


def _costs(settings: Settings, clock: Clock) -> Callable[[Usage], Decimal]:
    from dash_agent.context.files import read_json
    from dash_agent.context.prices import PRICES, PricesFile, priced

    found = read_json(settings.content_dir, PRICES, PricesFile)
    prices = found.value.prices if found.value is not None else []
    zone = ZoneInfo(settings.timezone)

    def cost(usage: Usage) -> Decimal:
        plain = replace(usage, model=usage.model.partition(":")[2] or usage.model) if usage.model else usage
        return priced(prices, plain, clock.now().astimezone(zone).date()).cost_usd

    return cost


def _secret(given: SecretStr | None) -> str | None:
    return given.get_secret_value() if given is not None else None

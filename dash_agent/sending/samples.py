"""An alert as it would look, with numbers that nobody counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dash_agent.context.alerts import Alert as Rule
from dash_agent.models.alarm import TellingKind
from dash_agent.models.alert import Cause, Finding
from dash_agent.models.message import Message
from dash_agent.models.principal import ScopeFilter
from dash_agent.reports.alert_render import as_test, message, telling, verdict_buttons
from dash_agent.sending.alarms import Alarms


def sample(alarms: Alarms, rule: Rule, language: str) -> Message:
    """For a chat, marked as a test, with buttons that note nothing."""
    told = telling(alarms.dash().wording(language), rule, _cause(alarms, rule), TellingKind.FIRST, (), alarms.link)
    return message(replace(as_test(told), buttons=verdict_buttons(language, 0)), "telegram", "")


def _cause(alarms: Alarms, rule: Rule) -> Cause:
    end = alarms.clock.now().astimezone(alarms.zone).replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=1 if rule.window == "hour" else 24)
    bound = rule.above if rule.above is not None else rule.below
    usual = None if bound is not None or rule.kind != "anomaly" else 20.0
    observed = 50.0 if bound is None else bound * (2.0 if rule.above is not None else 0.5)
    return Cause(
        Finding(
            rule=rule.name,
            metric=rule.metrics[0] if rule.metrics else "",
            segment=_segment(alarms, rule),
            since=start,
            start=start,
            end=end,
            observed=observed,
            expected=usual,
            sample=max(rule.min_sample, 100),
            p=None if usual is None else 0.0005,
        )
    )


def _segment(alarms: Alarms, rule: Rule) -> tuple[ScopeFilter, ...]:
    """The first known value of what it is split by."""
    values = (one for name in rule.by for one in alarms.dash().catalog.values if one.dimension == name)
    return tuple(ScopeFilter(one.dimension, (one.value,)) for one in values if isinstance(one.value, str))[:1]

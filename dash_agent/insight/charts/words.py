"""What charts say by themselves, by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.insight.messages import FALLBACK
from dash_agent.models.answer import ChartKind

ENGLISH: Final[Mapping[str, str]] = {
    "by": "{label} by {split}",
    "and": " and ",
    "change": "{label}, change",
    "share": "{label}, share",
    "against": "{period}, against {compare}",
    "first_of": "the first {shown} of {all}",
    "first_groups": "{split}: the first {shown} of {all}",
    "first_measures": "the first {shown} of {all} figures",
    "only_measure": "only “{label}” is drawn",
    "dashed": "dashed: not whole",
    "not_whole": "not whole",
    "cut": "there are more rows than were read",
    "target": "target {value}",
    "marks": "strokes: targets",
    "before": "before {value}",
    "points": " points",
    "alt": "{kind}. {title}. {notes}",
    "alt_ends": "Highest: {high} ({first}); lowest: {low} ({last}).",
    "alt_one": "{value}, before {previous}.",
    ChartKind.NUMBER: "One number with its change",
    ChartKind.LINE: "Line chart",
    ChartKind.BAR: "Bar chart",
    ChartKind.GROUPED: "Grouped bar chart",
    ChartKind.MULTIPLES: "Small charts side by side",
    ChartKind.FUNNEL: "Funnel",
    ChartKind.HEATMAP: "Heat map",
    "grain.hour": "hour",
    "grain.day": "day",
    "grain.week": "week",
    "grain.month": "month",
    "grain.quarter": "quarter",
    "grain.year": "year",
    "grain.weekday": "weekday",
    "grain.hour_of_day": "hour of the day",
}

RUSSIAN: Final[Mapping[str, str]] = {
    "by": "{label}: {split}",
    "and": ", ",
    "change": "{label}, изменение",
    "share": "{label}, доля",
    "against": "{period}, для сравнения {compare}",
    "first_of": "первые {shown} из {all}",
    "first_groups": "{split}: первые {shown} из {all}",
    "first_measures": "первые {shown} из {all} показателей",
    "only_measure": "нарисован только показатель «{label}»",
    "dashed": "пунктир: не целиком",
    "not_whole": "не целиком",
    "cut": "прочитаны не все строки",
    "target": "цель {value}",
    "marks": "чёрточки: цели",
    "before": "было {value}",
    "points": " п. п.",
    "alt": "{kind}. {title}. {notes}",
    "alt_ends": "Больше всего: {high} ({first}); меньше всего: {low} ({last}).",
    "alt_one": "{value}, раньше {previous}.",
    ChartKind.NUMBER: "Число и его изменение",
    ChartKind.LINE: "Линейный график",
    ChartKind.BAR: "Столбчатая диаграмма",
    ChartKind.GROUPED: "Столбчатая диаграмма с группами",
    ChartKind.MULTIPLES: "Несколько малых графиков",
    ChartKind.FUNNEL: "Воронка",
    ChartKind.HEATMAP: "Тепловая карта",
    "grain.hour": "по часам",
    "grain.day": "по дням",
    "grain.week": "по неделям",
    "grain.month": "по месяцам",
    "grain.quarter": "по кварталам",
    "grain.year": "по годам",
    "grain.weekday": "по дням недели",
    "grain.hour_of_day": "по часам суток",
}

WORDS: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "ru": RUSSIAN}


def said(language: str, key: str, **values: object) -> str:
    """Raises KeyError for a key that no language has."""
    return WORDS.get(language, WORDS[FALLBACK])[key].format(**values)

"""What a digest says by itself, by language. Plural forms are keyed by CLDR category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.insight.messages import locale

ENGLISH: Final[Mapping[str, str]] = {
    "metrics": "Key figures",
    "movers": "What moved, and why",
    "funnel": "Funnel",
    "stuck": "Stuck now",
    "ai_and_people": "AI and people",
    "cost": "AI cost",
    "readiness": "Ready to be sent without a review",
    "approvals": "Waiting for a decision",
    "question": "Asked each time",
    "restated": "Corrected since the last one",
    "compared": "Held against: {period}",
    "as_of": "As of {moment}",
    "narrowed": "Only {rows}",
    "no_change": "no change",
    "target_met": "target {target} met",
    "target_missed": "target {target} missed",
    "target_open": "target {target}",
    "nothing_moved": "Nothing differs from the period before by more than it usually swings.",
    "better": "better",
    "worse": "worse",
    "share_of_all": "{count} ({share})",
    "hours.one": "For more than {count} hour",
    "hours.other": "For more than {count} hours",
    "ticket": "#{id}, {category}, {urgency}: {age}, {owner}",
    "nobody": "nobody has it",
    "and_more.one": "and {count} more",
    "and_more.other": "and {count} more",
    "nothing_stuck": "Nothing is stuck.",
    "weakest": "Weakest: {category}, where the AI wins {rate} of {count} comparisons",
    "by_model": "{cost}, {share} of it all",
    "ready_count": "{ready} of {all} categories",
    "ready_list": "Ready: {names}",
    "nearest": "Next: {name}, which misses {missed}",
    "was_now": "{label}, {period}: {now} instead of {was} ({causes})",
    "cause.data": "data came or changed later",
    "cause.definition": "its definition was changed",
    "cause.engine": "it is counted by a newer version",
    "cause.scope": "other rows are counted",
    "cause.plan": "it is counted otherwise",
    "cause.unknown": "nobody can tell why any more",
    "not_counted": "Not counted: {reason}",
    "link": "The same in the dashboard",
    "no_pictures": "Without charts: {reason}",
    "withheld": "{title}, {period}: held back, as the data is not right.",
    "withheld_follows": "It follows when that is mended.",
    "test": "Test: {title}",
    "picture": "{label}, {period}",
    "funnel_of": "Funnel, {period}",
    "caveats": "To be known",
}
RUSSIAN: Final[Mapping[str, str]] = {
    "metrics": "Главные показатели",
    "movers": "Что изменилось и почему",
    "funnel": "Воронка",
    "stuck": "Застряло сейчас",
    "ai_and_people": "AI и люди",
    "cost": "Затраты на AI",
    "readiness": "Готовы к отправке без проверки",
    "approvals": "Ждут решения",
    "question": "Постоянный вопрос",
    "restated": "Исправлено с прошлого раза",
    "compared": "Для сравнения: {period}",
    "as_of": "Данные на {moment}",
    "narrowed": "Только {rows}",
    "no_change": "без изменений",
    "target_met": "цель {target} выполнена",
    "target_missed": "цель {target} не выполнена",
    "target_open": "цель {target}",
    "nothing_moved": "Ничто не отличается от предыдущего периода сильнее обычных колебаний.",
    "better": "лучше",
    "worse": "хуже",
    "share_of_all": "{count} ({share})",
    "hours.one": "Дольше {count} часа",
    "hours.few": "Дольше {count} часов",
    "hours.many": "Дольше {count} часов",
    "hours.other": "Дольше {count} часа",
    "ticket": "№{id}, {category}, {urgency}: {age}, {owner}",
    "nobody": "ни у кого",
    "and_more.one": "и ещё {count}",
    "and_more.other": "и ещё {count}",
    "nothing_stuck": "Ничего не застряло.",
    "weakest": "Слабее всего: {category}, доля побед AI {rate}, сравнений: {count}",
    "by_model": "{cost}, {share} от всего",
    "ready_count": "{ready} из {all} категорий",
    "ready_list": "Готовы: {names}",
    "nearest": "Ближе всех: {name}, не хватает: {missed}",
    "was_now": "{label}, {period}: {now} вместо {was} ({causes})",
    "cause.data": "данные пришли или изменились позже",
    "cause.definition": "изменилось определение",
    "cause.engine": "считает новая версия",
    "cause.scope": "считаются другие строки",
    "cause.plan": "считается иначе",
    "cause.unknown": "почему – уже не узнать",
    "not_counted": "Не посчитано: {reason}",
    "link": "То же самое на дашборде",
    "no_pictures": "Без графиков: {reason}",
    "withheld": "{title}, {period}: придержано, с данными что-то не так.",
    "withheld_follows": "Придёт, когда данные поправят.",
    "test": "Проверка: {title}",
    "picture": "{label}, {period}",
    "funnel_of": "Воронка, {period}",
    "caveats": "Что важно знать",
}
MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "ru": RUSSIAN}


def tell(language: str, key: str, **values: object) -> str:
    """Raises KeyError for a text that there is none of."""
    return MESSAGES.get(language, ENGLISH)[key].format(**values)


def counted(language: str, key: str, count: int) -> str:
    """A text whose form depends on a number."""
    texts = MESSAGES.get(language, ENGLISH)
    form = locale(language).plural_form(count)
    return texts.get(f"{key}.{form}", texts[f"{key}.other"]).format(count=count)

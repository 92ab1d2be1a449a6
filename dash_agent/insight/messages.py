"""Every sentence that the product says by itself, by language. Plural forms are keyed by CLDR category."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from babel import Locale

from dash_agent.models.plan import AskBack, Assumption, RefusalReason
from dash_agent.models.query import Op

FALLBACK: Final = "en"

ENGLISH: Final[Mapping[str, str]] = {
    "value": "{label}: {value}{narrowed}, {period}.",
    "value_now": "{label}: {value}{narrowed}, as of {period}.",
    "compared": "{label}: {value}{narrowed}, {period}, against {previous} for {compare} ({change}).",
    "no_value": "{label}: there is nothing to count{narrowed}, {period}.",
    "groups": "{label} by {split}{narrowed}, {period}: {first} comes first with {value}.",
    "group_last": "{label} by {split}{narrowed}, {period}: from {value} ({first}) to {low} ({last}).",
    "series": "{label} by {split}{narrowed}, {period}: the highest is {value} ({first}), the lowest {low} ({last}).",
    "part": "{label}: {share} of all{narrowed}, {period} ({value}).",
    "share": "{first}: {share} of the whole, {period} ({label}: {value}).",
    "several": "{items}{narrowed}, {period}.",
    "rows": "{label}: {rows}.",
    "rows_none": "{label}: none.",
    "none": "Nothing matches{narrowed}, {period}.",
    "unknown_group": "not known",
    "points": "{value} points",
    "narrowed": " ({items})",
    "not": "without {items}",
    Op.IS_NULL: "{label}: not known",
    Op.NOT_NULL: "{label}: known",
    "by_now": "now, {moment}",
    "today_not_over": "The period runs up to now: its last day is not over.",
    "partial": "Not whole, cut by the period's edge: {items}.",
    "not_begun": "This period has not begun yet.",
    "truncated": "Only the first {count} rows are shown; there are more.",
    "previous_of": "{label}, before",
    "change_of": "{label}, change",
    "share_of": "{label}, share",
    "rows.one": "{count} row",
    "rows.other": "{count} rows",
    "mended": "“{said}” was read as “{known}”.",
    f"assumed.{Assumption.DEFAULT_PERIOD}": "No period was given: {period}.",
    f"assumed.{Assumption.TREND_INCLUDES_CURRENT}": "The current period so far is shown after the whole ones.",
    f"assumed.{Assumption.BY_CREATION}": "Counted by the day the ticket was created.",
    f"assumed.{Assumption.SAME_SPAN}": "The period is unfinished, so the same span of the earlier one is compared.",
    f"assumed.{Assumption.STATE_OF_NOW}": "A state of now: the period narrows by creation.",
    f"assumed.{Assumption.LEFT_ASIDE}": "The opening words were taken as an introduction and left aside.",
    f"assumed.{Assumption.PERIOD_BEFORE}": "Compared with the span right before, as no other was named.",
    f"refused.{RefusalReason.EMPTY}": "There is no question here. Ask one, for example as below.",
    f"refused.{RefusalReason.TOO_LONG}": "The question is too long. Ask in up to 1,000 characters.",
    f"refused.{RefusalReason.UNREADABLE}": "The question is not readable text. Type it in letters.",
    f"refused.{RefusalReason.WRITE}": "I only read data and change nothing: “{words}” asks for a change.",
    f"refused.{RefusalReason.PERSONAL}": "Personal data is not shown in answers: “{words}”.",
    f"refused.{RefusalReason.INSTRUCTION}": "I answer questions about the data and keep my rules: “{words}”.",
    f"refused.{RefusalReason.NO_SUCH_DATA}": "The data does not hold this: “{words}”.",
    f"refused.{RefusalReason.NOT_SUPPORTED}": "I can't take this into account yet: “{words}”. I'd rather not guess.",
    f"clarify.{AskBack.NO_METRIC}": "Which figure do you want to see? For example:",
    f"clarify.{AskBack.NO_CRITERION}": "Best or most by which figure? For example:",
    f"clarify.{AskBack.NO_SUBJECT}": "What should be compared or ranked? For example:",
    f"clarify.{AskBack.NOTHING_TO_FOLLOW}": "There is no earlier question to go on from. Ask in full, for example:",
    f"clarify.{AskBack.AMBIGUOUS}": "“{words}” can mean more than one thing here. Which do you mean?",
    f"clarify.{AskBack.GREETING}": "Hello! Ask me about tickets, AI answers, subscriptions or deliveries. For example:",
    f"clarify.{AskBack.THANKS}": "You are welcome. You could go on with:",
    f"clarify.{AskBack.HELP}": "I answer questions about the support desk with numbers and lists. For example:",
    "error": "The question was understood, but the query did not finish: {message}.",
    "scope": "You see only the rows with {items}.",
    "out_of_scope": "You see rows by {dimensions}; “{table}” has no {lacking}, so it is out of your reach.",
    "yes": "yes",
    "no": "no",
    "heading.choices": "Choices",
    "heading.suggestions": "You could ask",
    "heading.assumed": "Assumed",
    "heading.caveats": "Note",
    "heading.sources": "Rests on",
    "heading.reading": "Read as",
    "heading.plan": "Plan",
    "more_rows": "… {count} more rows; --json prints all",
    "grain.hour": "hour",
    "grain.day": "day",
    "grain.week": "week",
    "grain.month": "month",
    "grain.quarter": "quarter",
    "grain.year": "year",
    "grain.weekday": "day of the week",
    "grain.hour_of_day": "hour of the day",
}

RUSSIAN: Final[Mapping[str, str]] = {
    "value": "{label}: {value}{narrowed}, {period}.",
    "value_now": "{label}: {value}{narrowed}, на {period}.",
    "compared": "{label}: {value}{narrowed}, {period}; было {previous} за {compare} ({change}).",
    "no_value": "{label}: считать не из чего{narrowed}, {period}.",
    "groups": "{label}, разрез «{split}»{narrowed}, {period}: на первом месте {first} — {value}.",
    "group_last": "{label}, разрез «{split}»{narrowed}, {period}: от {value} ({first}) до {low} ({last}).",
    "series": "{label}, разрез «{split}»{narrowed}, {period}: максимум {value} ({first}), минимум {low} ({last}).",
    "part": "{label}: {share} от всех{narrowed}, {period} ({value}).",
    "share": "{first}: {share} от целого, {period} ({label}: {value}).",
    "several": "{items}{narrowed}, {period}.",
    "rows": "{label}: {rows}.",
    "rows_none": "{label}: нет.",
    "none": "Под условия ничего не подходит{narrowed}, {period}.",
    "unknown_group": "не указано",
    "points": "{value} п. п.",
    "narrowed": " ({items})",
    "not": "кроме: {items}",
    Op.IS_NULL: "{label}: не указано",
    Op.NOT_NULL: "{label}: указано",
    "by_now": "сейчас, {moment}",
    "today_not_over": "Период идёт до текущего момента: последний день ещё не закончился.",
    "partial": "Неполные, обрезаны границей периода: {items}.",
    "not_begun": "Этот период ещё не начался.",
    "truncated": "Показаны только первые строки ({count}), есть ещё.",
    "previous_of": "{label}, раньше",
    "change_of": "{label}, изменение",
    "share_of": "{label}, доля",
    "rows.one": "{count} строка",
    "rows.few": "{count} строки",
    "rows.many": "{count} строк",
    "rows.other": "{count} строки",
    "mended": "«{said}» прочитано как «{known}».",
    f"assumed.{Assumption.DEFAULT_PERIOD}": "Период не указан: {period}.",
    f"assumed.{Assumption.TREND_INCLUDES_CURRENT}": "После целых периодов показан текущий, ещё не законченный.",
    f"assumed.{Assumption.BY_CREATION}": "Считается по дате создания тикета.",
    f"assumed.{Assumption.SAME_SPAN}": "Период не закончен, поэтому сравнивается такой же отрезок предыдущего.",
    f"assumed.{Assumption.STATE_OF_NOW}": "Это состояние на сейчас: период ограничивает дату создания.",
    f"assumed.{Assumption.LEFT_ASIDE}": "Начало вопроса понято как вступление и не учтено.",
    f"assumed.{Assumption.PERIOD_BEFORE}": "Другой период не назван, поэтому сравнивается с предыдущим такой же длины.",
    f"refused.{RefusalReason.EMPTY}": "Здесь нет вопроса. Задайте его, например, как ниже.",
    f"refused.{RefusalReason.TOO_LONG}": "Вопрос слишком длинный. Уложитесь в 1000 знаков.",
    f"refused.{RefusalReason.UNREADABLE}": "Вопрос не читается как текст. Наберите его буквами.",
    f"refused.{RefusalReason.WRITE}": "Я только читаю данные и ничего не меняю: «{words}» — это просьба изменить.",
    f"refused.{RefusalReason.PERSONAL}": "Персональные данные в ответах не показываются: «{words}».",
    f"refused.{RefusalReason.INSTRUCTION}": "Я отвечаю на вопросы о данных и держусь своих правил: «{words}».",
    f"refused.{RefusalReason.NO_SUCH_DATA}": "Таких данных нет: «{words}».",
    f"refused.{RefusalReason.NOT_SUPPORTED}": "Пока не умею это учесть: «{words}». Гадать не буду.",
    f"clarify.{AskBack.NO_METRIC}": "Какой показатель вы хотите увидеть? Например:",
    f"clarify.{AskBack.NO_CRITERION}": "Лучший по какому показателю? Например:",
    f"clarify.{AskBack.NO_SUBJECT}": "Что сравнить или упорядочить? Например:",
    f"clarify.{AskBack.NOTHING_TO_FOLLOW}": "Нет вопроса, который можно продолжить. Спросите целиком, например:",
    f"clarify.{AskBack.AMBIGUOUS}": "«{words}» здесь может значить разное. Что вы имеете в виду?",
    f"clarify.{AskBack.GREETING}": "Здравствуйте! Спросите о тикетах, ответах AI, подписках или доставке. Например:",
    f"clarify.{AskBack.THANKS}": "Пожалуйста! Можно продолжить так:",
    f"clarify.{AskBack.HELP}": "Я отвечаю на вопросы о поддержке числами и списками. Например:",
    "error": "Вопрос понятен, но запрос не завершился: {message}.",
    "scope": "Вам видны только строки, где {items}.",
    "out_of_scope": "Вам видны строки по полю {dimensions}; у «{table}» нет {lacking}, поэтому они вам недоступны.",
    "yes": "да",
    "no": "нет",
    "heading.choices": "Варианты",
    "heading.suggestions": "Можно спросить",
    "heading.assumed": "Принято",
    "heading.caveats": "Учтите",
    "heading.sources": "Основано на",
    "heading.reading": "Понято так",
    "heading.plan": "План",
    "more_rows": "… и ещё строк: {count}; все выводит --json",
    "grain.hour": "час",
    "grain.day": "день",
    "grain.week": "неделя",
    "grain.month": "месяц",
    "grain.quarter": "квартал",
    "grain.year": "год",
    "grain.weekday": "день недели",
    "grain.hour_of_day": "час суток",
}

MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": ENGLISH, "ru": RUSSIAN}


def say(language: str, key: str, **values: object) -> str:
    """A message in a language. Raises KeyError for a key that no language has."""
    text = MESSAGES.get(language, ENGLISH)[key].format(**values)
    # A date may end in a full stop of its own ("2026 г."), which is the sentence's as well.
    return text[:-1] if text.endswith("..") else text


def counted(language: str, key: str, count: int) -> str:
    """A message whose form depends on a number, such as '21 строка'."""
    form = locale(language).plural_form(count)
    messages = MESSAGES.get(language, ENGLISH)
    return messages.get(f"{key}.{form}", messages[f"{key}.other"]).format(count=count)


@lru_cache(maxsize=8)
def locale(language: str) -> Locale:
    return Locale(language if language in MESSAGES else FALLBACK)

"""Reasons in a reader's language. In English they are said as they came up; here are the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dash_agent.models.reason import reason_of

RUSSIAN: Final[Mapping[str, str]] = {
    "data": "данные опоздали или в них ошибка",
    "no_token": "TELEGRAM_BOT_TOKEN не задан",
    "no_way": "отправлять через «{channel}» здесь не настроено",
    "no_chat": "в TELEGRAM_CHAT_IDS нет чата «{chat}»",
    "chat_left": "чат {chat} больше не принимает сообщений этого бота: «{said}»",
    "chat_moved": "группа {chat} теперь {now}; укажите новый id",
    "telegram_refused": "Telegram отказал ({method}, чат {chat}): «{said}»",
    "telegram_full": "Telegram ничего не принимает для чата {chat} ещё {seconds} с",
    "telegram_unreachable": "до Telegram не достучаться ({kind}); проверьте TELEGRAM_API_BASE",
    "telegram_broke_off": "связь с Telegram оборвалась ({kind}); сообщение могло дойти",
    "telegram_failed": "сбой Telegram ({status}); сообщение могло дойти",
    "no_bot_api": "по адресу TELEGRAM_API_BASE отвечает не Bot API ({status})",
    "unknown_bot": "Telegram не знает этого бота; укажите в TELEGRAM_BOT_TOKEN то, что выдал @BotFather",
    "mail_broke_off": "почтовый сервер {server} оборвал связь; письмо могло дойти",
    "mail_refused": "почтовый сервер {server} не принял письмо ({kind}); проверьте SMTP_URL",
    "mail_in_the_clear": "почтовый сервер {server} принял бы пароль открытым текстом; используйте smtps://",
    "mail_head": "такой заголовок у письма невозможен",
    "file_not_written": "не удалось записать {file}",
    "cut_off": "отправка началась раньше и оборвалась; сообщение могло дойти. Проверьте там и повторите вручную",
    "overtaken": "к моменту отправки это уже прошло",
    "no_digest": "такой рассылки больше нет",
    "digest_wrong": "в описании рассылки ошибка: {said}",
    "unchanged": "все числа те же, что за {period}",
    "no_metric": "метрики «{metric}» больше нет",
    "no_browser": "для картинок нужен Chromium или Chrome, а его нет",
    "browser_missing": "DASH_BROWSER: файла {file} нет",
    "browser_failed": "браузер не нарисовал картинку",
    "no_package": "для картинок не установлен пакет {package}",
    "broke": "внутренняя ошибка ({kind}); подробности в журнале",
    # Of errors that say no more than what they are.
    "query_error": "запрос к базе не удался",
    "query_failed": "база ответила ошибкой на запрос",
    "query_timeout": "запрос шёл дольше, чем ему разрешено",
    "query_too_expensive": "запрос слишком дорог",
    "unsafe_sql": "запрос не допущен к базе",
    "out_of_scope": "этих строк в отведённой части данных не посчитать",
    "warehouse_unavailable": "база данных недоступна",
    "disk_full": "на диске базы данных нет места",
    "wrong_schema": "таблицы базы не те, что нужны этой версии",
    "unavailable": "сервис недоступен",
    "unknown_name": "имени из описания больше нет",
    "wrong_use": "так это не посчитать",
    "not_sent": "отправить не удалось",
    "turned_away": "адресат сообщений не принимает",
    "bad_credentials": "доступ не подошёл",
    "in_doubt": "неизвестно, дошло ли сообщение",
}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {"ru": RUSSIAN}


def reason_told(language: str, kept: str) -> str:
    """A reason as it is kept, worded. One that has no words in this language is told as it came up."""
    reason = reason_of(kept)
    if language in reason.words:
        return reason.words[language]
    text = WORDS.get(language, {}).get(reason.code)
    if text is None:
        return reason.said
    try:
        return text.format(**{"said": reason.said, **reason.values})
    except KeyError:
        return reason.said

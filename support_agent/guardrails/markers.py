"""Marks of a made-up message: what only a program writes, and nobody who asks for a box.

Searched in the plain form; wrappers are found wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from support_agent.guardrails.rules import Finding

_WHO: Final = (
    r"who|whose|whom|names?|addresses|emails?|e-mails?|customers?|people|кто|кем|чьи|чей|имена|адреса|клиент\w*|מי|של מי|שמות|כתובות|לקוחות"  # noqa: E501
    r"|quienes|quien|nombres|direcciones|clientes?|qui|noms|adresses|clients?|wer|wem|wessen|namen|adressen|kunden?"
)
_NUMBERED: Final = (
    r"orders?|order numbers?|customers?|accounts?|tickets?|ids?|заказ\w*|номер\w*|клиент\w*|הזמנות|הזמנה|לקוחות|מספרים|pedidos?|clientes?|cuentas?"  # noqa: E501
    r"|commandes?|clients?|comptes?|bestellung\w*|kunden\w*|konten|nummern?"
)
_MY: Final = r"my|mine|me|i|i'm|we|our|мо[йяеёи]\w*|меня|мне|у меня|я|наш\w*|שלי|אני|שלנו|mi|mis|mia|mio|soy|mon|ma|mes|je|j'ai|mein\w*|ich|unser\w*"  # noqa: E501
_A_CUSTOMER: Final = (
    r"a customer|a client|a subscriber|customer of|client of|subscribed|registered|has an account|have an account|in your (?:system|database)|a member"  # noqa: E501
    r"|(?:ваш\w*\s+)?клиент\w*|подписчи\w*|подписан\w*|зарегистрирован\w*|в вашей базе|לקוח\w*|מנוי\w*|רשומ?\w*|(?:es\s+)?client[ea]|suscriptor\w*|suscrit[oa]"  # noqa: E501
    r"|registrad[oa]|tiene cuenta|client\w*|abonne\w*|inscrite?|a un compte|kund\w+|abonnent\w*|registriert|angemeldet|ein konto"  # noqa: E501
)

_PUT_IN: Final = (
    r"insert|embed|include|append|render|display|put|fill|replace|вставь|добавь|приложи|подставь|покажи|допиши|inserta|incluye|anade|pon|muestra"
    r"|insere|ajoute|mets|affiche|fuge|binde|hang|setz|zeig|הוסף|תוסיף|שלב|תשלב|הצג|תציג"
)
_MARKS: Final = (
    (
        "instructions",
        "A message of the system or of a tool that a customer typed.",
        r"<\|?\s*/?\s*(?:im_start|im_end|system|assistant|developer|endoftext|sys|tool|tool_call|tool_response|"
        r"tool_result|function_calls?|instructions?|prompt|admin|policy|override)\b[^<>\n]{0,60}[|>]",
    ),
    (
        "instructions",
        "Tags of a model's own format.",
        r"\[/?inst\]|<</?sys>>|\[/?(?:system|assistant|developer|admin|tool)\b[^\]\n]{0,60}\]",
    ),
    (
        "instructions",
        "A heading of the system's.",
        r"(?:^|\n)\s*(?:#{1,6}|[-=*]{2,})\s*(?:system|assistant|developer|instructions?|new instructions?|admin|override|система|системн\w+|"  # noqa: E501
        r"инструкци\w+|sistema|instrucciones|systeme|instructions systeme|anweisung\w*|מערכת|הוראות)\b",
    ),
    (
        "instructions",
        "A turn of the dialogue that somebody else would have to speak.",
        r"(?:^|\n|[\"'>*.] ?)\s*(?:system(?: (?:message|note|update|alert|notice|prompt|instruction))?|assistant|developer|admin|"  # noqa: E501
        r"tool(?: (?:result|output|response))?|function|"
        r"системное сообщение|система|системная инструкция|ассистент|администратор|результат инструмента|"
        r"הודעת מערכת|מערכת|עוזר|תוצאת כלי|mensaje del sistema|sistema|asistente|assistent|ki|ia|ии|agente?|bot|бот|resultado de la herramienta|"  # noqa: E501
        r"message systeme|systeme|resultat de l'outil|systemnachricht|systemmeldung|nachricht des systems|"
        r"werkzeugergebnis|tool-ergebnis)\s*[:>\]]\s*\S",
    ),
    (
        "instructions",
        "A structured message with a role or a command in it.",
        r"[\"']?\b(?:role|rol|роль|rolle|type|from|sender|תפקיד)\b[\"']?\s*[:=]\s*[\"']?(?:system|sistema|systeme|система|מערכת|assistant|asistente|developer|tool|admin)\b"
        r"|[\"'](?:command|instruction|instructions|override|system_prompt|systemprompt|tool_call|function_call|action|tool)[\"']\s*:",
    ),
    (
        "skip_checks",
        "A call of a tool, written out.",
        r"\b(?:issue_replacement|pause_subscription|skip_month|change_frequency|change_address|create_damage_claim|"
        r"generate_cancel_link|retention_offer|escalate_to_human|ai_agent_tasks|task_grants?|approvals?\.decide|desk\.handle)\b"
        r"|\b(?:approved|verified|is_?verified|is_?admin|is_?staff|authenticated|requires_approval|identified)\s*[=:]\s*(?:true|false|1|0|yes)\b",
    ),
    (
        "secrets",
        "Reaches for files of the machine.",
        r"\.\./\.\./|/etc/(?:passwd|shadow)|/proc/self|\b\w*\.env\b|\$\{?(?:env|jndi|[a-z_]*(?:key|token|secret|password|url))\b|~/\.ssh|id_rsa",
    ),
    (
        "secrets",
        "A statement for the database.",
        r"\b(?:select\b[^.\n]{1,80}\bfrom|union\s+(?:all\s+)?select|drop\s+table|delete\s+from|insert\s+into|update\s+\w+\s+set)\s+\w|'\s*or\s+'?1'?\s*=\s*'?1|\bpg_(?:catalog|sleep|dump)\b",
    ),
    (
        "secrets",
        "The names of settings that hold secrets.",
        r"\b(?:shop_jwt_key|database_url|openai_api_key|anthropic_api_key|dash_[a-z]+_(?:url|key|token)|[a-z]+_api_key|api_key|secret_key)\b",
    ),
    (
        "instructions",
        "Wants a link in the reply whose address carries something.",
        rf"\b(?:{_PUT_IN})[\s\S]{{0,80}}https?://\S+[?&]\w+=|https?://\S+[?&]\w+=\S*[\s\S]{{0,60}}\b(?:{_PUT_IN})",
    ),
    (
        "instructions",
        "Tags that no letter has.",
        r"</(?!(?:a|b|i|u|p|br|em|td|tr|th|li|ul|ol|div|span|table|tbody|thead|font|strong|blockquote|html|body|head|style|title|h[1-6]|"
        r"center|small|pre|code|o:p)>)[^\W\d_][\w -]{1,30}>|\[\[[^\[\]\n]{3,400}\]\]",
    ),
    (
        "instructions",
        "A structured message that says what is settled.",
        r"\{[^{}]*[\"'][^{}\n]{0,40}(?:verif|approv|refund|admin|identit|authenti|одобр|подтвер|возврат|провер|אושר|אומת|החזר|aprob|reembols"
        r"|approuv|rembours|genehmig|erstatt)[^{}\n]{0,40}[\"']?\s*[:,}]",
    ),
    (
        "skip_checks",
        "A call of a function with its arguments.",
        r"(?<![\w.@/])[a-z][a-z_]{2,40}\(\s*[a-z_]+\s*[=:][^)\n]{1,120}\)",
    ),
    (
        "instructions",
        "Code that is meant to run somewhere.",
        r"<\s*(?:script|iframe|img|svg|object|embed)\b|\bon(?:error|load|click)\s*=|javascript:|\{\{.{1,60}\}\}|\{%.{1,60}%\}|<!--",
    ),
    (
        "instructions",
        "A picture whose address would carry the conversation out.",
        r"!\[[^\]]{0,80}\]\(\s*https?://[^)\s]*(?:[?&=]|\{)",
    ),
)

_RANGE: Final = re.compile(
    rf"\b(?:{_NUMBERED})\D{{0,24}}\d{{2,}}\s*(?:to|through|until|till|up to|-|–|—|по|до|al?|hasta|a|jusqu'a|bis|עד)"
    r"\s*(?:the\s+)?\d{2,}"
)
_ANYBODY: Final = re.compile(rf"\b(?:{_WHO})\b")
_ONES_OWN: Final = re.compile(rf"\b(?:{_MY})\b")
_MEMBER: Final = re.compile(rf"@[\w-]{{1,60}}\.[\w.-]{{1,60}}\W(?:[^?]{{0,30}}\W)?(?:{_A_CUSTOMER})\b[^?]{{0,40}}\?")
_EXISTS: Final = r"is there|do you have|exists?|есть ли|существует|имеется|числится|קיים|קיימת|יש אצלכם|hay|existe|teneis|tienen|y a t il|y a-t-il|avez vous|avez-vous|gibt es|habt ihr|haben sie"  # noqa: E501
_AN_ACCOUNT: Final = r"accounts?|subscriptions?|аккаунт\w*|подписк\w*|учетн\w*|חשבון|מנוי|cuentas?|suscripci\w*|comptes?|abonnements?|konto|konten|abos?"  # noqa: E501
_HAS_ACCOUNT: Final = re.compile(
    rf"\b(?:{_EXISTS})\b[^?.\n]{{0,30}}\b(?:{_AN_ACCOUNT}|{_A_CUSTOMER})\b[^?.\n]{{0,30}}\b[\w.+-]+@[\w-]+\.\w"
)
_COMPILED: Final = tuple((finds, why, re.compile(pattern)) for finds, why, pattern in _MARKS)


def marks(plain: str) -> Iterator[Finding]:
    for finds, why, pattern in _COMPILED:
        found = pattern.search(plain)
        if found:
            yield Finding(finds, found.group().strip()[:80], why)
    numbered = _RANGE.search(plain)
    if numbered and _ANYBODY.search(plain):
        yield Finding("others_data", numbered.group(), "Orders or customers one number after another.")
    if (member := _MEMBER.search(plain) or _HAS_ACCOUNT.search(plain)) and not _ONES_OWN.search(plain):
        yield Finding("others_data", member.group()[:80], "Asks whether an address is a customer's.")

"""Marks of a made-up message: what only a program writes, and nobody who asks for a box.

Searched in the plain form; wrappers are found wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from support_agent.guardrails.rules import Finding

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
        r"הודעת מערכת|מערכת|עוזר|תוצאת כלי|mensaje del sistema|sistema|asistente|resultado de la herramienta|"
        r"message systeme|systeme|resultat de l'outil|systemnachricht|systemmeldung|nachricht des systems|"
        r"werkzeugergebnis|tool-ergebnis)\s*[:>\]]\s*\S",
    ),
    (
        "instructions",
        "A structured message with a role or a command in it.",
        r"[\"']?\b(?:role|type|from|sender)\b[\"']?\s*[:=]\s*[\"']?(?:system|assistant|developer|tool|admin)\b"
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
        "Code that is meant to run somewhere.",
        r"<\s*(?:script|iframe|img|svg|object|embed)\b|\bon(?:error|load|click)\s*=|javascript:|\{\{.{1,60}\}\}|\{%.{1,60}%\}|<!--",
    ),
    (
        "instructions",
        "A picture whose address would carry the conversation out.",
        r"!\[[^\]]{0,80}\]\(\s*https?://[^)\s]*(?:[?&=]|\{)",
    ),
)

_COMPILED: Final = tuple((finds, why, re.compile(pattern)) for finds, why, pattern in _MARKS)


def marks(plain: str) -> Iterator[Finding]:
    for finds, why, pattern in _COMPILED:
        found = pattern.search(plain)
        if found:
            yield Finding(finds, found.group().strip()[:80], why)

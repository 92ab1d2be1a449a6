"""What belongs to the machine and to no reader of a reply: keys, tokens, codes, names of tables and tools, paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

_SHAPES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9]{8,}",
        r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}",
        r"\b(?:ghp|gho|ghs|github_pat|glpat|xox[abpr])[-_][A-Za-z0-9_-]{8,}",
        r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*",
        r"(?i)\bbearer\s+[A-Za-z0-9._~+/-]{8,}",
        r"(?i)\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp|mssql|sqlite|jdbc)[:+][^\s]+",
        r"-----BEGIN [A-Z ]+-----",
        r"(?i)\b(?:password|passwd|pwd|secret|api[_-]?key|token|пароль|contraseña|passwort|mot de passe|סיסמה)"
        r"\s*(?:[=:]|is|lautet|es|est|היא)\s*(?=\S*[\d_\W])[^\s.,;]{6,}",
        r"(?i)\b(?:password|passwd|пароль|contraseña|passwort|mot de passe|סיסמה|הסיסמה)"
        r"(?:\s+[^\W\d]+){1,4}\s+(?:is|lautet|ist|es|est|היא|:|—|-)\s*(?=\S*[^\W\d_])(?=\S*\d)\S{6,}",
        r"(?i)\b(?:password|passwd|пароль|contraseña|passwort|mot de passe|סיסמה|הסיסמה)"
        r"\s+[\"'«„(]?(?=\S*[^\W\d_])(?=\S*\d)\S{6,}",
        r"(?<![\w/])(?:/(?:home|var|etc|usr|opt|srv|root|tmp|app|proc|mnt|work)/[\w./-]+)|\b[A-Z]:\\[\w\\.-]+",
        r"\b[a-z]+_(?:[a-z]+_)*(?:id|key|token|url|hash|subscription|month|frequency|address|claim|link|offer|human|replacement|tasks?|"
        r"grants?|data|instructions|answerer|approval|secret|state|epoch|dialog\w*)\b",
        r"(?i)\b(?:customer|subscription|shipment|ticket|task|dialogue?|user|draft|grant|instruction)"
        r"[ _-]?(?:id|number|nr|no\.?|#)\s*[:=#]?\s*\d+",
        r"(?i)\b(?:task|ticket|grant|draft)\s*#\s*\d+",
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        r"\b01[0-9A-HJKMNP-TV-Z]{24}\b",
        r"(?i)\btraceback \(most|\bpsycopg\b|\bsqlalchemy\b|\b\w+Error:|\bstack trace\b"
        r"|\bselect\s+[\w*, ]+\s+from\s+\w+",
        r"\b(?:localhost|127\.0\.0\.1|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+)(?::\d+)?\b",
        r"\b(?:ai_agent_tasks|task_grants|support_threads_data|ai_answerer_instructions|knowledge/[a-z]+/)",
        r"\b[\w-]+\.(?:env|py|sql|yaml|json)\b",
    )
)
_OPAQUE: Final = re.compile(r"(?<![\w/+=-])(?=[A-Za-z_+/=-]*\d)(?=[\d_+/=-]*[A-Za-z])[A-Za-z0-9_+/-]{24,}={0,2}")
_BASE64: Final = re.compile(r"(?<![\w/+=-])(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/]{28,}={0,2}(?![\w+/=-])")
_CODE: Final = re.compile(r"(?<![\d.,/-])\d(?:[ -]?\d){5}(?![\d/-])")
_BEFORE_CODE: Final = 60
_CARD: Final = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")


def secrets(text: str, own: Collection[str], code_words: Collection[str], known: Collection[str]) -> Iterator[str]:
    """The names of what was found, never the secret itself. own: strings that look like secrets and may be told.

    text: without the links that are allowed. code_words: of all languages. known: values that are secret now.
    """
    for value in own:
        text = text.replace(value, " ")
    if any(value and value in text for value in known):
        yield "a value that is secret now"
    for shape in _SHAPES:
        if shape.search(text):
            yield "a key, a path or a name of the machine"
    if _OPAQUE.search(text) or _BASE64.search(text):
        yield "a long string of letters and digits"
    if any(_is_card(run.group()) for run in _CARD.finditer(text)):
        yield "a card number"
    lowered = text.casefold()
    for code in _CODE.finditer(text):
        around = lowered[max(0, code.start() - _BEFORE_CODE) : code.end() + _BEFORE_CODE]
        if any(re.search(rf"(?<!\w)\w?{re.escape(word)}", around) for word in code_words):
            yield "a one-time code"


def _is_card(run: str) -> bool:
    """Luhn's check: tracking numbers rarely pass it."""
    digits = [int(digit) for digit in run if digit.isdigit()]
    if len(digits) < 13:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0

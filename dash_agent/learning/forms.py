"""Sentences that teach, by language. The first form that a sentence has is the one that counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final


class Form(StrEnum):
    """What a sentence teaches.

    Groups of its patterns: SAME: words, meaning. REREAD: question, meant. LEAVE_OUT: values, metric.
    CAVEAT: metric, caveat. PERIOD, SPLIT, LANGUAGE: meaning. FILTER: meaning, or dimension and meaning.
    """

    REREAD = "reread"
    CAVEAT = "caveat"
    LEAVE_OUT = "leave_out"
    PERIOD = "period"
    LANGUAGE = "language"
    SPLIT = "split"
    FILTER = "filter"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Sentence:
    """parts: by the names of the form's groups, without quotes around them."""

    form: Form
    parts: Mapping[str, str]


ENGLISH: Final[Mapping[Form, tuple[str, ...]]] = {
    Form.REREAD: (
        "(?:when|if) (?:i|we|people|they) ask <question>,? (?:i|we|they) mean <meant>",
        "(?:the )?question <question> (?:means|should be read as|is read as) <meant>",
    ),
    Form.CAVEAT: (
        "(?:a )?(?:note|caveat|warning) (?:on|about|for) <metric> ?: ?(?P<caveat>.+)",
        "(?:be )?careful with <metric> ?: ?(?P<caveat>.+)",
    ),
    Form.LEAVE_OUT: (
        "(?:please )?(?:don['’]?t|do not|never) (?:count|include) <values> (?:in|for|into) <metric>",
        "(?:please )?(?:exclude|drop|remove) <values> (?:from|in|for) <metric>",
        "(?:please )?leave <values> out of <metric>",
        "<metric> (?:should|does|must)(?: not|n['’]?t) (?:count|include) <values>",
        "<values> (?:should|does|do)(?: not|n['’]?t) count (?:in|for|towards) <metric>",
    ),
    Form.PERIOD: (
        "(?:my |the )?default period(?: is| ?:| ?=)? <meaning>",
        "without a period,? (?:take|use|show|i mean) <meaning>",
        "if i (?:do not|don['’]?t) (?:say|name) a period,? (?:take|use|show|i mean) <meaning>",
    ),
    Form.LANGUAGE: (
        "(?:please )?(?:always )?(?:answer|reply|write|speak)(?: to)?(?: me)? in (?P<meaning>english|russian)",
        "(?:my |the )?default language(?: is| ?:| ?=)? (?P<meaning>english|russian|en|ru)",
    ),
    Form.SPLIT: (
        "(?:always |by default,? )?(?:split|break(?: down)?)(?: my)?(?: numbers?| results?| answers?)? by <meaning>",
        "(?:always |by default,? )?break(?: my| the)? (?:numbers?|results?|answers?) down by <meaning>",
        "(?:my |the )?default (?:breakdown|split)(?: is| ?:| ?=)?(?: by)? <meaning>",
    ),
    Form.FILTER: (
        "(?:my |the )?default (?P<dimension>[a-z ]+?)(?: is| ?:| ?=) <meaning>",
        "by default,? (?:show |take |count )?only <meaning>",
        "i only (?:care about|look at|work with) <meaning>",
    ),
    Form.SAME: (
        "(?:when|if) (?:i|we) say <words>,? (?:i|we) mean <meaning>",
        "by <words>,? (?:i|we) mean <meaning>",
        '(?:we|they|people) call <meaning> ["“«](?P<words>[^"“”„«»]+?)["”»]',
        "read <words> as <meaning>",
        "<words> (?:means?|stands? for) <meaning>",
        "<words> (?:is|are) (?:short for|another (?:word|name) for|the same as|what we call) <meaning>",
        "<words> ?(?:=|->|→) ?<meaning>",
        "<words> (?:is|are) <meaning>",
    ),
}

RUSSIAN: Final[Mapping[Form, tuple[str, ...]]] = {
    Form.REREAD: (
        r"когда (?:я|мы|они) спрашива\w+ <question>,? (?:(?:я|мы|они),? )?(?:име\w+ в виду|хо\w+ знать) <meant>",
        "вопрос <question> ?(?:—|–|-)? ?(?:это|значит|означает|(?:нужно )?читать как) <meant>",
    ),
    Form.CAVEAT: (
        "(?:заметка|примечание|оговорка|предупреждение) (?:о|об|про|к|по) <metric> ?: ?(?P<caveat>.+)",
        "(?:осторожно|осторожнее|аккуратно) с <metric> ?: ?(?P<caveat>.+)",
    ),
    Form.LEAVE_OUT: (
        "(?:пожалуйста,? )?не (?:счита|учитыва|включа)(?:й|йте|ть) <values> (?:в|во|для|при) <metric>",
        "(?:пожалуйста,? )?(?:исключ(?:и|ай)|убери)(?:те)? <values> из <metric>",
        "<values> не (?:вход[ия]т|счита[ею]тся|учитыва[ею]тся) (?:в|во) <metric>",
    ),
    Form.PERIOD: (
        "(?:мой )?период по умолчанию ?(?:—|–|-|:|=|это|— это)? <meaning>",
        "без периода,? (?:бери|показывай)(?:те)? <meaning>",
        "если период не назван,? (?:бери|показывай)(?:те)? <meaning>",
    ),
    Form.LANGUAGE: (
        "(?:пожалуйста,? )?(?:всегда )?(?:отвечай|пиши)(?:те)?(?: мне)? (?P<meaning>по-русски|по-английски)",
        "(?:всегда )?(?:отвечай|пиши)(?:те)?(?: мне)? на (?P<meaning>русском|английском)(?: языке)?",
        "язык по умолчанию ?(?:—|–|-|:|=|это|— это)? (?P<meaning>русский|английский|ru|en)",
    ),
    Form.SPLIT: (
        "(?:всегда |по умолчанию )?(?:разбивай|дели)(?:те)?(?: числа| ответы)?(?: по)? <meaning>",
        "(?:всегда |по умолчанию )?(?:показывай(?:те)? )?в разрезе <meaning>",
        "(?:разрез|разбивка) по умолчанию ?(?:—|–|-|:|=|это|— это)?(?: по)? <meaning>",
    ),
    Form.FILTER: (
        "(?P<dimension>[а-яё ]+?) по умолчанию ?(?:—|–|-|:|=|это|— это) <meaning>",
        "по умолчанию (?:показывай |бери |считай )?только <meaning>",
        r"меня интересу\w+ только <meaning>",
    ),
    Form.SAME: (
        r"когда (?:я|мы) говор\w+ <words>,? (?:(?:я|мы),? )?име\w+ в виду <meaning>",
        r"под (?:слов(?:ом|ами) )?<words> (?:(?:я|мы) )?(?:понима\w+|име\w+ в виду) <meaning>",
        r"(?:мы|у нас) называ\w+ <meaning> [\"“«](?P<words>[^\"“”„«»]+?)[\"”»]",
        "<words>,? ?(?:—|–|-)? ?(?:это|значит|означает|обозначает) <meaning>",
        "<words>,? ?(?:—|–|-)? ?(?:это )?то же,? что(?: и)? <meaning>",
        "<words> ?(?:=|->|→|—|–) ?<meaning>",
    ),
}

QUOTE: Final = "[\"“”„«»'‘’]?"


def _compiled(pattern: str) -> re.Pattern[str]:
    """<name>: a part of the sentence, in quotes of any kind or bare."""
    parts = re.sub(r"(?<!P)<(\w+)>", rf"{QUOTE}(?P<\1>[^\"“”„«»]+?){QUOTE}", pattern)
    return re.compile(rf"\s*{parts}\s*[.!]?\s*", re.IGNORECASE)


@cache
def _forms() -> tuple[tuple[Form, re.Pattern[str]], ...]:
    """Made when somebody first teaches: most processes only answer."""
    languages = (ENGLISH, RUSSIAN)
    return tuple((form, _compiled(one)) for form in Form for language in languages for one in language[form])


EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        '"boots" means WhatsApp',
        "don't count voice in CSAT",
        "note on CSAT: the survey was off on October 5",
        'when I ask "how are we doing", I mean "resolution rate by week"',
        "default period: last 7 days",
    ),
    "ru": (
        "«ботики» — это WhatsApp",
        "не считай голос в CSAT",
        "заметка о CSAT: 5 октября опрос не работал",
        "когда я спрашиваю «как дела», я имею в виду «доля решённых по неделям»",
        "период по умолчанию: последние 7 дней",
    ),
}

LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("english", "en", "по-английски", "английском", "английский"), "en"),
    **dict.fromkeys(("russian", "ru", "по-русски", "русском", "русский"), "ru"),
}
"""Codes by what people call a language."""


def sentences(text: str) -> Iterator[Sentence]:
    """Every form that a text has, the likeliest first."""
    for form, pattern in _forms():
        found = pattern.fullmatch(text)
        if found is not None:
            parts = {name: part.strip(" ,") for name, part in found.groupdict().items() if part}
            if all(parts.values()):
                yield Sentence(form, parts)

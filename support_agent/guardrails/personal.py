"""Personal data in a reply: whose it may be, and which of one's own is not read out either."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

from support_agent.guardrails.folding import fold
from support_agent.models import Customer, Leak

_EMAIL: Final = re.compile(
    r"[\w.+'-]+\s?(?:@|\(at\)|\[at\]| at (?=[\w-]+ dot ))\s?[\w-]+(?:\.[\w-]+| dot \w+)+", re.IGNORECASE
)
_PHONE: Final = re.compile(r"(?<![\w.])\+?\(?\d[\d ().-]{7,17}\d(?!\w)")
_TRACKING: Final = re.compile(
    r"(?<!\w)(?:[A-Z]{2}\d{9}[A-Z]{2}|1Z[0-9A-Z]{10,16}|[A-Z]{2,5}-?\d{7,}|\d{10,22}|JD\d{10,})(?!\w)"
)
_DATE: Final = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}$")
_FLAT: Final = re.compile(
    r"(?i)(?<!\w)(?:flat|apartment|apt\.?|квартир[аеу]|кв\.|дом|דירה|piso|appartement|appt\.?|wohnung|hausnummer|at number)\s*(?:no\.?\s*)?\d{1,4}"  # noqa: E501
)
_PATRONYMIC: Final = re.compile(r"(?<!\w)[А-ЯЁ][а-яё]+(?:ович|евич|ьич|овн|евн|иничн)(?:[аеуы]|ем|ой)?(?!\w)")
_KNOWN_BY: Final = re.compile(
    r"(?<!\w)(?i:handed to|given to|received by|collected by|taken by|signed for by|signed by|delivered to|belongs to|ordered by|registered to|named"  # noqa: E501
    r"|called|получил[аи]?|передали|забрал[аи]?|расписал(?:ся|ась)|соседк?[аеуи]|клиентк[аеуи]|подписчиц[аеуы]|entregad[oa] a|recibid[oa] por|firmad[oa] por"  # noqa: E501
    r"|llamad[oa]|remise? à|reçue? par|signée? par|nommée?|namens|angenommen von|abgegeben bei|entgegengenommen von)\s+([^\W\d_a-zа-яё][\w'-]+)"  # noqa: E501
)
_NAME: Final = r"([^\W\d_][\w'-]+)"
_LEAST_SHARED: Final = 10
_ORDER: Final = re.compile(
    r"(?i)\b(?:orders?|заказ\w{0,3}|הזמנה|הזמנות|pedidos?|commandes?|bestellung(?:en)?|bestellnummer)"
    r"\s*(?:number|no\.?|nr\.?|num\.?|numéro|número|номер|מספר|n[°º]|№|#|:)?\s*[#№:]?\s*(\d{3,9})(?!\w)"
)


def personal(
    text: str,
    customer: Customer | None,
    typed: Collection[str],
    tracking: Collection[str],
    addresses: Collection[str],
    grounds: Collection[str],
    words: Words,
) -> Iterator[tuple[Leak, str]]:
    """What a reply holds of anybody. typed: what the customer wrote, which may be repeated to them.

    grounds: of this turn; what a page or a tool's result for this customer names is nobody else's.
    """
    own_words, said = " ".join(typed), " ".join((*typed, *grounds))
    spoken, digits = said.casefold(), re.sub(r"\D", "", said)
    for mail in _EMAIL.finditer(text):
        if mail.group().casefold() not in spoken:
            own = customer is not None and mail.group().casefold() == customer.email.casefold()
            yield (Leak.PERSONAL if own else Leak.OTHERS_DATA), "an e-mail address"
    numbers = text
    for number in _TRACKING.finditer(text):
        numbers = numbers.replace(number.group(), " ")
        if number.group() not in tracking and number.group().casefold() not in spoken:
            yield Leak.OTHERS_DATA, "a tracking number"
    for phone in _PHONE.finditer(numbers):
        run = re.sub(r"\D", "", phone.group())
        if len(run) >= 8 and not _DATE.match(phone.group().strip()) and run not in digits:
            yield Leak.OTHERS_DATA, "a phone number"
    for order in _ORDER.finditer(numbers):
        if order.group(1) not in digits:
            yield Leak.OTHERS_DATA, "a number of an order"
    yield from _addresses(text, own_words, said, addresses, words)
    yield from _names(text, customer, said, words)


class Words:
    """Greetings, titles and names of streets of all languages, compiled."""

    def __init__(
        self, greetings: Collection[str], titles: Collection[str], streets: Collection[str], people: Collection[str]
    ) -> None:
        """people: first names that are no other words; `*` ends the stem of one that is declined."""
        stems = (re.escape(name.rstrip("*")) + r"[а-яё]{0,3}" * name.endswith("*") for name in people)
        self.people = re.compile(rf"(?<!\w)[ולשבמה]?({'|'.join(sorted(stems, key=len, reverse=True))})(?!\w)")
        self.greeting = re.compile(rf"^\W*(?i:{_either(greetings)})[,\s]+(?:(?i:{_either(titles)})\.?\s+)?{_NAME}")
        self.title = re.compile(rf"(?<!\w)(?i:{_either(titles)})\.?\s+([^\W\d_a-zа-яё][\w'-]+)")
        street = rf"(?i:{_either(streets)})"
        self.street = re.compile(
            rf"(?<!\w){street}\.?\s+(?:[^\W\d_][\w'’.-]*\s+){{0,4}}?[^\W\d_]?[\w'’.-]*,?\s*\d{{1,4}}(?!\w)"
            rf"|\b\d{{1,4}}[a-z]?,?\s+(?:{street}\s+)?(?:[A-ZÀ-Ý][\w'’-]+\s+){{1,3}}{street}(?!\w)"
            rf"|\b\d{{1,4}}[a-z]?,?\s+{street}\s+(?:d[eu]s?\s+|la\s+|de\s+la\s+|de\s+l')?[A-ZÀ-Ý]\w+"
            rf"|\b[A-ZÄÖÜ]\w+(?:straße|strasse|weg|platz|allee|gasse)\s+\d{{1,4}}"
        )


def _either(words: Collection[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _addresses(
    text: str, own_words: str, said: str, addresses: Collection[str], words: Words
) -> Iterator[tuple[Leak, str]]:
    plain, typed, known_here = _squeezed(text), _squeezed(own_words), _squeezed(said)
    for address in addresses:
        for part in address.split(","):
            piece = _squeezed(part)
            known = len(piece) >= _LEAST_SHARED or (any(map(str.isdigit, piece)) and len(piece) > 5)
            if known and piece in plain and piece not in typed:
                yield Leak.PERSONAL, "the stored address"
    for street in (*words.street.finditer(text), *_FLAT.finditer(text)):
        if _squeezed(street.group()) not in known_here:
            yield Leak.OTHERS_DATA, "an address"


def _names(text: str, customer: Customer | None, said: str, words: Words) -> Iterator[tuple[Leak, str]]:
    allowed = {word.casefold() for word in re.findall(r"[\w'-]+", said)}
    if customer is not None:
        allowed |= {part.casefold() for part in customer.first_name.split()}
    greeted = words.greeting.match(text)
    name = greeted.group(1) if greeted else ""
    if name[:1].lower() != name[:1] and name.casefold() not in allowed | _NOT_NAMES:
        yield Leak.OTHERS_DATA, "another name in the greeting"
    for named in words.title.finditer(text):
        if named.group(1).casefold() not in allowed:
            yield Leak.OTHERS_DATA, "a name with a title"
    for known_by in _KNOWN_BY.finditer(text):
        if known_by.group(1).casefold() not in allowed | _NOT_NAMES | _BODIES:
            yield Leak.OTHERS_DATA, "somebody by name"
    if any(named.group().casefold() not in allowed for named in _PATRONYMIC.finditer(text)):
        yield Leak.OTHERS_DATA, "somebody's full name"
    for person in words.people.finditer(text):
        if not _is_one_of(person.group(1).casefold(), allowed):
            yield Leak.OTHERS_DATA, "another name"


def _is_one_of(name: str, allowed: Collection[str]) -> bool:
    """Also where it is declined: Anna, Anny, Anne."""
    return any(
        name == one or (len(name) > 3 and one[: max(3, len(name) - 2)] == name[: max(3, len(name) - 2)])
        for one in allowed
    )


_BODIES: Final = frozenset(
    "dhl ups fedex usps gls dpd hermes correos colissimo chronopost seur mrw royal evri deutsche post la почта почту сдэк boxberry doar".split()  # noqa: E501
)
"""Carriers, who get parcels by their trade."""
_NOT_NAMES: Final = frozenset(
    "there and thank thanks your the we i it this our yes no you dear all customer sorry of course danke vielen ihre "
    "die das wir ich es ja nein gracias su la el lo hemos sí no merci votre la le nous je oui non bonjour "
    "спасибо ваша ваш мы да нет это коробка подписка понимаю to please happy glad good box".split()
)


def _squeezed(text: str) -> str:
    return "".join(letter for letter in fold(text) if letter.isalnum())

"""Who writes: known by a one-time code that goes to an address, or by the shop's signed token.

Whether an address has an account is never told: the same is kept, said and counted for one that nobody has, and the
mail is sent beside the answer, whose time and success don't depend on it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import jwt

from support_agent.models import Customer
from support_agent.ports import Codes, Customers, Limits, Mail

ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,185}\.[^\s@.<>,;:\"()\[\]\\\d]{2,63}")
CODE: Final = re.compile(r"\d{6}")
AN_HOUR: Final = timedelta(hours=1)
CODES_FROM_A_PLACE: Final = 20
TRIES_FROM_A_PLACE: Final = 40
"""An hour, by network address."""

Letter = Callable[[str, str], tuple[str, str]]
"""Code, language → subject and body of the mail."""
Later = Callable[[Callable[[], None]], object]
"""Runs something beside the answer."""


class Asked(StrEnum):
    """What came of asking for a code. SENT is also said of an address that nobody has."""

    SENT = "sent"
    NOT_AN_ADDRESS = "not_an_address"
    TOO_MANY = "too_many"


class Refused(StrEnum):
    """Why a code identifies nobody."""

    WRONG = "wrong_code"
    TOO_MANY = "too_many"


LETTERS: Final[Mapping[str, tuple[str, str]]] = {
    "en": (
        "Your code",
        "Your code is {code}. It holds for 10 minutes.\n\nType it in the chat. Nobody of us asks for it "
        "elsewhere. If you are not writing to us, do nothing.",
    ),
    "ru": (
        "Ваш код",
        "Ваш код: {code}. Он действует 10 минут.\n\nВведите его в чате. Больше нигде мы его не спрашиваем. "
        "Если вы нам не пишете, ничего делать не нужно.",
    ),
    "he": (
        "הקוד שלך",
        "הקוד שלך הוא {code}. הוא תקף ל-10 דקות.\n\nיש להקליד אותו בצ'אט. אנחנו לא מבקשים אותו בשום מקום "
        "אחר. אם לא פנית אלינו, אין צורך לעשות דבר.",
    ),
    "es": (
        "Su código",
        "Su código es {code}. Vale 10 minutos.\n\nEscríbalo en el chat. No lo pedimos en ningún otro sitio. "
        "Si no nos está escribiendo, no haga nada.",
    ),
    "fr": (
        "Votre code",
        "Votre code est {code}. Il est valable 10 minutes.\n\nSaisissez-le dans le chat. Nous ne le demandons "
        "nulle part ailleurs. Si vous ne nous écrivez pas, ne faites rien.",
    ),
    "de": (
        "Ihr Code",
        "Ihr Code lautet {code}. Er gilt 10 Minuten.\n\nGeben Sie ihn im Chat ein. Wir fragen sonst nirgends "
        "danach. Wenn Sie uns nicht schreiben, tun Sie nichts.",
    ),
}


def letter(code: str, language: str) -> tuple[str, str]:
    subject, body = LETTERS.get(language, LETTERS["en"])
    return subject, body.format(code=code)


def normal_address(text: str) -> str | None:
    """An e-mail address as accounts have it, None where the text is none."""
    plain = text.strip().strip("<>").lower()
    return plain if len(plain) <= 254 and plain.isascii() and ADDRESS.fullmatch(plain) else None


class Identification:
    """later: how mail is sent beside the answer, such as an executor's submit. letter: words of the mail."""

    def __init__(
        self,
        codes: Codes,
        customers: Customers,
        mail: Mail,
        limits: Limits,
        later: Later,
        letter: Letter = letter,
    ) -> None:
        self._codes = codes
        self._customers = customers
        self._mail = mail
        self._limits = limits
        self._later = later
        self._letter = letter

    def ask(self, dialog_id: str, email: str, language: str, now: datetime, place: str | None = None) -> Asked:
        """Sends a code where the address is a customer's. place: the network address, None where there is none."""
        address = normal_address(email)
        if address is None:
            return Asked.NOT_AN_ADDRESS
        if self._is_over("code", CODES_FROM_A_PLACE, place, now):
            return Asked.TOO_MANY
        code = self._codes.issue(dialog_id, address, now)
        known = self._customers.by_email(address)
        if code is None:
            return Asked.TOO_MANY
        if known is not None:
            subject, body = self._letter(code, language)
            self._later(lambda: self._send(address, subject, body))
        else:
            self._later(_nothing)
        return Asked.SENT

    def answer(self, dialog_id: str, code: str, now: datetime, place: str | None = None) -> Customer | Refused:
        """Who it is whose code that is. Spaces and dashes in it are nothing."""
        digits = re.sub(r"[\s\-–.]", "", code)
        if self._is_over("try", TRIES_FROM_A_PLACE, place, now):
            return Refused.TOO_MANY
        address = self._codes.verify(dialog_id, digits if CODE.fullmatch(digits) else "", now)
        known = None if address is None else self._customers.by_email(address)
        if known is not None:
            return known
        return Refused.TOO_MANY if self._codes.is_paused(dialog_id, now) else Refused.WRONG

    def _is_over(self, what: str, limit: int, place: str | None, now: datetime) -> bool:
        return place is not None and self._limits.take(f"{what} from {place}", limit, AN_HOUR, now) is not None

    def _send(self, address: str, subject: str, body: str) -> None:
        try:
            self._mail.send(address, subject, body)
        except Exception as error:  # noqa: BLE001  nobody waits for it, and its text may hold the address
            logging.getLogger(__name__).error("a code could not be mailed: %s", type(error).__name__)


def _nothing() -> None:
    """What is done beside the answer for an address that nobody has."""


def customer_of_token(token: str, key: str, now: datetime) -> int | None:
    """The customer_id of a shop's token: HS256, `sub` the customer, `exp` required. None for any other."""
    unchecked = ("exp", "nbf", "iat", "sub")
    options = {"require": ["exp", "sub"], **{f"verify_{name}": False for name in unchecked}}
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], options=options)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        return None
    # Times are held against the clock that is given, not the machine's.
    expires, begins, subject = claims["exp"], claims.get("nbf", 0), str(claims["sub"])
    if not (_is_time(expires) and _is_time(begins) and begins <= now.timestamp() < expires):
        return None
    return int(subject) if subject.isascii() and subject.isdigit() and len(subject) < 19 else None


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

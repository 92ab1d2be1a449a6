"""One plain form of a text for the rules, and the other forms that somebody may have hidden words in.

The plain form: compatibility forms resolved (NFKC), entities and escapes read, invisible characters gone, accents and
vowel points dropped, casefolded. Words of the rules are folded the same way, so that both sides meet.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from urllib.parse import unquote

LONGEST: Final = 8_000
"""Characters that are read; the channels' own limits lie below."""

_CYRILLIC: Final = "авекмнорстухіјѕԁһԛԝгпьзчӏґєїёиу"
_LATIN: Final = "abekmhopctyxijsdhqwrnb34lreieuy"
_TO_LATIN: Final = str.maketrans(
    _CYRILLIC + "αβεικνορτυχηωγ" + "ıɩɪɢɴʀᴀʙᴄᴅᴇᴊᴋʟᴍᴏᴘᴛᴜᴠᴡʏᴢꜱɡɑհօոս",
    _LATIN + "abeiknoptuxnwy" + "iiignrabcdejklmoptuvwyzsgahonu",
)
_TO_CYRILLIC: Final = str.maketrans("abekmhopctyxuni3460", "авекмнорстухипизчбо")
_ALWAYS: Final = str.maketrans("ıɩɪɢɴʀᴀʙᴄᴅᴇᴊᴋʟᴍᴏᴘᴛᴜᴠᴡʏᴢꜱɡɑ", "iiignrabcdejklmoptuvwyzsga")
_LEET_LATIN: Final = str.maketrans("01345789@$!|+€£", "oieastbgasiltel")
_LEET_CYRILLIC: Final = (str.maketrans("0134679@", "оизчбтда"), str.maketrans("0134679@", "оиечбтда"))
_DASHES: Final = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_TAGS: Final = re.compile("[\U000e0020-\U000e007e]")
_REGIONAL: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_SYMBOLED: Final = re.compile(r"(?=\S*[^\W\d_])(?=\S*[\d@$!|+€£])[\w@$!|+€£]{3,}")
_MIXED: Final = re.compile(r"(?=\w*[a-z])(?=\w*[\u0370-\u03ff\u0400-\u052f])\w+|\w*[іјѕԁһԛԝӏ\u0370-\u03ff]\w*")
_CYRILLIC_LETTER: Final = re.compile("[а-я]")
_BASE64: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=-])")
_HEX: Final = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}[ :]?){12,}(?!\w)")
_BITS: Final = re.compile(r"(?<!\d)(?:[01]{8}[ ,]?){6,}")
_SPELLED: Final = re.compile(r"(?<!\w)(?:[^\W_][ ._*/|-]){3,}[^\W_](?!\w)")
_TELLING: Final = re.compile(
    "ignor|instruc|prompt|system|rules|approve|password|customer|forget|verif|reveal|игнор|инструк|промпт|правил|одобр|парол|клиент|"
    "регл|regla|olvid|client|cliente|consigne|oublie|anweisung|vergiss|regeln|kunde|הוראות|התעלם|הנחיות|פרומפט|כללים|לקוח"
)
"""A text turned round or shifted is only looked at where it then holds one of these."""
_NUMBERS: Final = re.compile(r"(?<!\d)(?:\d{2,3}[ ,]+){9,}\d{2,3}(?!\d)")


def fold(text: str) -> str:
    """The plain form."""
    return _plain(_INVISIBLE.sub("", _read(text)))


def forms(text: str) -> tuple[str, ...]:
    """The plain form, then the others that the text may be meant as; each once, none that is only noise."""
    read = _read(text[:LONGEST])
    plain = _plain(_INVISIBLE.sub("", read))
    found = [plain]
    if _INVISIBLE.search(read):
        found.append(_plain(_INVISIBLE.sub(" ", read)))
    for form in tuple(found):
        found += _unmasked(form)
    found += (inner for payload in _payloads(read) for inner in (fold(payload),))
    found += (turned for turned in (plain[::-1], codecs.encode(plain, "rot13")) if _TELLING.search(turned))
    return tuple(dict.fromkeys(found))


def _read(text: str) -> str:
    text = _TAGS.sub(lambda tag: chr(ord(tag.group()) - 0xE0000), text)
    text = _REGIONAL.sub(lambda flag: chr(ord(flag.group()) - 0x1F1E6 + ord("a")), text)
    if "&" in text:
        text = html.unescape(text)
    if "%" in text and re.search(r"%[0-9a-fA-F]{2}", text):
        text = unquote(text)
    if "\\" in text:
        text = _ESCAPE.sub(lambda code: chr(int(code.group(1) or code.group(2), 16)), text)
    return unicodedata.normalize("NFKC", text).translate(_DASHES)


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text)
    bare = "".join(mark for mark in split if unicodedata.category(mark) not in ("Mn", "Me", "Cf"))
    return bare.casefold().translate(_ALWAYS)


def _unmasked(plain: str) -> Iterator[str]:
    if _SPELLED.search(plain):
        yield _SPELLED.sub(lambda run: "".join(filter(str.isalnum, run.group())), plain)
    if _SYMBOLED.search(plain):
        cyrillic = _CYRILLIC_LETTER.search(plain) is not None
        for letters in _LEET_CYRILLIC if cyrillic else (_LEET_LATIN,):
            yield _SYMBOLED.sub(partial(_translated, letters=letters), plain)
    if not plain.isascii() and _MIXED.search(plain):
        yield plain.translate(_TO_LATIN)
        yield _MIXED.sub(lambda word: word.group().translate(_TO_CYRILLIC), plain)


def _translated(word: re.Match[str], letters: dict[int, int]) -> str:
    return word.group().translate(letters)


def _payloads(text: str) -> Iterator[str]:
    """What is written in base64, hexadecimal, bits or character numbers, where it reads as text."""
    for run in _BASE64.findall(text):
        word = run.replace("-", "+").replace("_", "/").rstrip("=")
        yield from _as_text(partial(base64.b64decode, word + "=" * (-len(word) % 4), validate=True))
    for run in _HEX.findall(text):
        yield from _as_text(partial(bytes.fromhex, re.sub("[ :]", "", run)))
    for run in _BITS.findall(text):
        yield from _as_text(partial(bytes, [int(byte, 2) for byte in re.findall("[01]{8}", run)]))
    for run in _NUMBERS.findall(text):
        yield from _as_text(partial(bytes, [number for number in map(int, re.findall(r"\d+", run)) if number < 256]))


def _as_text(decode: Callable[[], bytes]) -> Iterator[str]:
    try:
        decoded = decode().decode()
    except (binascii.Error, ValueError):
        return
    if sum(letter.isprintable() or letter.isspace() for letter in decoded) == len(decoded):
        yield decoded

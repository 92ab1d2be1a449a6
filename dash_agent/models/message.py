"""What goes out to a chat, a mailbox or a folder."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """data: what comes back when it is pressed, 1 to 64 bytes."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Text:
    """html: b, i, u, s, a, code, pre, blockquote; up to 4096 characters without them. buttons: in rows.

    silent: arrives without a sound.
    """

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """caption: as of `Text.html`, up to 1024 characters. name: of a file, '.png' with it."""

    name: str
    png: bytes = field(repr=False)
    caption: str


@dataclass(frozen=True, slots=True)
class Album:
    """One to ten pictures that arrive together."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """html: shows its pictures as `cid:NAME`. text: the same without them. name: of this letter, fit for a file."""

    name: str
    subject: str
    html: str
    text: str
    pictures: tuple[Picture, ...] = ()


Message = Text | Album | Letter


def message_json(message: Message, *, pictures: bool = True) -> dict[str, Any]:
    """pictures: whether with their bytes, without which a message is to be looked at and no more."""
    match message:
        case Text():
            rows = [[{"label": one.label, "data": one.data} for one in row] for row in message.buttons]
            return {"kind": "text", "html": message.html, "buttons": rows, "silent": message.silent}
        case Album():
            return {"kind": "album", "pictures": _pictures_json(message.pictures, pictures)}
        case Letter():
            told = {"name": message.name, "subject": message.subject, "html": message.html, "text": message.text}
            return {"kind": "letter", **told, "pictures": _pictures_json(message.pictures, pictures)}


def message_of(data: Mapping[str, Any]) -> Message:
    """What `message_json` made. Raises KeyError and the like of anything else."""
    match data["kind"]:
        case "text":
            rows = tuple(tuple(Button(one["label"], one["data"]) for one in row) for row in data["buttons"])
            return Text(data["html"], rows, data["silent"])
        case "album":
            return Album(_pictures_of(data["pictures"]))
        case _:
            pictures = _pictures_of(data["pictures"])
            return Letter(data["name"], data["subject"], data["html"], data["text"], pictures)


def _pictures_json(pictures: Sequence[Picture], whole: bool) -> list[Mapping[str, str]]:
    return [
        {"name": one.name, "caption": one.caption, "png": b64encode(one.png).decode() if whole else ""}
        for one in pictures
    ]


def _pictures_of(data: Sequence[Mapping[str, str]]) -> tuple[Picture, ...]:
    return tuple(Picture(one["name"], b64decode(one["png"]), one["caption"]) for one in data)

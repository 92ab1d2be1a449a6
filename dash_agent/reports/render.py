"""A digest as messages: for Telegram, for a mail, for a folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape, unescape
from typing import Final

from dash_agent.models.message import Album, Letter, Message, Picture, Text
from dash_agent.reports.digest import Drawing, Line, Part, Told
from dash_agent.reports.digest_words import tell
from dash_agent.reports.tiles import Judged

LONGEST_TEXT: Final = 4096
LONGEST_CAPTION: Final = 1024
MARKS: Final = {Judged.BETTER: "🟢 ", Judged.WORSE: "🔴 ", Judged.NONE: ""}
TAG: Final = re.compile(r"<[^<>]*>")

Pictures = Mapping[str, bytes]
"""PNG by the name of the drawing."""


def length(html: str) -> int:
    """Of a message as Telegram counts it: characters without tags, one beyond the basic plane as two."""
    return len(unescape(TAG.sub("", html)).encode("utf-16-le")) // 2


def telegram(told: Told, pictures: Pictures) -> tuple[Message, ...]:
    """As few texts as hold all of it, cut between sections where that is enough; then the pictures, if there are any.

    The first alone makes a sound.
    """
    blocks = [_head(told), *(_block(part, told) for part in told.parts), _foot(told)]
    texts = packed([lines for lines in blocks if lines], LONGEST_TEXT)
    found: list[Message] = [Text(text, silent=index > 0) for index, text in enumerate(texts)]
    drawn = tuple(Picture(f"{d.name}.png", pictures[d.name], _caption(d)) for d in told.drawings if d.name in pictures)
    return (*found, Album(drawn)) if drawn else tuple(found)


def notice(told_title: str, period: str, reasons: Sequence[str], language: str) -> Text:
    """That a digest is held back, and why."""
    head = f"<b>{escape(tell(language, 'withheld', title=told_title, period=period), quote=False)}</b>"
    why = [escape(cut(reason, 600), quote=False) for reason in reasons[:5]]
    return Text("\n".join((head, *why, tell(language, "withheld_follows"))))


def _head(told: Told) -> list[str]:
    first = f"<b>{_plain(told.title)}</b> · {_plain(told.period)}"
    return [first, *(f"<i>{_plain(head)}</i>" for head in told.heads)]


def _foot(told: Told) -> list[str]:
    lines = [f"<i>{_plain(note)}</i>" for note in told.notes]
    if told.link:
        lines.append(f'<a href="{escape(told.link)}">{_plain(tell(told.language, "link"))}</a>')
    return lines


def _block(part: Part, told: Told) -> list[str]:
    lines = (line for one in part.lines for line in _lines(one, told))
    return [f"<b>{_plain(part.title)}</b>", *lines]


def _lines(line: Line, told: Told) -> Iterator[str]:
    mark = MARKS[line.judged]
    if not line.label:
        yield f"{mark}{_plain(line.text)}"
        return
    beside = [*line.beside]
    if line.judged is not Judged.NONE and beside:
        # A colour alone says nothing to whoever can't tell it from another.
        beside[0] = f"{beside[0]}, {tell(told.language, line.judged)}"
    more = f" ({_plain('; '.join(beside))})" if beside else ""
    yield (
        f"{mark}{_plain(line.label)}: <b>{_plain(line.text)}</b>{more}"
        if len(line.text) <= 60
        else (f"<u>{_plain(line.label)}</u>\n{_plain(line.text)}{more}")
    )


def _plain(text: str) -> str:
    return escape(text, quote=False)


def _caption(drawing: Drawing) -> str:
    return _plain(cut(drawing.caption, LONGEST_CAPTION))


def cut(text: str, most: int) -> str:
    """With an ellipsis where it is longer, as Telegram counts."""
    if length(_plain(text)) <= most:
        return text
    kept = text[: most - 1]
    while length(_plain(kept)) > most - 1:
        kept = kept[:-1]
    return f"{kept}…"


def packed(blocks: Sequence[Sequence[str]], most: int) -> list[str]:
    """Blocks of lines as texts of at most so many characters: whole blocks as far as they fit, then whole lines."""
    texts: list[str] = []
    for block in blocks:
        joined = "\n".join(block)
        if texts and length(f"{texts[-1]}\n\n{joined}") <= most:
            texts[-1] = f"{texts[-1]}\n\n{joined}"
        elif length(joined) <= most:
            texts.append(joined)
        else:
            texts += _by_lines(block, most)
    return texts


def _by_lines(lines: Sequence[str], most: int) -> list[str]:
    texts: list[str] = []
    for piece in (piece for line in lines for piece in _pieces(line, most)):
        if texts and length(f"{texts[-1]}\n{piece}") <= most:
            texts[-1] = f"{texts[-1]}\n{piece}"
        else:
            texts.append(piece)
    return texts


def _pieces(line: str, most: int) -> list[str]:
    """A line that is too long for any message, without its marks, cut at spaces."""
    if length(line) <= most:
        return [line]
    rest, found = unescape(TAG.sub("", line)), []
    while rest:
        # Half of it fits whatever characters these are.
        end = len(rest) if length(_plain(rest)) <= most else rest.rfind(" ", 1, most // 2) + 1 or most // 2
        found.append(_plain(rest[:end].rstrip()))
        rest = rest[end:]
    return found


# Mail and folders


COLOURS: Final = {Judged.BETTER: "#1a7f37", Judged.WORSE: "#b42318", Judged.NONE: "#57606a"}
PAGE: Final = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>'
    '<body style="font: 16px/1.45 system-ui, sans-serif; color: #1f2328; background: #fff; max-width: 40rem; '
    'margin: 0 auto; padding: 1rem">{body}</body></html>'
)


def letter(told: Told, pictures: Pictures, name: str) -> Letter:
    """One page with everything, and the same as plain text. name: of the letter."""
    drawn = [d for d in told.drawings if d.name in pictures]
    shown = tuple(Picture(f"{d.name}.png", pictures[d.name], _plain(d.caption)) for d in drawn)
    body = [f"<h1 style='font-size: 1.4rem; margin: 0'>{_plain(told.title)} · {_plain(told.period)}</h1>"]
    body += [f"<p style='color: #57606a; margin: 0'>{_plain(head)}</p>" for head in told.heads]
    body += [_html_part(part) for part in told.parts]
    body += [_html_picture(d) for d in drawn]
    body += [f"<p style='color: #57606a'>{_plain(note)}</p>" for note in told.notes]
    if told.link:
        body.append(f'<p><a href="{escape(told.link)}">{_plain(tell(told.language, "link"))}</a></p>')
    subject = f"{told.title} · {told.period}"
    page = PAGE.format(language=told.language, title=_plain(subject), body="".join(body))
    return Letter(name, subject, page, plain_text(told), shown)


def plain_text(told: Told) -> str:
    """For a terminal, or a mail that shows no HTML."""
    blocks = [[f"{told.title} · {told.period}", *told.heads]]
    blocks += [[part.title, *(f"  {line}" for line in _plain_lines(part, told))] for part in told.parts]
    blocks.append([*told.notes, *([f"{tell(told.language, 'link')}: {told.link}"] if told.link else [])])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _plain_lines(part: Part, told: Told) -> list[str]:
    return [unescape(TAG.sub("", text)).replace("\n", "\n  ") for line in part.lines for text in _lines(line, told)]


def _html_part(part: Part) -> str:
    rows = "".join(_html_line(line) for line in part.lines)
    heading = f"<h2 style='font-size: 1.1rem; margin: 1.4rem 0 .3rem'>{_plain(part.title)}</h2>"
    return f"{heading}<table style='border-collapse: collapse; width: 100%'>{rows}</table>"


def _html_line(line: Line) -> str:
    cell = "style='padding: .2rem .6rem .2rem 0; vertical-align: top; border-bottom: 1px solid #eaeef2'"
    if not line.label:
        return f"<tr><td colspan='2' {cell}>{MARKS[line.judged]}{_plain(line.text)}</td></tr>"
    beside = "".join(f"<br><small style='color: {COLOURS[line.judged]}'>{_plain(one)}</small>" for one in line.beside)
    return f"<tr><td {cell}>{_plain(line.label)}</td><td {cell}><b>{_plain(line.text)}</b>{beside}</td></tr>"


def _html_picture(drawing: Drawing) -> str:
    caption = _plain(drawing.caption)
    image = (
        f'<img src="cid:{drawing.name}.png" alt="{escape(drawing.chart.alt)}" style="width: 100%; max-width: 30rem">'
    )
    return f"<figure style='margin: 1.4rem 0 0'>{image}<figcaption>{caption}</figcaption></figure>"

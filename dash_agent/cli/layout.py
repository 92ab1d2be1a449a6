"""Text of a given width: paragraphs, tables, records and bars. Widths are in cells of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from rich.cells import cell_len, chop_cells

GAP: Final = "  "
BLOCKS: Final = " ▏▎▍▌▋▊▉█"
TICKS: Final = "▁▂▃▄▅▆▇█"
LONGEST_BAR: Final = 30
SHORTEST_BAR: Final = 8
NARROWEST: Final = 12
"""Cells that a column of words is never squeezed below, unless all its words are shorter."""

Number = Decimal | int | float


@dataclass(frozen=True, slots=True)
class Column:
    """number: stands at the right."""

    label: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines of a header, and for each row its lines; None where the columns do not fit side by side."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int


def wrapped(text: str, width: int, *, first: str = "", indent: str = "") -> list[str]:
    """Lines of at most `width`, broken between words; a word that is wider itself is broken within.

    first: stands before the first line. indent: before every other.
    """
    lines: list[str] = []
    line = start = first
    for number, paragraph in enumerate(text.split("\n")):
        if number:
            lines.append(line)
            line = start = indent
        # A blank that does not break ("1 430" in Russian) is no end of a word.
        for word in filter(None, paragraph.replace("\t", " ").split(" ")):
            joined = f"{line} {word}" if line != start else f"{line}{word}"
            if cell_len(joined) <= width:
                line = joined
                continue
            if line != start:
                lines.append(line)
                start = indent
            *full, last = chop_cells(word, max(width - cell_len(indent), 1))
            lines.extend(start + piece for piece in full)
            start = indent
            line = start + last
    return [*lines, line]


def grid(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Grid | None:
    """Columns side by side: headers break between words first, then texts do. None where even so it is too wide."""
    widths = _widths(columns, rows, width - cell_len(GAP) * (len(columns) - 1))
    if widths is None:
        return None
    heads = [wrapped(column.label, size) for column, size in zip(columns, widths, strict=True)]
    tallest = max(len(head) for head in heads)
    heads = [[""] * (tallest - len(head)) + head for head in heads]
    header = tuple(_lines(columns, widths, heads))
    made = [tuple(_lines(columns, widths, _cells(row, widths))) for row in rows]
    return Grid(header, tuple(made), sum(widths) + cell_len(GAP) * (len(columns) - 1))


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    return [wrapped(cell, size) for cell, size in zip(row, widths, strict=True)]


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """As wide as the texts are; else headers are broken between words, else texts are; None where no way fits."""
    cells = [[row[index] for row in rows] for index in range(len(columns))]
    widest = [max((cell_len(cell) for cell in column), default=0) for column in cells]
    whole = [max(cell_len(column.label), size) for column, size in zip(columns, widest, strict=True)]
    headed = [max(_longest_word([column.label]), size) for column, size in zip(columns, widest, strict=True)]
    squeezed = [
        size if column.number else max(_longest_word([column.label, *texts]), min(NARROWEST, size))
        for column, texts, size in zip(columns, cells, headed, strict=True)
    ]
    for least, most in ((whole, whole), (headed, whole), (squeezed, headed)):
        if sum(least) <= room:
            return _grown(least, most, room)
    return None


def _grown(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Widths up to `most`, the narrowest grown first, as far as there is room."""
    widths = list(least)
    while sum(widths) < room:
        short = [index for index, size in enumerate(widths) if size < most[index]]
        if not short:
            break
        widths[min(short, key=lambda index: widths[index])] += 1
    return widths


def _longest_word(texts: Sequence[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split(" ")), default=0)


def _lines(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    for at in range(max(len(cell) for cell in cells)):
        texts = [cell[at] if at < len(cell) else "" for cell in cells]
        padded = (_padded(*part) for part in zip(texts, widths, columns, strict=True))
        yield GAP.join(padded).rstrip()


def _padded(text: str, width: int, column: Column) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if column.number else text + blank


def records(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Iterator[list[str]]:
    """One record a row, one line a column: 'Label  value', the values under one another where there is room."""
    sides = [Column(""), Column("")]
    for row in rows:
        pairs = [[column.label, cell] for column, cell in zip(columns, row, strict=True)]
        made = grid(sides, pairs, width)
        if made is not None:
            yield [line for lines in made.rows for line in lines]
        else:
            yield [line for label, cell in pairs for line in (*wrapped(label, width), *wrapped(cell, width))]


def bar(value: Number | None, most: Number, width: int) -> str:
    """A bar whose length is to `width` as the value to the most, to an eighth of a cell."""
    if value is None or most <= 0 or value <= 0:
        return ""
    eighths = max(1, round(float(value) / float(most) * width * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + BLOCKS[rest].strip()


def sparkline(values: Sequence[Number | None]) -> str:
    """One sign a value, by its height above 0; a blank for none."""
    known = [float(value) for value in values if value is not None]
    top = max(known, default=0.0)
    if top <= 0:
        return ""
    return "".join(" " if value is None else TICKS[round(float(value) / top * 7)] for value in values)

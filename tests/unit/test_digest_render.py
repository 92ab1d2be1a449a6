"""Digests as messages: within limits, escaped, cut where a reader would cut them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_agent.insight.charts import themed
from dash_agent.models.answer import Chart, ChartKind
from dash_agent.models.message import Album, Text, message_json, message_of
from dash_agent.reports.digest import Drawing, Line, Part, Told
from dash_agent.reports.render import LONGEST_CAPTION, LONGEST_TEXT, cut, length, letter, packed, plain_text, telegram
from dash_agent.reports.tiles import Judged
from tests.stubs.telegram_server import read, units

CHART = Chart(ChartKind.BAR, (), {}, "alt & <text>")
TOLD = Told(
    "daily",
    "R&D <daily>",
    "en",
    "Nov 19, 2026",
    ("Held against: Nov 18, 2026",),
    (
        Part("Key figures", (Line("Tickets", "1,234", ("+12",), Judged.WORSE), Line("CSAT < 3", "4.2"))),
        Part("Moved", (Line("", "A & B <c>"),)),
    ),
    (Drawing("daily-1", "a < b", CHART),),
    "https://dash.example.com/?period=a&b=1",
)


def test_a_digest_as_a_message() -> None:
    text, album = telegram(TOLD, {"daily-1": b"png"})
    assert isinstance(text, Text)
    assert text.html == (
        "<b>R&amp;D &lt;daily&gt;</b> · Nov 19, 2026\n"
        "<i>Held against: Nov 18, 2026</i>\n"
        "\n"
        "<b>Key figures</b>\n"
        "🔴 Tickets: <b>1,234</b> (+12, worse)\n"
        "CSAT &lt; 3: <b>4.2</b>\n"
        "\n"
        "<b>Moved</b>\n"
        "A &amp; B &lt;c&gt;\n"
        "\n"
        '<a href="https://dash.example.com/?period=a&amp;b=1">The same in the dashboard</a>'
    )
    assert isinstance(album, Album)
    assert [(one.name, one.png, one.caption) for one in album.pictures] == [("daily-1.png", b"png", "a &lt; b")]
    assert len(telegram(TOLD, {})) == 1
    for one in (text, album):
        assert message_of(message_json(one)) == one


def test_a_digest_as_a_letter() -> None:
    made = letter(TOLD, {"daily-1": b"png"}, "daily-x")
    assert made.subject == "R&D <daily> · Nov 19, 2026"
    assert "A &amp; B &lt;c&gt;" in made.html
    assert 'src="cid:daily-1.png" alt="alt &amp; &lt;text&gt;"' in made.html
    assert "  A & B <c>" in plain_text(TOLD)
    assert message_of(message_json(made)) == made


def test_long_ones_are_cut_between_sections() -> None:
    parts = tuple(Part(f"Section {n}", (Line("", "word " * 300),)) for n in range(6))
    texts = [one.html for one in telegram(replace(TOLD, parts=parts), {}) if isinstance(one, Text)]
    assert len(texts) == 3
    for text in texts:
        assert units(read(text)) <= LONGEST_TEXT
    # Each section stays whole, and only the first message makes a sound.
    assert [text.count("<b>Section") for text in texts] == [2, 2, 2]
    assert [one.silent for one in telegram(replace(TOLD, parts=parts), {}) if isinstance(one, Text)] == [
        False,
        True,
        True,
    ]


WORDS = st.text(st.sampled_from("ab &<>🟢й\"'\n"), min_size=1, max_size=9000)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4))
def test_whatever_is_told_fits_and_is_all_there(texts: list[str]) -> None:
    parts = tuple(Part("T", (Line("", text),)) for text in texts)
    sent = [one.html for one in telegram(replace(TOLD, parts=parts), {}) if isinstance(one, Text)]
    whole = "".join(read(html) for html in sent)
    assert all(0 < units(read(html)) <= LONGEST_TEXT for html in sent)
    for text in texts:
        assert "".join(text.split()) in "".join(whole.split())


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_captions_fit(text: str) -> None:
    assert units(cut(text, LONGEST_CAPTION)) <= LONGEST_CAPTION
    assert cut(text, 10_000_000) == text


@pytest.mark.parametrize(
    ("html", "count"), [("<b>ab</b>", 2), ("&amp;&lt;", 2), ("🟢", 2), ('<a href="x">yz</a>', 2), ("й", 1)]
)
def test_lengths_are_counted_after_entities(html: str, count: int) -> None:
    assert length(html) == units(read(html)) == count


def test_blocks_are_packed() -> None:
    assert packed([["a"], ["b"], ["c" * 5]], 7) == ["a\n\nb", "ccccc"]
    assert packed([["a" * 4, "b" * 4]], 5) == ["aaaa", "bbbb"]
    assert themed(CHART, dark=False)

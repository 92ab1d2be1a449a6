"""Messages on a page: of HTML what Telegram knows, and nothing else."""

from __future__ import annotations

import pytest

from dashboard.components.messages import safe

LINK = 'target="_blank" rel="noopener noreferrer" style="color: inherit; text-decoration: underline"'


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<b>Daily</b> · 8 &lt; 10 &amp; more", "<b>Daily</b> · 8 &lt; 10 &amp; more"),
        ('<a href="https://dash.example.com/?a=1&amp;b=2">there</a>',
         f'<a href="https://dash.example.com/?a=1&amp;b=2" {LINK}>there</a>'),
        ('<b style="x" onclick="alert(1)">a</b>', "<b>a</b>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)"),
        ('<img src=x onerror="alert(1)">', '&lt;img src=x onerror="alert(1)"&gt;'),
        ('<a href="javascript:alert(1)">a</a>', '&lt;a href="javascript:alert(1)"&gt;a'),
        ('<a href="data:text/html,x">a</a>', '&lt;a href="data:text/html,x"&gt;a'),
        ("<b><i>a</b>c", "<b><i>a</i></b>c"),
        ("</div></b>a", "a"),
        ("<b>a", "<b>a</b>"),
        ("<!-- a -->b<?php c ?>", "b"),
        ("&lt;script&gt;", "&lt;script&gt;"),
    ],
)  # fmt: skip
def test_safe(html: str, shown: str) -> None:
    assert safe(html) == shown

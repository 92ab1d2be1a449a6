"""The page that asks for the administrator's password."""

from __future__ import annotations

from html import escape
from typing import Final

from dashboard.icon import ICON
from dashboard.words import Words


def form_page(words: Words, *, action: str, seal: str, problem: str) -> str:
    """action: where the form is sent to. seal: that it is ours. problem: with the last attempt, '' where none was."""
    return PAGE.format(
        language=words.language,
        icon=ICON,
        title=escape(words("signin.title")),
        label=escape(words("signin.password")),
        enter=escape(words("signin.enter")),
        note=escape(words("signin.note")),
        problem=f'<p role="alert" id="problem">{escape(problem)}</p>' if problem else "",
        seal=escape(seal),
        action=escape(action),
    )


PAGE: Final = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dash</title>
<link rel="icon" href="{icon}">
<style>
  :root {{ color-scheme: light dark; --ink: #1a1f26; --paper: #fff; --line: #c4cbd4; --main: #0b62a4; --on: #fff;
    --bad: #b3261e; }}
  @media (prefers-color-scheme: dark) {{
    :root {{ --ink: #e8ecf1; --paper: #12161c; --line: #47505c; --main: #6cb6ff; --on: #12161c; --bad: #ff8a80; }} }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper);
    color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }}
  main {{ box-sizing: border-box; width: min(24rem, 100vw); padding: 1.5rem; }}
  h1 {{ font-size: 1.5rem; margin: 0 0 1rem; }}
  label {{ display: block; margin-bottom: .3rem; }}
  input, button {{ box-sizing: border-box; width: 100%; font: inherit; padding: .6rem .8rem; border-radius: .5rem;
    border: 1px solid var(--line); background: transparent; color: inherit; }}
  button {{ margin-top: 1rem; background: var(--main); border-color: var(--main); color: var(--on); cursor: pointer; }}
  :focus-visible {{ outline: 3px solid var(--main); outline-offset: 2px; }}
  #problem {{ color: var(--bad); }}
  small {{ display: block; margin-top: 1rem; opacity: .8; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<form method="post" action="{action}">
{problem}
<label for="password">{label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required
  autofocus>
<input type="hidden" name="seal" value="{seal}">
<button type="submit">{enter}</button>
<small>{note}</small>
</form>
</main>
</body>
</html>
"""

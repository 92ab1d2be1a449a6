"""Styles of what is printed. Nothing is told by them alone."""

HEADING = "bold"
ASIDE = "dim"
GOOD = "green"
BAD = "red"
BAR = "cyan"
HEAD = "bold dim"

"""Questions about a support team's data, answered with SQL and definitions. Start reading at `ask.py`."""

__version__ = "0.1.0"

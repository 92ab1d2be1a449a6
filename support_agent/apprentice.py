"""Learns for a server that answers meanwhile: `python -m support_agent.apprentice`, with the settings of that server.

What is learned comes to lie on the shelf, and its name on standard output. It ends when its standard input does.
"""

from __future__ import annotations

import os
import sys
from threading import Thread

from dash_agent.adapters.embeddings import SentenceEncoder
from dash_agent.settings import load_settings
from support_agent.knowing import SHELF, read_known
from support_agent.settings import load_support_settings

GIVES_WAY = 15
"""Of 19: answers and the database come first."""


def run() -> None:
    os.nice(GIVES_WAY)
    Thread(target=_end_with_the_other, daemon=True).start()
    settings = load_settings()
    encoder = SentenceEncoder(settings.data_dir / SHELF)
    known = read_known(settings, load_support_settings(), encoder, settings.data_dir)
    for name, step in known.steps().items():
        step()
        print(name, flush=True)


def _end_with_the_other() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    run()

"""The console command `dash-agent`; `python -m dash_agent` is the same."""

from __future__ import annotations

import gc
import sys
from typing import Final

GARBAGE_AFTER: Final = 200_000
"""Objects made and not freed since the last look for cycles. What a process loads at its start stays: looking through
it again and again, as by default, takes a fifth of a question's time.
"""


def main() -> None:
    gc.set_threshold(GARBAGE_AFTER)

    from dash_agent.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

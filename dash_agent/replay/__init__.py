"""An answer asked again: the same, or what moved it. Read `replay.py` first."""

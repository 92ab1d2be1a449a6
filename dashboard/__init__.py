"""The ops dashboard. `python -m dashboard` serves it; `app.py` is the script behind every look at a page."""

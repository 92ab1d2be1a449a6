"""Pages, one a file: widgets and one call. `app.py` runs them."""

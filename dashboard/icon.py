"""The icon of the browser's tab."""

from typing import Final
from urllib.parse import quote

SVG: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7"
 fill="#0b62a4"/><path d="M7 22l6-7 5 4 7-9" fill="none" stroke="#fff" stroke-width="3"/></svg>"""

ICON: Final = f"data:image/svg+xml,{quote(SVG)}"
"""An address that needs no request: what Streamlit knows as page icons itself is fetched from another host."""

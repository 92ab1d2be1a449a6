"""Not built yet."""

from __future__ import annotations

import streamlit as st

from dashboard import state

st.title(state.desk().words("nav.knowledge"))

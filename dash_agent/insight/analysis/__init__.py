"""Arithmetic over what was read: plain functions over exact numbers, without names, languages or SQL."""

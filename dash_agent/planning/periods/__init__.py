"""Periods: what a question says of time, by language, and where it lies on a calendar."""

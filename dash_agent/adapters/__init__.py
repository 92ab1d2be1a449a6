"""Ports made of the outside world: the clock, ids, and later models, mail and messengers."""

"""Digests on their way: who gets one, whether the data bears it, what is sent, and what became of it."""

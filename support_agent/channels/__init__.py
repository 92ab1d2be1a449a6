"""Doors: each turns what comes in into messages for the desk, and outcomes into what its channel says."""

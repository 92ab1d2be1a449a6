"""Dash on AgentOS: an Agno agent over a model that asks `Dash`, its replies, traces and database.

Importing this package takes seconds: only the server does, when it starts.
"""

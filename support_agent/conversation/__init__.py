"""One turn of a conversation, step by step. `desk.py` puts the steps in their order."""

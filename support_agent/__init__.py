"""The support agent: it talks to customers, acts with their consent, and hands over to people. Start at `desk.py`."""

"""From a question to a whole Plan, or to none. Start reading at `chain.py`."""

"""Learning from people's work: reading what they teach, keeping it, review, and the way into the files."""

"""What is looked for again and again, and how it is told from chance. `look` is the door."""

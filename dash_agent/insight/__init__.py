"""From rows to facts, and from facts to a sentence in the question's language."""

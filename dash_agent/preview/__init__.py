"""A metric before it is asked about: what it means, what it gives, and what a change of its definition did."""

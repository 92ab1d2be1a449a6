"""What several answers say together: the figures of a board, what moved, what is stuck. For pages and digests alike."""

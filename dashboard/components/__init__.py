"""Parts of pages: each draws one thing that it is given, and asks nothing of its own."""

"""Services of others, played by script."""

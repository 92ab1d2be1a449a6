"""The revisions of our own database: branch `state` (schema app) and branch `support` (the support tables)."""

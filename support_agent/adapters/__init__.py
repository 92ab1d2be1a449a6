"""What stands behind the ports: SQL on the app role, mail, and the pages for customers."""

"""Alembic's environment and the steps by which a database came to its tables."""

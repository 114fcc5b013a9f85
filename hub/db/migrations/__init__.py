"""Alembic's folder: forward only, one step a file."""

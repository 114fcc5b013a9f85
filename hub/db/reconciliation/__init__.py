"""Reconciliation: listings of partners, and differences from what is held here."""

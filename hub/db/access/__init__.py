"""Accounts, grants, sign-in and the access log."""

"""Conformance tests for connectors."""

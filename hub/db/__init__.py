"""All SQL of the hub: one function a query, its first argument the open transaction."""

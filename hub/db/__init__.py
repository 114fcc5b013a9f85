"""All SQL of the hub: a function a query, the transaction first."""

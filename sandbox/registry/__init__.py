"""The real-estate registry: a legacy database without project codes, read by ODBC."""

from sandbox.registry.partner import Registry

PARTNER = Registry

"""The code list of units."""

UNITS = "measure_unit"
"""The code list that names every `x-unit` (mappings/codes)."""

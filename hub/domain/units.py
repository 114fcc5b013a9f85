"""Where the words of units stand."""

UNITS = "measure_unit"
"""The code list that names every `x-unit` (mappings/codes)."""

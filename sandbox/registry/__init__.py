"""The real-estate registry: a legacy database without project codes, read by ODBC."""

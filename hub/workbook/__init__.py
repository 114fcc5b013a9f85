"""XLSX workbooks read cell by cell: packages of parts, sheets, exact values. Nothing of a flow."""

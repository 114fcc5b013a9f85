"""The partners that run as a process of their own: their ports, and what their databases speak."""

PORTS = {"investment": 11, "approval": 12, "registry": 13, "civil_defence": 14} | {
    "market": 17,
    "external_works": 18,
    "housing": 19,
}
DATABASES = dict.fromkeys(list(PORTS)[1:], "") | {"registry": "?client_encoding=GBK"}
"""Partners that are databases, and what the address of each ends in."""

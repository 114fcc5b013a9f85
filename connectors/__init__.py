"""How to talk: one module a protocol (rest, soap, files, odbc, sql_exchange), found by entry point `hub.connectors`.

What several of them need stands beside them: `options` (what a mapping may say), `answers` (verdicts of a partner),
`web` (HTTP), `sqlstate` (database errors).
"""

"""How to talk: one module a protocol (rest, soap, files, odbc, sql_exchange), found by entry point `hub.connectors`.

What several of them need stands beside them: `options` (what a mapping may say), `canonical` (payloads), `paging`,
`answers` and `handover` (verdicts of a partner), `web` and `identity` (HTTP), `sqlstate` (database errors).
"""

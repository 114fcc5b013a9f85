"""How to talk: one module a protocol (rest, soap, files, odbc, sql, sql_exchange), found by its
entry point.

What several of them need stands beside them: `options` (what a mapping may say), `canonical`
(payloads), `paging`, `answers` and `handover` (verdicts of a partner), `web` and `identity` (HTTP),
`tables` (the reading of tables), `engines` (databases by SQLAlchemy), `sqlstate` (database errors).
"""

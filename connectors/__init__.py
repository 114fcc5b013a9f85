"""Connectors: one module a protocol (rest, soap, files, odbc, sql, sql_exchange, inbox,
outbox), each found by its entry point.

Shared parts: `options` (option schemas), `canonical` (canonical JSON), `paging` (pagination),
`verdicts` and `handover` (results of deliveries), `web` and `identity` (HTTP, authentication),
`tables` (reading tables), `engines` (SQLAlchemy), `sqlstate` (database errors).
"""

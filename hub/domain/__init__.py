"""Pure decisions on records, rights and retries: no clock, no database, no network."""

"""The ledger: acts, seals, witnesses, and what verification reads."""

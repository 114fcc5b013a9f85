"""Reconciliation by side: sources against intake, targets against confirmed deliveries."""

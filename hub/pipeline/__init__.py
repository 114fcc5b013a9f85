"""Runs unattended: intake, apply, delivery, receipts, replay, remap, reconcile, seal, verify."""

"""Deliveries to targets: outbox, outcomes, uncertain and surplus ones."""

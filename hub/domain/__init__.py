"""Pure decisions: what a record means, who is right about it, when to try again. No clock, no
database, no network.
"""

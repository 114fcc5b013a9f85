"""The states of a delivery that decide together, said once; SQL is handed them as a parameter.

Where a partial index has to be found (`delivery_due`), a statement names its states itself: the
planner cannot prove of a parameter that it is what the index says.
"""

IN_FLIGHT = ["sending", "awaiting_receipt", "retrying"]
"""An attempt is under way: a newer mark waits behind it."""
UNSETTLED = [*IN_FLIGHT, "dead"]
"""What was frozen for it may have arrived, and no verdict says whether."""
REFUSED = ["rejected", "dead"]
"""Put aside, until a person has seen to it."""
LATE = ["due", *IN_FLIGHT, "blocked"]
"""Something is still to go out, or its verdict to come."""

"""Groups of delivery states; SQL gets them as parameters.

Exception: where a partial index (`delivery_due`) must be used, statements spell the states out, for
the planner cannot match a parameter with the index.
"""

IN_FLIGHT = ["sending", "awaiting_receipt", "retrying"]
"""An attempt is in flight: a newer mark waits behind it."""
UNSETTLED = [*IN_FLIGHT, "dead"]
"""The frozen attempt may have arrived, without a verdict."""
REFUSED = ["rejected", "dead"]
"""Dead letters: set aside until a person acts."""
LATE = ["due", *IN_FLIGHT, "blocked"]
"""Something is still to be sent, or its verdict to come."""

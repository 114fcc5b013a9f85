"""Where a value comes from and where it went: rows put in order, nothing kept beside them.

value -> golden version -> claims considered and the ranking -> landed payload and source field -> contract -> run; and
forward: deliveries, receipts, reads.
"""

from hub.db.lineage import Confirmation
from hub.services.lineage.field import Claimed, FieldLineage, Origin, of_field
from hub.services.lineage.record import Head, RecordLineage, of_record

__all__ = ["Claimed", "Confirmation", "FieldLineage", "Head", "Origin", "RecordLineage", "of_field", "of_record"]

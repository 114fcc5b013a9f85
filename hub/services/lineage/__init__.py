"""Lineage: where a value comes from and where it went, read from stored rows only.

value -> golden version -> claims considered and the ranking -> landed payload and source field ->
  contract -> run; and forward: deliveries, receipts, reads.
"""

from hub.db.records.lineage import Confirmation, DeliveryEventRow, ReaderRow
from hub.db.records.projects import LandedRecord
from hub.services.lineage.as_of import (
    AccountAsOf,
    ProjectAsOf,
    RecordAsOf,
    moment_of,
    project_as_of,
    record_as_of,
)
from hub.services.lineage.field import Claimed, FieldLineage, FieldOrigin, field_lineage, of_field
from hub.services.lineage.openlineage import run_openlineage
from hub.services.lineage.proof import field_proof
from hub.services.lineage.prov import field_prov, record_prov
from hub.services.lineage.record import (
    FieldSource,
    RecordHead,
    RecordLineage,
    of_record,
    record_lineage,
)

__all__ = [
    "AccountAsOf",
    "Claimed",
    "Confirmation",
    "DeliveryEventRow",
    "FieldLineage",
    "FieldOrigin",
    "FieldSource",
    "LandedRecord",
    "ProjectAsOf",
    "ReaderRow",
    "RecordAsOf",
    "RecordHead",
    "RecordLineage",
    "field_lineage",
    "field_proof",
    "field_prov",
    "moment_of",
    "of_field",
    "of_record",
    "project_as_of",
    "record_as_of",
    "record_lineage",
    "record_prov",
    "run_openlineage",
]

"""Where a value comes from and where it went: rows put in order, nothing kept beside them.

value -> golden version -> claims considered and the ranking -> landed payload and source field -> contract -> run; and
forward: deliveries, receipts, reads.
"""

from hub.db.lineage import Confirmation, HandedRow, ReaderRow
from hub.db.projects import Arrival
from hub.services.lineage.field import Claimed, FieldLineage, Origin, field_lineage, of_field
from hub.services.lineage.moment import (
    AccountThen,
    ProjectThen,
    Then,
    moment_of,
    project_as_of,
    record_as_of,
)
from hub.services.lineage.openlineage import run_openlineage
from hub.services.lineage.proof import field_proof
from hub.services.lineage.prov import field_prov, record_prov
from hub.services.lineage.record import Head, RecordLineage, Sourced, of_record, record_lineage

__all__ = [
    "AccountThen",
    "Arrival",
    "Claimed",
    "Confirmation",
    "FieldLineage",
    "HandedRow",
    "Head",
    "Origin",
    "ProjectThen",
    "ReaderRow",
    "RecordLineage",
    "Sourced",
    "Then",
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

"""Cross-checks of `hub verify` in SQL: each row of a statement is a finding (key, found, expected).

`{source}` and `{golden}` stand for the tables of an entity, `%(entity)s` for its name, `%(flows)s`
for its flows.
"""

from hub.db.crosschecks.deliveries import DELIVERIES, TARGETS
from hub.db.crosschecks.heads import HEADS
from hub.db.crosschecks.links import LINKS
from hub.db.crosschecks.question import Crosscheck
from hub.db.crosschecks.records import SOURCES, VERSIONS
from hub.db.crosschecks.runs import RUNS

__all__ = ["DELIVERIES", "HEADS", "LINKS", "RUNS", "SOURCES", "TARGETS", "VERSIONS", "Crosscheck"]

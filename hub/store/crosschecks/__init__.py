"""What `hub verify` lets the database say for itself: statements whose every row is wrong, as (key, found, expected).

`{source}` and `{golden}` stand for the tables of an entity, `%(entity)s` for its name, `%(flows)s` for its flows.
"""

from hub.store.crosschecks.deliveries import DELIVERIES, TARGETS
from hub.store.crosschecks.heads import HEADS
from hub.store.crosschecks.links import LINKS
from hub.store.crosschecks.question import Question
from hub.store.crosschecks.records import SOURCES, VERSIONS
from hub.store.crosschecks.runs import RUNS

__all__ = ["DELIVERIES", "HEADS", "LINKS", "RUNS", "SOURCES", "TARGETS", "VERSIONS", "Question"]

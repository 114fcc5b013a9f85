"""batches -> runs and their reports: what is reported of a run is what its batches count."""

from hub.flow.verify.found import Work, ask
from hub.store.crosschecks import LINKS, RUNS, Question
from hub.store.reports import COUNTED as SUMS

COUNTED = SUMS.replace("{", "{{").replace("}", "}}")

RUN = "id flow state"
REPORT = "run_id counts balanced"
COMPARISON = (
    "run_id compared same superseded lag lost_push foreign_edit mapping_fault missing_here missing_there surplus_there"
)
REPORTED = Question(
    "report",
    "hub.report",
    "report.counts",
    f"""
    select 'run ' || r.id || ' of ' || r.flow, p.counts::text, x.counts::text
      from hub.report p join hub.run r on r.id = p.run_id
     cross join lateral ({COUNTED}) x
     where p.counts is distinct from x.counts
        or (r.state = 'complete' and p.balanced is distinct from x.balanced)
    """,  # noqa: S608 -- made of our own constants
)


def check_links(work: Work) -> None:
    """What no foreign key guards; what batches count, and what landed in them."""
    for question in LINKS:
        ask(work, question)


def check_runs(work: Work) -> None:
    """Runs end in order, and each has a report of what its batches count."""
    for question in (*RUNS, REPORTED):
        ask(work, question)

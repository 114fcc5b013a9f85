"""Verifies runs: reports equal the sums of their batches; links without foreign key hold."""

from hub.db.crosschecks import LINKS, RUNS, Crosscheck
from hub.db.crosswalk import DEEPEST, links
from hub.db.runs.reports import COUNTED as SUMS
from hub.domain.keys import own_token
from hub.pipeline.linking import SCORER
from hub.pipeline.verify.found import VerifyContext, ask, guarded

COUNTED = SUMS.replace("{", "{{").replace("}", "}}")

RUN = "id flow state"
REPORT = "run_id counts balanced"
COMPARISON = (
    "run_id compared same superseded lag lost_push foreign_edit mapping_fault missing_here "
    "missing_there surplus_there"
)
REPORTED = Crosscheck(
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


def check_links(work: VerifyContext) -> None:
    """References without a foreign key; counts of batches against what landed in them."""
    for question in LINKS:
        ask(work, question)
    with guarded(work, "link", "hub.crosswalk"), work.database.read(snapshot=True) as tx:
        must = {
            (own_token(flow, key), code, DEEPEST if by == SCORER else 0): f"{flow} {key}"
            for flow, key, code, by in links.linked(tx)
        }
        stands = links.given(tx)
        for one in sorted(must.keys() - stands, key=str):
            work.note("link", "hub.link", must[one], "link.token", "", one[1])
        for token, code, _ in sorted(stands - must.keys(), key=str):
            work.note("link", "hub.crosswalk", token, "crosswalk.decision", code)


def check_runs(work: VerifyContext) -> None:
    """Runs end in order, each with a report that equals the counts of its batches."""
    flows = [*work.contracts.pulls, *work.contracts.pushes]
    for question in (*RUNS, REPORTED):
        ask(work, question, bound={"flows": flows, "entities": list(work.contracts.entities)})

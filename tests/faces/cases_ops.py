"""What data administrators look at and decide: runs, failures, held batches, deliveries,
differences, alerts.
"""

from urllib.parse import quote

from hub.auth.context import RequestContext
from hub.services import (
    alerts,
    balance,
    conservation,
    deliveries,
    failure_groups,
    files,
    findings,
    held,
    metrics,
    overview,
    quarantine,
    reconciliation,
    replay_jobs,
    restorations,
    runs,
    schedule,
    shapes,
    verification,
    waiting,
)
from tests.faces.harness import Case
from tests.filled import CODE, Filled

FLOW = "pull.investment.project"
CAUSE = "record.code_unknown /xmlx"


def fill(world: Filled) -> None:
    """An alert, and a verification."""
    world.hub.watch()
    world.hub.verify(by="li", only=["files"])


def _record(context: RequestContext) -> str:
    with context.hub.database.read() as tx:
        return str(
            tx.execute("select min(id) from hub.record where entity = 'project'").fetchone()[0]
        )


CASES = [
    Case(
        files.standing,
        files.standing,
        "/v1/files",
        ("files",),
        ("hub.console.pages.files",),
    ),
    Case(
        files.of_project,
        lambda context: files.of_project(context, CODE),
        f"/v1/projects/{CODE}/files",
        ("files", "--project", CODE),
        ("hub.console.pages.projects",),
    ),
    Case(
        files.opened,
        api=f"/v1/files/{'0' * 64}?record=1",
        pages=("hub.console.pages.files",),
    ),
    Case(files.of_papers, pages=("hub.console.pages.form",)),
    Case(
        runs.listed,
        runs.listed,
        "/v1/runs",
        ("runs",),
        ("hub.console.pages.runs",),
    ),
    Case(
        runs.one,
        lambda context: runs.one(context, 1),
        "/v1/runs/1",
        pages=("hub.console.pages.runs",),
    ),
    Case(
        runs.records,
        lambda context: runs.records(context, 1),
        "/v1/runs/1/records",
        pages=("hub.console.pages.runs",),
    ),
    Case(
        failure_groups.listed,
        failure_groups.listed,
        "/v1/failures",
        ("failures",),
        ("hub.console.pages.failures",),
        command_of=lambda groups: {
            "causes": groups,
            "entries": [],
        },  # with --cause its entries stand beside it
    ),
    Case(
        quarantine.entry,
        lambda context: quarantine.entry(context, 1),
        "/v1/failures/1",
        ("failures", "--id", "1"),
        ("hub.console.pages.failures",),
    ),
    Case(
        quarantine.entries,
        lambda context: {
            "causes": failure_groups.listed(context, flow=FLOW, cause=CAUSE),
            "entries": quarantine.entries(context, flow=FLOW, cause=CAUSE, most=20),
        },
        command=("failures", "--flow", FLOW, "--cause", CAUSE),
        pages=("hub.console.pages.failures",),
    ),
    Case(
        quarantine.remarks,
        lambda context: quarantine.remarks(context, flow=FLOW, cause=CAUSE),
        f"/v1/remarks?flow={FLOW}&cause={quote(CAUSE)}",
        pages=("hub.console.pages.failures",),
    ),
    Case(
        findings.listed,
        findings.listed,
        "/v1/findings",
        ("findings",),
    ),
    Case(
        replay_jobs.listed, replay_jobs.listed, "/v1/replays", pages=("hub.console.pages.failures",)
    ),
    Case(held.listed, held.listed, "/v1/held", ("held",), ("hub.console.pages.held",)),
    Case(
        shapes.shape_of,
        lambda context: shapes.shape_of(context, FLOW),
        f"/v1/shapes/{FLOW}",
        ("shape", FLOW),
        ("hub.console.pages.held",),
    ),
    Case(
        deliveries.listed,
        deliveries.listed,
        "/v1/deliveries",
        ("deliveries",),
        ("hub.console.pages.deliveries",),
    ),
    Case(
        restorations.waiting,
        restorations.waiting,
        "/v1/deliveries/uncertain",
        ("deliveries", "--uncertain"),
    ),
    Case(restorations.listed, restorations.listed, "/v1/restorations", ("restored",)),
    Case(
        reconciliation.listed,
        reconciliation.listed,
        "/v1/differences",
        ("differences",),
        ("hub.console.pages.differences",),
    ),
    Case(alerts.listed, alerts.listed, "/v1/alerts", ("alerts",), ("hub.console.pages.alerts",)),
    Case(
        verification.proven,
        verification.proven,
        "/v1/verifications",
        ("verify", "--tables"),
        ("hub.console.pages.verification",),
    ),
    Case(verification.verify, command=("verify",)),
    Case(
        conservation.conserved,
        conservation.conserved,
        "/v1/conservation",
        pages=("hub.console.pages.conservation",),
    ),
    Case(balance.balance, balance.balance, command=("balance",)),
    Case(waiting.listed, waiting.listed, command=("waiting",), pages=("hub.console.pages.links",)),
    Case(schedule.of_dag, pages=("hub.console.pages.airflow_dag",)),
    Case(
        overview.look, api="/v1/overview", pages=("hub.console.pages.overview",)
    ),  # it says when it was looked at
    Case(metrics.text, api="/v1/metrics", command=("metrics",)),
    Case(
        quarantine.assign,
        api="POST /v1/failures/assignments",
        pages=("hub.console.pages.failures",),
    ),
    Case(
        quarantine.discard,
        api="POST /v1/failures/discarded",
        command=("discard",),
        pages=("hub.console.pages.failures",),
    ),
    Case(quarantine.remark, api="POST /v1/remarks", pages=("hub.console.pages.failures",)),
    Case(quarantine.replay_soon, api="POST /v1/replays", pages=("hub.console.pages.failures",)),
    Case(replay_jobs.one, api="/v1/replays/1", pages=("hub.console.pages.replays",)),
    Case(
        held.accept,
        api="POST /v1/held/decisions",
        command=("accept",),
        pages=("hub.console.pages.held",),
    ),
    Case(
        held.drop,
        api="POST /v1/held/decisions",
        command=("drop",),
        pages=("hub.console.pages.held",),
    ),
    Case(
        reconciliation.leave,
        api="POST /v1/differences/decisions",
        command=("settle",),
        pages=("hub.console.pages.differences",),
    ),
    Case(
        reconciliation.send_again,
        api="POST /v1/differences/decisions",
        command=("settle",),
        pages=("hub.console.pages.differences",),
    ),
    Case(
        restorations.settle,
        api="POST /v1/deliveries/decisions",
        command=("settle-delivery",),
        pages=("hub.console.pages.deliveries",),
    ),
    Case(
        restorations.settle_surplus,
        api="POST /v1/differences/surplus",
        command=("settle-surplus",),
        pages=("hub.console.pages.differences",),
    ),
    Case(restorations.declare, api="POST /v1/restorations", command=("restored",)),
    Case(
        alerts.test,
        api="POST /v1/alerts/test",
        command=("alerts", "test"),
        pages=("hub.console.pages.alerts",),
    ),
    Case(deliveries.record, api="/v1/records/1/deliveries", command=("deliveries",)),
]
NOT_SHARED = {
    "GET /v1/openapi.json": "the description of the API itself",
    "GET /v1/health": (
        "this process is looked at, and what was seen is kept for a moment "
        "(hub.services.health.Lookout)"
    ),
    "hub health": "this process is looked at anew",
    "hub alerts watch": "an act of the upkeep DAG",
    "hub migrate": "the database itself",
    "hub check": "the contract files alone",
    "hub exchange": "the contract files alone",
    "hub ping": "partners, without the database",
    "hub run": "an act of Airflow's DAGs",
    "hub release": "an act of Airflow's DAGs",
    "hub replay": "goes on until it is done; the other faces begin one and ask how far it is",
    "hub reconcile": "an act of Airflow's DAGs",
    "hub seal": "an act of the sealer",
}

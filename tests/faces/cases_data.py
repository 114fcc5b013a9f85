"""Projects, records and where they come from."""

from datetime import UTC, datetime
from urllib.parse import quote

from hub.domain.times import HUB_ZONE
from hub.services import (
    comparisons,
    dry_run,
    facts,
    lineage,
    linking,
    once_only,
    project_timeline,
    projects,
    scenarios,
)
from hub.services.prefill import search, sheet, submission, told
from tests.faces.harness import Case
from tests.filled import CODE, NAME, Filled
from tests.phases import FIRST, OPEN, PROJECT, RIGHT, SECOND

FORM = "construction_permit"
RECORD = "/v1/records/1"
SCENARIO = "start_then_served"
LATER = datetime(2100, 1, 1, tzinfo=UTC)

CASES: list[Case] = [
    Case(
        projects.project,
        lambda context: projects.project(context, CODE),
        api=f"/v1/projects/{CODE}",
        command=("show", CODE),
        pages=("hub.console.pages.projects",),
    ),
    Case(
        search.found,
        lambda context: search.found(context, NAME, most=10),
        api=f"/v1/projects?q={quote(NAME)}",
        pages=("hub.console.pages.projects", "hub.console.search"),
    ),
    Case(
        project_timeline.life,
        lambda context: project_timeline.life(context, CODE),
        api=f"/v1/projects/{CODE}/life",
        pages=("hub.console.pages.projects",),
    ),
    Case(
        linking.questions,
        lambda context: linking.questions(context, most=20),
        api="/v1/links?limit=20",
        command=("links",),
        pages=("hub.console.pages.links",),
    ),
    Case(
        linking.link,
        api="POST /v1/links/decisions",
        command=("link",),
        pages=("hub.console.pages.links",),
    ),
    Case(
        linking.refuse,
        api="POST /v1/links/decisions",
        command=("link",),
        pages=("hub.console.pages.links",),
    ),
    Case(
        linking.unlink,
        api="POST /v1/links/undone",
        command=("unlink",),
        pages=("hub.console.pages.links",),
    ),
    Case(
        dry_run.dry_run,
        api="POST /v1/rehearsals",
        command=("rehearse", "pull.investment.project"),
        pages=("hub.console.pages.dry_run",),
    ),
    Case(told.forms, told.forms, api="/v1/forms"),
    Case(
        told.prefilled_form,
        lambda context: told.prefilled_form(context, FORM, CODE),
        api=f"/v1/prefill/{FORM}?project_code={CODE}",
        pages=("hub.console.pages.form",),
    ),
    Case(sheet.exported, api=f"/v1/prefill/{FORM}/xlsx", pages=("hub.console.pages.form",)),
    Case(
        submission.submit,
        api=f"POST /v1/prefill/{FORM}/submissions",
        pages=("hub.console.pages.form",),
    ),
    Case(once_only.meter, once_only.meter, api="/v1/meter", pages=("hub.console.pages.once_only",)),
    Case(
        facts.clocks, lambda context: facts.clocks(context, CODE), api=f"/v1/projects/{CODE}/clocks"
    ),
    Case(
        comparisons.comparisons,
        lambda context: comparisons.comparisons(context, CODE),
        api=f"/v1/projects/{CODE}/comparisons",
        command=("comparisons", CODE),
        pages=("hub.console.pages.projects",),
    ),
    Case(facts.clocks, lambda context: [facts.clocks(context, CODE)], command=("clocks", CODE)),
    Case(
        scenarios.of_project,
        lambda context: scenarios.of_project(context, CODE),
        api=f"/v1/projects/{CODE}/scenarios",
        command=("scenarios", "--project", CODE),
    ),
    Case(
        scenarios.listed,
        scenarios.listed,
        api="/v1/scenarios",
        command=("scenarios",),
        pages=("hub.console.pages.scenarios",),
    ),
    Case(
        scenarios.one,
        lambda context: scenarios.one(context, SCENARIO),
        api=f"/v1/scenarios/{SCENARIO}",
        command=("scenario", SCENARIO),
        pages=("hub.console.pages.scenarios",),
    ),
    Case(
        lineage.record_lineage,
        lambda context: lineage.record_lineage(context, "1"),
        api=f"{RECORD}/lineage",
        command=("trace", "1"),
        pages=("hub.console.pages.records",),
    ),
    Case(
        lineage.field_lineage,
        lambda context: lineage.field_lineage(context, "1", "name"),
        api=f"{RECORD}/fields/name/lineage",
        command=("trace", "1", "name"),
        pages=("hub.console.pages.records",),
    ),
    Case(
        lineage.record_as_of,
        lambda context: lineage.record_as_of(context, "1", LATER),
        api=f"{RECORD}?as_of={LATER:%Y-%m-%dT%H:%M:%S}Z",
        command=("trace", "1", "--as-of", f"{LATER.astimezone(HUB_ZONE):%Y-%m-%dT%H:%M:%S}"),
        pages=("hub.console.pages.as_of",),
    ),
    Case(
        lineage.project_as_of,
        lambda context: lineage.project_as_of(context, CODE, LATER),
        api=f"/v1/projects/{CODE}/as-of?moment={LATER:%Y-%m-%dT%H:%M:%S}Z",
        pages=("hub.console.pages.as_of",),
    ),
    Case(
        lineage.record_prov,
        lambda context: lineage.record_prov(context, "1"),
        api=f"{RECORD}/prov",
        command=("prov", "1"),
        flags=(),
        pages=("hub.console.pages.records",),
    ),
    Case(
        lineage.field_prov,
        lambda context: lineage.field_prov(context, "1", "name"),
        api=f"{RECORD}/fields/name/prov",
        command=("prov", "1", "name"),
        flags=(),
        pages=("hub.console.pages.records",),
    ),
    Case(
        lineage.run_openlineage,
        lambda context: lineage.run_openlineage(context, 1),
        api="/v1/runs/1/openlineage",
        command=("openlineage", "1"),
        flags=(),
        pages=("hub.console.pages.records",),
    ),
    Case(
        lineage.field_proof,
        api=f"{RECORD}/fields/name/proof",
        command=("proof",),
        pages=("hub.console.pages.records",),
    ),
]
NOT_SHARED: dict[str, str] = {}


def fill(world: Filled) -> None:
    """A record that fits two projects, put to a person."""
    world.pull(PROJECT, FIRST, SECOND)
    world.pull(RIGHT, OPEN)
    world.hub.release()

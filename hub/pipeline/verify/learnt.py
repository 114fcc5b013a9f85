"""Verifies what is computed once for all readers: clocks, calendars, contract files, structure."""

from collections.abc import Sequence

from hub.db import contract_files, structure
from hub.db import facts as computed
from hub.db.database import Transaction
from hub.db.facts import scenarios
from hub.domain import facts as rules_of
from hub.pipeline import facts, indicators
from hub.pipeline.verify.found import RowsReading, VerifyContext, guarded, walk

CLOCK = (
    "scope record_id project_code region number stage_number of units received_at began ended_at "
    "end_basis end_kind ran"
    " applicant span counted_from pauses supplements specials stands turn without_at limit_days "
    "limit_ref others"
    " used_days exact_days span_days applicant_days light due_at yellow_at red_at grave_at"
    " batch_id unit"
)
ITEM_DETAIL = (
    "record_id project_code stage_ordinal item_code flow_kind channel handling_kind commitment"
    " end_word received_at answered_at answer preparation supplements supplement_at pauses pause_at"
    " paused pause_days limited promised_days statutory_days law law_from law_at minutes"
    " entered_at entry_lag_days event_at contradicted"
)
CASE_DETAIL = "record_id project_code entity item_number round outcome flow_kind"
DOCUMENT = (
    "record_id project_code region kind unit flow_kind void issued_on certificate item_number"
    " item_known accepted_at finished_at before_days certified_within_days"
)
HIT = (
    "indicator version subject kind record_id project_code level value bound at period unit county"
    " code flow_kind responsible evidence"
)
CELL = "indicator period unit county code flow_kind tells detail n total"
STEP = "record_id project_code item_number status at w w_next batch_id"
SCENARIO = "scenario project_code region began reached due ended"
STATE = "rules said calendar"
CALENDAR = "version zone first last opens_1 closes_1 opens_2 closes_2"
WORKDAY = "calendar n worked half before"


def check_facts(work: VerifyContext) -> None:
    """Recompute every clock for the moment it stands for; projects changed since are left out."""

    def codes(tx: Transaction, after: str, most: int) -> list[str]:
        stands = computed.state(tx)
        return [] if stands.timings is None else computed.codes(tx, stands, after=after, most=most)

    def check(tx: Transaction, codes: Sequence[str]) -> None:
        count, wrong, steps, details = facts.check(tx, list(codes), computed.state(tx))
        for one in wrong:
            where = f"clock of {one.scope} {one.record_id} of {one.project_code}"
            what = "missing" if not one.stands else "differs" if one.must else "nothing"
            work.note("fact", "fact.clock", where, f"fact.{what}")
        for record in steps:
            work.note("fact", "fact.step", f"step {record}", "fact.step")
        for scenario, project in scenarios.differing(tx, {"codes": list(codes)}):
            where = f"scenario {scenario} of {project}"
            work.note("fact", "fact.scenario", where, "fact.scenario")
        for name, records in details.items():
            for record in records:
                work.note("fact", f"fact.{name}", f"record {record}", "fact.differs")
        work.count("facts", count)

    walk(
        work,
        RowsReading(
            "fact", "fact.clock", codes, check, lambda code: f"project {code}", scratch=True
        ),
        "",
    )


def check_judgement(work: VerifyContext) -> None:
    """Judge everything anew for the moment for which hits and cells stand."""
    with guarded(work, "fact", "fact.hit"), work.database.read(snapshot=True, scratch=True) as tx:
        if computed.pending(tx):  # the next refresh judges what has changed
            work.count("indicators not compared")
            return
        count, hits, cells = indicators.check(tx)
        for indicator, subject in hits:
            work.note("fact", "fact.hit", f"{indicator} {subject}", "fact.differs")
        for cell in cells:
            work.note("fact", "fact.cell", " ".join(map(str, cell)), "fact.differs")
        work.count("indicators", count)


def check_axes(work: VerifyContext) -> None:
    """Calendars match the version they are stored under, and clock rules match their hash."""
    with guarded(work, "calendar", "hub.calendar"), work.database.read(snapshot=True) as tx:
        stands = computed.state(tx)
        said = rules_of.hashed(stands.said or {}, stands.calendar or "")
        none = (stands.rules, stands.said, stands.calendar) == (None, None, None)
        if not none and said != stands.rules:
            work.note("calendar", "fact.state", "rules", "state.rules", stands.rules or "", said)
        if none and computed.has_clocks(tx):
            work.note("calendar", "fact.state", "rules", "state.none")
        kept = computed.calendars(tx)
        if stands.calendar is not None and stands.calendar not in {row.version for row in kept}:
            work.note("calendar", "hub.calendar", f"calendar {stands.calendar}", "calendar.missing")
        for row in kept:
            version = rules_of.version_of_days(row.zone, row.hours, computed.days(tx, row.version))
            if version != row.version or computed.span(tx, row.version) != (
                row.first,
                row.last + 1,
            ):
                work.note(
                    "calendar",
                    "hub.workday",
                    f"calendar {row.version}",
                    "calendar.version",
                    version,
                )
            work.count("calendars")


def check_files(work: VerifyContext) -> None:
    """The stored copy of each sound contract file equals the file."""
    with guarded(work, "contract", "hub.contract_file"), work.database.read(snapshot=True) as tx:
        for path, body in contract_files.as_kept(tx).items():
            sound = work.contracts.sound.get(path)
            if sound is not None and sound != body:
                work.note("contract", "hub.contract_file", path, "file.body")
            work.count("contract files")


def check_structure(work: VerifyContext) -> None:
    """Tables, constraints, triggers, policies, functions, views are as last migrated."""
    with guarded(work, "structure", "hub.structure"), work.database.read(snapshot=True) as tx:
        stood = structure.made(tx)
        if stood is None:
            work.count("schemas never written down")  # deleted ones are covered by their acts
            return
        objects, drift = stood
        for name, found, expected in structure.differing(objects, structure.objects(tx)):
            what = "surplus" if expected is None else "missing" if found is None else "differs"
            work.note(
                "structure", _table_of(name), name, f"structure.{what}", found or "", expected or ""
            )
        for name in drift:
            work.note("structure", _table_of(name), name, "structure.drift")
        work.count("objects", len(objects))


def _table_of(name: str) -> str:
    """The table that a database object belongs to by its name; else the name itself."""
    kind, _, place = name.rpartition(" ")
    return ".".join(place.split(".")[:2]) if kind != "function" else place.partition("(")[0]

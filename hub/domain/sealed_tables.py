"""The sealed tables and their columns.

Read by the triggers that note acts, the sealer, `hub verify`, and the page of what is covered.
"""

from collections.abc import Mapping

from hub.domain.evidence import Sealed, SealedColumn


def _sealed(
    table: str,
    what: str,
    *,
    key: str,
    columns: str,
    left_out: Mapping[str, str] | None = None,
) -> Sealed:
    """columns: names, blank-separated; `:kind` unless `value`, `@2` if added by a later rule."""
    made = []
    for word in columns.split():
        text, _, since = word.partition("@")
        name, _, kind = text.partition(":")
        # one of Kind, see WRITTEN
        made.append(SealedColumn(name, kind or "value", int(since or 1)))  # type: ignore[arg-type]
    return Sealed(table, what, tuple(key.split()), tuple(made), left_out or {})


COUNTS = (
    "read created changed unchanged deleted superseded stale ignored quarantined waiting "
    "exploded empty held parts"
    " parts_created parts_changed parts_unchanged parts_deleted parts_waiting parts_quarantined"
)
SENT = "due confirmed awaiting_receipt unchanged superseded withheld blocked retrying rejected dead"

_LIST = (
    _sealed(
        "access",
        "the access log",
        key="id",
        columns="id at:time account route purpose project_code record_ids refused address@2",
    ),
    _sealed(
        "account",
        "accounts, roles, passwords and tokens (of hashes a digest)",
        key="name",
        columns="name role department token_hash:bytes password_hash created_at:time "
        "ended_at:time sign_in_by"
        " oidc_subject by_groups password_at:time@2 password_given@2 token_at:time@2 "
        "token_until:time@2 regions@3",
    ),
    _sealed(
        "password_past",
        "former passwords (as hashes)",
        key="id",
        columns="id account password_hash at:time",
    ),
    _sealed(
        "session",
        "signing in and out",
        key="token_hash",
        columns="token_hash:bytes account opened_at:time ended_at:time",
        left_out={"seen_at": "moves with every page"},
    ),
    _sealed(
        "access_grant",
        "grants",
        key="id",
        columns="id account entity classes purpose valid_from valid_until ended_at:time "
        "granted_at:time regions"
        " open_case_only application_id",
    ),
    _sealed(
        "application",
        "applications",
        key="id",
        columns="id account entities classes regions open_case_only purpose basis valid_from "
        "valid_until renews state"
        " sharing_kind due_at:time extended_to:time supply_due_at:time supplied_at:time",
    ),
    _sealed(
        "application_step",
        "each step of an application",
        key="id",
        columns="id application_id state by_account reason at:time",
    ),
    _sealed(
        "link",
        "links proposed and decided",
        key="id",
        columns="id flow key project_code verdict score:number evidence by reason at:time "
        "ended_at:time ended_by"
        " ended_reason",
    ),
    _sealed(
        "held_batch",
        "held batches and what was decided of them",
        key="batch_id",
        columns="batch_id run_id flow cursor_before cursor_after whole last parts findings "
        "held_at:time state"
        " decided_at:time decided_run decided_by reason decision snapshot",
    ),
    _sealed(
        "quarantine",
        "quarantine entries and how they were closed",
        key="id",
        columns="id flow key stage landing_id record_id cause faults owner state opened_run "
        "opened_at:time closed_run"
        " closed_at:time closed_by reason assignee",
    ),
    _sealed(
        "remark",
        "remarks on quarantine entries",
        key="id",
        columns="id flow cause entry_id at:time said_by said",
    ),
    _sealed(
        "difference",
        "differences and what was decided of them",
        key="id",
        columns=(
            "id flow key class state record_id first_run first_at:time closed_at:time closed_by "
            "reason"
        ),
        left_out={
            "found": "made anew by each comparison",
            "times": "counts comparisons",
            "last_run": "moves with each comparison",
            "last_at": "moves with each comparison",
        },
    ),
    _sealed(
        "recall",
        "recalls",
        key="id",
        columns=(
            "id record_id field value landing_id reason opened_by opened_at:time closed_at:time"
        ),
    ),
    _sealed(
        "recall_receiver",
        "whom a recall went to, and who acknowledged it",
        key="recall_id kind name record_id",
        columns="recall_id kind name record_id times first_at:time last_at:time sent "
        "acknowledged_at:time"
        " acknowledged_by note",
    ),
    _sealed(
        "dispute",
        "disputes and their answers",
        key="id",
        columns="id record_id field value proposed reason opened_by department system state "
        "opened_at:time due_at:time"
        " answered_at:time answered_by answer correct_by:time closed_at:time recall_id",
    ),
    _sealed(
        "hit_act",
        "what was told, answered and decided of hits",
        key="id",
        columns="id indicator subject kind unit names region project_code by_account at:time"
        " reason text due_at:time dispute_id seen",
    ),
    _sealed(
        "supervision_case",
        "cases of supervision",
        key="id",
        columns="id number department names region project_codes about ask opened_at:time",
    ),
    _sealed(
        "supervision_act",
        "what was done in cases of supervision",
        key="id",
        columns="id case_id kind step by_account at:time text due_at:time",
    ),
    _sealed(
        "erasure",
        "erasures",
        key="id",
        columns="id run_id record_id landing_ids reason erased_by erased_at:time secret",
    ),
    _sealed(
        "restoration",
        "that the database was restored, seen or said",
        key="id",
        columns="id at:time how by reason seal_id landing_id nothing_lost",
    ),
    _sealed(
        "surplus_withdrawal",
        "what a target held beyond ours, and was taken back",
        key="id",
        columns=(
            "id flow found_key key body state attempt code text by reason landing_id "
            "decided_at:time ended_at:time"
        ),
    ),
    _sealed(
        "submission",
        "forms handed in",
        key="id",
        columns="id form project_code account department at:time fields materials",
    ),
    _sealed(
        "supply",
        "workbooks, records and withdrawals handed in by people",
        key="id",
        columns="id flow kind account department at:time file digest:bytes rows key reason "
        "inbound_id",
    ),
    _sealed(
        "job",
        "replays that people began",
        key="id",
        columns="id asked asked_by state started_at:time ended_at:time",
        left_out={
            "total": "progress",
            "process": "which process does it",
            "lease_until": "until when it has said that it lives",
            "done": "progress",
            "marked": "progress",
            "runs": "the runs are sealed themselves",
            "cause": "the runs are sealed themselves",
        },
    ),
    _sealed(
        "unusual",
        "what of reading was found unusual",
        key="id",
        columns="id account day code facts noted_at:time",
    ),
    _sealed(
        "alert",
        "alerts told and closed",
        key="cause",
        columns="cause code first_at:time told_at:time closed_at:time",
        left_out={
            "facts": "move with each look",
            "times": "moves with each look",
            "last_at": "moves with each look",
            "held_until": "a hold of minutes",
        },
    ),
    _sealed(
        "run",
        "runs and how they ended",
        key="id",
        columns="id flow kind state fence started_at:time ended_at:time cause airflow",
        left_out={
            "process": "which process does it, for whoever waits for it",
            "lease_until": "until when it has said that it lives",
        },
    ),
    _sealed(
        "batch",
        "batches: counts, the disposition of each landing, the cursor",
        key="id",
        columns=f"id run_id flow contract_id committed_at:time {COUNTS} cursor_after leaves "
        f"merkle_root:bytes leaf_rule"
        " notes event_order landed:long",
        left_out={"seal_id": "set by the sealer; the seal names its batches"},
    ),
    _sealed(
        "comparison",
        "counts of comparisons",
        key="id",
        columns="id run_id flow committed_at:time compared same superseded lag lost_push "
        "foreign_edit mapping_fault"
        " missing_here missing_there surplus_there",
    ),
    _sealed(
        "delivery_batch",
        "counts of deliveries",
        key="id",
        columns=f"id run_id flow committed_at:time {SENT}",
    ),
    _sealed(
        "delivery_event",
        "each delivery and what the partner answered",
        key="id",
        columns=(
            "id run_id flow record_id key action golden_version state body code text reference "
            "at:time"
        ),
    ),
    _sealed(
        "receipt",
        "partners' receipts",
        key="flow key",
        columns="flow key state code text reference received_at:time",
    ),
    _sealed(
        "inbound",
        "bodies that were handed in, and their receipts",
        key="id",
        columns=(
            "id system resource digest:bytes later charset records source origin received_at:time"
        ),
        left_out={
            "content": "dropped once it is taken; its records are sealed where they landed",
            "taken_at": "set when the content is dropped",
            "times": "counts repeats",
            "last_at": "moves with each repeat",
        },
    ),
    _sealed(
        "inbound_taking",
        "which batch read which body, whole",
        key="inbound_id flow",
        columns="inbound_id flow records run_id batch_id taken_at:time",
    ),
    _sealed(
        "handover",
        "deliveries laid ready, fetched and acknowledged",
        key="id",
        columns="id flow key record_id ready_at:time handed_at:time handed_to state "
        "acknowledged_at:time acknowledged_by code text",
        left_out={"times": "counts how often it was fetched"},
    ),
    _sealed(
        "contract_version",
        "contract versions that were used",
        key="id",
        columns="id hash flow first_used:time",
        left_out={"body": "its SHA-256 is the hash"},
    ),
    _sealed(
        "disagreement",
        "what systems disagreed on, and until when",
        key="record_id field",
        columns="record_id field claims since:time closed_at:time",
    ),
    _sealed(
        "rewind",
        "flows that were set back",
        key="id",
        columns="id flow cursor by at:time",
    ),
    _sealed(
        "structure",
        "the schema as migrations made it",
        key="id",
        columns="id made_at:time last_event objects drift",
    ),
    _sealed(
        "writer",
        "programs that may write",
        key="revision",
        columns="revision program since:time",
    ),
    _sealed(
        "verification",
        "verifications and what they found",
        key="id",
        columns=(
            "id started_at:time ended_at:time by state made skipped unfinished checked by_table "
            "wrong findings"
        ),
    ),
    _sealed(
        "entity_field",
        "the ordinals of fields",
        key="entity name",
        columns="entity name ordinal",
    ),
)
SEALED: Mapping[str, Sealed] = {one.table: one for one in _LIST}

"""Gaps of verification: reason (catalogue id, sense `uncovered`) -> table -> columns."""

from collections.abc import Mapping

OPEN: Mapping[str, Mapping[str, str]] = {
    "work": {
        "fact.hit": "id from_batch found_at to_batch cleared_at",
        "fact.judgement": "one rules said at batch_high",
        "fact.state": "one until batch_high",
        "fact.touched": "project_code at",
        "hub.asked": "flow key state cause asked_at times run_id",
        "hub.asked_batch": "id run_id batch_id flow committed_at asked answered absent failed",
        "hub.asked_day": "flow day asked spent",
        "hub.alert": "facts times last_at held_until",
        "hub.contract_file": "kept_at",
        "hub.dag_wish": "dag paused version noted_at",
        "hub.delivery": "due attempt held_until note word_version erased_serial",
        "hub.difference": "found times last_run last_at",
        "hub.file": "type class first_landing held_at gone_at",
        "hub.file_want": (
            "flow source_key field value record_id landing_id told keep state sha256 attempts "
            "fault next_at settled_at"
        ),
        "hub.flow": "fence contract last_complete_at sweep_read last_sweep",
        "hub.incarnation": "one server xid secret",
        "hub.inbound": "content taken_at times last_at",
        "hub.inbound_nonce": "system digest until",
        "hub.handover": "times",
        "hub.job": "total done marked runs cause process lease_until",
        "hub.link_subject": "changed_at",
        "hub.obstacle": "kind place code facts times first_at last_at",
        "hub.reconciliation": "flow sweep began place complete_at sees",
        "hub.recovered": "flow restoration_id at",
        "hub.run": "process lease_until",
        "hub.session": "seen_at",
        "hub.sighting": "flow key sweep basis set_back bucket checksum rows",
        "hub.sign_in_count": "kind name times until_at next_at",
        "hub.waiting": "since looked_at",
        "hub.write_back": (
            "flow key landing_id outcome about reason state told text attempts run_id at"
        ),
        "hub.write_back_batch": "id run_id flow committed_at due written overtaken failed",
    },
    "seen": {
        "hub.shape": "flow path records present filled missing types codes first_at last_at",
        "hub.shape_change": "id flow kind place done facts run_id batch_id met_at",
        "hub.source_file": (
            "flow name stamp digest state contract_id run_id batch_id first_at read_at"
        ),
    },
    "summed": {
        "hub.fetch_batch": ("id run_id flow committed_at wanted held passed_on failed pending"),
        "hub.access_day": (
            "account day reads records projects uncased off_hours refused refused_row"
        ),
        "hub.once_only": (
            "month department form submissions fields_hub fields_outdated fields_typed "
            "fields_differing fields_empty"
            " materials_hub materials_asked"
        ),
        "hub.report": "causes made_at",
    },
    "outside": {"hub.witness": "name seal_id chain at token failed_at fault differs since"},
    "number": {"hub.history": "id", "hub.applied_anew": "key"},
}

PARTLY: Mapping[str, Mapping[str, str]] = {
    "alike": {"hub.delivery": "dirty state held_body golden_version"},
    "restored": {"hub.delivery": "serial confirmed_key uncertain word"},
    "former": {"hub.evidence": "relation key op rule salt"},
    "then": {"golden.*": "incomplete", "hub.head": "version", "hub.contract_file": "path"},
    "once": {"hub.flow": "name"},
}
"""Columns that checks cover except for some rows."""

"""What has to run and when, as the one file that DAG parsing reads: dags/flows.json."""

import orjson

from hub.rules.contracts import Contracts


def flows_document(contracts: Contracts) -> str:
    """The canonical text of flows.json: per system its pool, timers, pulls and pushes."""
    systems = {
        system.name: {
            "title": system.title_zh,
            "pool_slots": system.pool_slots,
            "every_seconds": system.every_seconds,
            "freshness_seconds": system.freshness_seconds,
            "owner": system.owner,
            "reconcile_at": system.reconcile.at,
            "timezone": system.timezone,
            "pulls": [
                {"flow": flow.name, "entity": flow.entity.name}
                for flow in contracts.pulls.values()
                if flow.system.name == system.name
            ],
            "pushes": [
                {"flow": flow.name, "entity": flow.entity.name, "receipts": flow.receipts}
                for flow in contracts.pushes.values()
                if flow.system.name == system.name
            ],
        }
        for system in contracts.systems.values()
    }
    return orjson.dumps({"systems": systems}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"

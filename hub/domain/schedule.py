"""dags/flows.json: what runs when, the one file read by DAG parsing."""

from collections import Counter
from collections.abc import Mapping

import orjson

from hub.domain.contracts import Contracts
from hub.domain.documents import mapping
from hub.model import Json

VERBS = {
    "fetches": (("fetch", "fetch", "fetch"),),
    "pulls": (("pull", "pull", "pull"), ("reconcile", "reconcile", "reconcile_pull")),
    "pushes": (
        ("push", "push", "push"),
        ("receipts", "push", "receipts"),
        ("reconcile", "reconcile", "reconcile_push"),
    ),
}
"""Way -> (kind of run, DAG, verb) of each task that a flow has."""


def flows_document(contracts: Contracts, before: str = "") -> str:
    """The canonical text of flows.json: per system pool, timers, pulls, pushes.

    before: the text it replaces. A disabled flow stays in it although its files say nothing: its
    DAG goes on and fails with the reason.
    """
    systems: dict[str, dict[str, Json]] = {
        system.name: {
            "title": system.title_zh,
            "pool_slots": system.pool_slots,
            "every_seconds": system.every_seconds,
            "freshness_seconds": system.freshness_seconds,
            "owner": system.owner,
            "reconcile_at": system.reconcile.at,
            "timezone": system.timezone,
            "fetches": [
                {"flow": flow.fetch, "entity": flow.entity.name}
                for flow in contracts.pulls.values()
                if flow.system.name == system.name and flow.files
            ],
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
    for name, stood in _systems_of(before).items() if contracts.disabled else ():
        system = systems.setdefault(name, dict(stood) | {"fetches": [], "pulls": [], "pushes": []})
        for way in ("fetches", "pulls", "pushes"):
            system[way] = _with_disabled(contracts, _flows(system[way]), _flows(stood.get(way)))
    used = {
        name: system
        for name, system in systems.items()
        if name in contracts.systems or _ways(system)
    }
    return (
        orjson.dumps({"systems": used}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
        + "\n"
    )


def flow_of_task(document: str, dag_id: str, task_id: str) -> tuple[str, str] | None:
    """(flow, kind of run) of an Airflow task; None for a task of no flow.

    document: text of flows.json. `dags/` names DAGs <way>_<system>, tasks
    <entity>.<verb>_<variant>.
    """
    for name, system in _systems_of(document).items():
        for way, verbs in VERBS.items():
            for kind, dag, verb in verbs:
                if dag_id == f"{dag}_{name}" and (
                    flow := _tasks(system.get(way), verb).get(task_id)
                ):
                    return flow, kind
    return None


def _tasks(flows: Json, verb: str) -> dict[str, str]:
    """Task name -> flow, for this verb; Airflow numbers equal names from the second on."""
    found: dict[str, str] = {}
    times = Counter[str]()
    for flow in map(mapping, _flows(flows)):
        name = str(flow["flow"])
        task = "_".join([f"{flow['entity']}.{verb}", *name.split(".")[3:]])
        found[f"{task}__{times[task]}" if times[task] else task] = name
        times[task] += 1
    return found


def _systems_of(text: str) -> dict[str, dict[str, Json]]:
    try:
        said: Json = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return {name: mapping(system) for name, system in mapping(mapping(said).get("systems")).items()}


def _with_disabled(contracts: Contracts, flows: list[Json], stood: list[Json]) -> list[Json]:
    """The flows, and those that stood here and are disabled, in the order of their names."""
    known = {str(mapping(flow)["flow"]) for flow in flows}
    names = [(str(mapping(flow).get("flow")), flow) for flow in stood]
    kept = [
        flow for name, flow in names if pull_of(name) in contracts.disabled and name not in known
    ]
    return sorted([*flows, *kept], key=lambda flow: str(mapping(flow)["flow"])) if kept else flows


def pull_of(flow: str) -> str:
    """The flow whose records name what a fetch fetches; any other flow itself."""
    way, _, rest = flow.partition(".")
    return f"pull.{rest}" if way == "fetch" else flow


def _flows(said: Json) -> list[Json]:
    return said if isinstance(said, list) else []


def _ways(system: Mapping[str, Json]) -> bool:
    return bool(system["pulls"] or system["pushes"])

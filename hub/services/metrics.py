"""Metrics for Prometheus, counted over everything.

The names are an interface: docs/metrics.md lists them, and a test compares the two.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hub.auth.context import RequestContext
from hub.db import alerts, inbound, runs
from hub.db.database import Transaction
from hub.db.deliveries import handover
from hub.db.ledger import seals
from hub.db.runs import overview, reading
from hub.db.runs.reading import Since
from hub.domain.contracts import Contracts
from hub.services.contract_problems import mistakes
from hub.texts import bilingual
from hub.version import program

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
EVER = Since()
Sums = Mapping[tuple[str, str], Mapping[str, int]]
Values = Mapping[Any, float]  # by one label each, as tuples


def text(context: RequestContext) -> bytes:
    """All metrics in Prometheus' text format: flows and outcomes, nothing of any record."""
    with context.hub.database.read() as tx:
        found = list(_metrics(tx, context.hub.contracts))
    registry = CollectorRegistry()
    registry.register(_Found(found))
    return generate_latest(registry)


class _Found(Collector):
    """Metrics already read: a registry collects twice, for the names and for the values."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        return iter(self._found)


def _metrics(tx: Transaction, contracts: Contracts) -> Iterator[Metric]:
    yield _gauge("onecode_info", "此程序的版本|metric", ("program",), {(program(),): 1})
    yield from _flows(tx, contracts)
    yield from _counted(tx)
    yield from _standing(tx)
    yield from _called(tx)
    yield _gauge(
        "onecode_seal_lag_seconds", "最早未存证批次已过秒数|metric", (), {(): runs.sealing_lag(tx)}
    )
    newest = seals.newest(tx, signed=False)
    yield _counter(
        "onecode_seals", "存证数|metric", (), {(): newest.id if newest else 0}
    )  # numbered without gaps
    told = sum(alert.closed_at is None for alert in alerts.alerts(tx))
    yield _gauge("onecode_alerts", "未关闭的告警|metric", (), {(): told})
    wrong = len(mistakes(contracts))
    yield _gauge("onecode_contract_problems", "契约文件的问题|metric", (), {(): wrong})


def _flows(tx: Transaction, contracts: Contracts) -> Iterator[Metric]:
    names = list(dict.fromkeys([*contracts.pulls, *contracts.pushes, *sorted(contracts.disabled)]))
    standing = overview.standing(tx, names, most=1)
    lags = {(one.flow,): one.seconds for one in standing if one.seconds is not None}
    yield _gauge(
        "onecode_flow_lag_seconds",
        "距上次完整运行的秒数|metric",
        ("flow",),
        lags,
    )
    disabled = {(name,): int(name in contracts.disabled) for name in names}
    yield _gauge(
        "onecode_flow_disabled",
        "契约文件有误而停用|metric",
        ("flow",),
        disabled,
    )
    lasted = overview.durations(tx)
    yield _gauge(
        "onecode_run_seconds",
        "最近一次结束的运行用时|metric",
        ("flow", "kind"),
        lasted,
    )
    ran = {
        (flow, state): count
        for flow, states in reading.run_states(tx, EVER).items()
        for state, count in states.items()
    }
    yield _counter("onecode_runs", "运行次数|metric", ("flow", "state"), ran)


def _counted(tx: Transaction) -> Iterator[Metric]:
    """Counters of records and deliveries by outcome, from committed batches."""
    of = ("flow", "kind", "outcome")
    yield _counter(
        "onecode_records",
        "接收的记录|metric",
        of,
        _outcomes(reading.intake_sums(tx, EVER)),
    )
    yield _counter(
        "onecode_parts",
        "拆分出的部分|metric",
        of,
        _outcomes(reading.part_sums(tx, EVER)),
    )
    handed = _outcomes(reading.delivery_sums(tx, EVER))
    yield _counter("onecode_deliveries", "推送|metric", of, handed)


def _standing(tx: Transaction) -> Iterator[Metric]:
    """Gauges of what is open now."""
    entries = {(flow,): count for flow, count in reading.open_entries(tx).items()}
    yield _gauge("onecode_quarantine_open", "未处理的问题|metric", ("flow",), entries)
    waiting = {(flow,): count for flow, count in reading.waiting_now(tx).items()}
    yield _gauge(
        "onecode_waiting_records",
        "等待项目的记录|metric",
        ("flow",),
        waiting,
    )
    held = {(flow,): count for flow, count in overview.held(tx).items()}
    yield _gauge("onecode_held_batches", "整批未采用|metric", ("flow",), held)
    states = {
        (flow, state): count
        for flow, by_state in reading.deliveries_now(tx).items()
        for state, count in by_state.items()
    }
    yield _gauge("onecode_deliveries_standing", "推送的现状|metric", ("flow", "state"), states)


def _called(tx: Transaction) -> Iterator[Metric]:
    """What partners that call the hub have handed in, and what lies ready for them."""
    of = ("system", "resource")
    bodies = {(one.system, one.resource): one for one in inbound.standing(tx)}
    yield _gauge(
        "onecode_inbound_waiting",
        "收到而未读取的正文|metric",
        of,
        {place: one.due for place, one in bodies.items()},
    )
    yield _gauge(
        "onecode_inbound_oldest_seconds",
        "最早未读取正文已过秒数|metric",
        of,
        {place: one.oldest for place, one in bodies.items()},
    )
    yield _counter(
        "onecode_inbound_repeats",
        "重复送来的正文|metric",
        of,
        {place: one.repeats for place, one in bodies.items()},
    )
    shelves = {(one.flow,): one for one in handover.counted(tx)}
    yield _gauge(
        "onecode_handover_open",
        "待取走或待确认的推送|metric",
        ("flow",),
        {flow: one.ready + one.handed for flow, one in shelves.items()},
    )
    yield _gauge(
        "onecode_handover_oldest_seconds",
        "最早待取推送已过秒数|metric",
        ("flow",),
        {flow: one.oldest for flow, one in shelves.items()},
    )


def _outcomes(sums: Sums) -> dict[tuple[str, ...], int]:
    """Counts by (flow, kind, outcome); `read` and `due` are the sums of the others."""
    return {
        (flow, kind, outcome): n
        for (flow, kind), counts in sums.items()
        for outcome, n in counts.items()
    }


def _gauge(name: str, meaning: str, labels: tuple[str, ...], values: Values) -> Metric:
    return _filled(GaugeMetricFamily(name, bilingual(meaning, " · "), labels=labels), values)


def _counter(name: str, meaning: str, labels: tuple[str, ...], values: Values) -> Metric:
    return _filled(CounterMetricFamily(name, bilingual(meaning, " · "), labels=labels), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Values) -> Metric:
    for of, value in values.items():
        family.add_metric(of, value)
    return family

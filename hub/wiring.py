"""Composition root: settings, database, contracts, connectors, for DAGs, command line and API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

from hub import auth
from hub.config import environment
from hub.config.connections import connection_from, nobody
from hub.contract import Connector, Receiving
from hub.db import contract_files, runs
from hub.db.access import accounts
from hub.db.access.accounts import AccessEntry
from hub.db.database import Transaction
from hub.db.landing import source_files
from hub.db.quarantine import Selection
from hub.domain import blame, scenarios
from hub.domain.contracts import BackRules, FileRule, PullFlow, PushFlow
from hub.domain.times import HUB_ZONE
from hub.errors import Fault, FlowError, HubError
from hub.model import Json, Record
from hub.pipeline import (
    connector_boundary,
    delivery,
    disputes,
    facts,
    fetching,
    inbound,
    indicators,
    intake,
    linking,
    recall,
    receipts,
    reconcile,
    refused_runs,
    remap,
    replay,
    seal,
    verify,
    witness,
    write_back,
)
from hub.pipeline.passing import Passing, fetched_at_once
from hub.runtime import Runtime
from hub.services import alerts, anomalies, applications, old_logs
from hub.services.prefill import chosen, prefill
from hub.services.prefill.filling import handed_over
from hub.settings import changed as altered
from hub.settings import kept_since, settings_from


def start(
    *,
    environ: Mapping[str, str] | None = None,
    connections: Mapping[str, str] | None = None,
    asking: bool = False,
) -> "Hub":
    """The hub of this process. asking: interactive, so that waits are short.

    environ: HUB_* settings (default: the process environment; without a database there, what the
    supervisor wrote to .run/hub.env). connections: system -> address or JSON parts; replaces
    HUB_CONN_<SYSTEM> and HUB_CONNECTIONS_FILE, as Airflow passes them.
    """
    variables = (
        environment.hub_variables() if environ is None else environment.with_connections(environ)
    )
    uris = {**environment.addresses(variables), **(connections or {})}
    return Hub(settings_from(variables), uris, asking=asking)


F = TypeVar("F", PullFlow, PushFlow, PullFlow | PushFlow)


class Hub(Runtime):
    """What runs unattended, a method a kind of run; interactive use cases are in `hub.services`."""

    def migrate(self) -> list[str]:
        """Migrate the database to these contracts; gives what was done."""
        # Alembic is half of the start-up of every other command
        from hub.db import migrate  # noqa: PLC0415

        contracts = contract_files.contracts_of(
            self.database, self.settings.home, migrating=True, secret=self.settings.digest_key
        )
        done = migrate.migrate(
            self.settings.database_url,
            contracts.entities.values(),
            watched=scenarios.watched(contracts.scenarios),
            key=self.settings.hash_key,
            waits=self.settings.waits,
        )
        self.contracts = self.contracts_now()
        with self.database.write() as tx:
            applications.follow(tx, self.contracts)
        self.refresh_facts()
        return done

    def refresh_facts(self) -> int:
        """Recompute facts of queued projects, or of all where the rules have changed; how many."""
        facts.adopt(self.database, self.contracts)
        return facts.refresh(self.database)

    def judge(self, *, anew: bool = False) -> int:
        """Judge all projects by the indicators in force, where another day or another file wants
        it, or `anew`; how many indicators, 0 where nothing was to be done.
        """
        self.refresh_facts()
        if anew or indicators.due(self.database, self.contracts):
            return indicators.build(self.database, self.contracts)
        return 0

    def facts_kept_from(self) -> Fault | None:
        """Why facts are still computed by earlier rules than those of now; None where they are
        not.
        """
        with self.database.read() as tx:
            return facts.kept_from(tx, self.contracts)

    def pull(self, name: str, *, airflow: Json = None) -> int:
        """Run one pull flow; give the run's id."""
        with self._ready(name, "pull", self._pull_flow, airflow=airflow) as (flow, connector):
            try:
                run = intake.pull(
                    self.database,
                    self.contracts,
                    flow,
                    connector=connector,
                    settings=self.settings,
                    airflow=airflow,
                )
            except HubError:
                with suppress(HubError):  # what was committed is told; a run of its own says if not
                    self.write_back(name, airflow=airflow)
                raise
            finally:
                if isinstance(connector, Receiving):
                    inbound.drop_taken(self.database, self.contracts, flow.system.name)
            self.write_back(name, airflow=airflow)
            return run

    def write_back(self, name: str, *, airflow: Json = None) -> int | None:
        """Tell rows of a pull's source what became of them; the run's id, None if all know it."""
        with refused_runs.noted(self.database, self.contracts, name, "write_back", airflow=airflow):
            flow = self._pull_flow(name)
            if flow.back is None or not write_back.is_due(self.database, self.contracts, flow):
                return None
            made = self._back_connector(flow, flow.back)
        try:
            return write_back.tell(
                self.database, self.contracts, flow, connector=made, airflow=airflow
            )
        finally:
            connector_boundary.close(made, flow.system.name)

    def push(self, name: str, *, airflow: Json = None) -> int:
        """Run one push flow; give the run's id."""
        with (
            self._ready(name, "push", self._push_flow, airflow=airflow) as (flow, connector),
            fetched_at_once(self.made) as fetched,
        ):
            passing = Passing(self.database, self.contracts, self.settings, fetched)
            return delivery.push(
                self.database,
                self.contracts,
                flow,
                connector=connector,
                settings=self.settings,
                airflow=airflow,
                answers=self.answers(flow),
                contents=passing.content,
            )

    def fetch(self, name: str, *, airflow: Json = None) -> int:
        """Fetch the files that records of a pull name; give the run's id."""
        made: dict[str, Connector] = {}
        with refused_runs.noted(self.database, self.contracts, name, "fetch", airflow=airflow):
            flow = self._fetch_flow(name)

        def opened(via: str) -> Connector:
            if via not in made:
                made[via] = self.made(flow, via=via)
            return made[via]

        try:
            return fetching.fetch(
                self.database,
                self.contracts,
                flow,
                opened=opened,
                settings=self.settings,
                airflow=airflow,
            )
        finally:
            for one in made.values():
                connector_boundary.close(one, flow.system.name)

    def fetched(self, flow: PullFlow, rule: FileRule, value: str) -> bytes:
        """One file from its partner, not judged yet: what is passed through and not held."""
        made = self.made(flow, via=rule.source.via)
        try:
            return fetching.fetched(flow, rule, value, opened=lambda _: made)
        finally:
            connector_boundary.close(made, flow.system.name)

    def answers(self, flow: PushFlow) -> Callable[[str], Record] | None:
        """Project code -> answers of the form that a push delivers, as its reader may see them.

        Each use is logged as a read by that account. None for flows without a form.
        """
        if flow.form is None:
            return None
        form, contracts = chosen(self.contracts, flow.form), self.contracts

        def of_project(code: str) -> Record:
            with self.database.read() as tx:
                reader = auth.reader_named(tx, flow.reader)
            if reader is None:
                return {}
            today, whole = datetime.now(HUB_ZONE).date(), self.of_project(code)
            with self.database.read(reader=flow.reader) as tx:
                rights = auth.rights_on(tx, reader, code)
                filled = prefill(
                    tx, contracts, form, project_code=code, rights=rights, on=today, whole=whole
                )
            purpose = reader.purpose(sorted(form.entities))
            with self.database.write() as tx:
                accounts.write_reads(
                    tx,
                    [
                        AccessEntry(
                            flow.reader, f"PUSH {flow.name}", purpose, code, filled.record_ids
                        )
                    ],
                )
            return handed_over(contracts, filled.answers, rights=rights)

        return of_project

    def receipts(self, name: str, *, airflow: Json = None) -> int:
        """Ask a target for outstanding receipts; gives the run's id."""
        with self._ready(name, "receipts", self._push_flow, airflow=airflow) as (flow, connector):
            return receipts.collect(self.database, flow, connector=connector, airflow=airflow)

    def release(self, *, airflow: Json = None) -> int:
        """Apply waiting records whose project or link has come, then record linkage; how many."""
        return linking.release(self.database, self.contracts, self.settings, airflow=airflow)

    def replay(self, selection: Selection, *, airflow: Json = None) -> replay.Replayed:
        """Replay quarantine entries."""
        self._may_run(selection.flow or "")
        return replay.replay(self.database, self.contracts, selection, airflow=airflow)

    def reconcile(self, name: str, *, repairing: bool = True, airflow: Json = None) -> int:
        """Compare what a pull's source or push's target holds with the hub; gives the run's id."""
        with self._ready(name, "reconcile", self._either_flow, airflow=airflow) as (
            flow,
            connector,
        ):
            return reconcile.reconcile(
                self.database,
                self.contracts,
                flow,
                connector=connector,
                settings=self.settings,
                repairing=repairing,
                airflow=airflow,
            )

    def remap(
        self,
        names: Sequence[str],
        *,
        progress: remap.Progress = lambda _name, _done, _of: None,
        airflow: Json = None,
    ) -> list[int]:
        """Apply today's contracts of these pull flows to older landings; gives the runs' ids."""
        contracts = self.contracts
        flows = [self._pull_flow(name) for name in names if name not in contracts.disabled]
        done = [
            remap.remap(self.database, contracts, flow, progress=progress, airflow=airflow)
            for flow in flows
        ]
        for name in names:  # one that is disabled keeps no other from being remapped
            with refused_runs.noted(self.database, contracts, name, "remap", airflow=airflow):
                self._may_run(name)
        return done

    def seal(self) -> int:
        """Seal batches and acts committed since the last seal; gives how many batches."""
        count = seal.seal(self.database, self.settings)
        witness.send(self.database, self.settings)
        return count

    def verify(
        self,
        progress: verify.Progress = lambda _kind, _count: None,
        *,
        by: str = "hub",
        only: Sequence[str] = (),
    ) -> verify.Verified:
        """Rebuild derived rows and check sealed ones; stores by whom and what was found.

        only: names of checks, default all.
        """
        return verify.noted(
            self.database, self.contracts, self.settings, by=by, progress=progress, only=only
        )

    def watch(self) -> alerts.AlertRound:
        """Upkeep: dead runs, partitions, disputes, recalls, anomalies; then alerts and
        notification.

        Steps are independent, and none waits long for locks, since a lock may be what people should
        know of.
        """
        contracts, settings, now = self.contracts, self.settings, datetime.now(UTC)
        brief = altered(settings.waits, lock=settings.waits.ask_lock)
        database = self.another_database(waits=brief)
        steps: list[Callable[[Transaction], object]] = [
            runs.end_dead,
            lambda tx: runs.prepare_months(tx, settings.waits.months),
            lambda tx: disputes.follow(tx, contracts, now=now),
            lambda tx: applications.follow(tx, contracts),
            lambda tx: recall.follow(tx, contracts),
            lambda tx: anomalies.follow(tx, contracts, settings),
            lambda tx: refused_runs.follow(tx, contracts),
            lambda tx: inbound.drop_in(tx, contracts),
            lambda tx: fetching.follow(tx, contracts),
        ]
        late: list[HubError] = []
        with closing(database):
            for step in steps:
                try:
                    with database.write() as tx:
                        step(tx)
                except HubError as error:
                    late.append(error)
            try:
                fetching.sweep(database, settings)
            except HubError as error:
                late.append(error)
            try:
                seen = alerts.watch(database, contracts, settings)
            except HubError as error:
                alerts.without_database(settings, error)
                raise
        if late:
            raise late[0]
        return seen

    def delete_airflow_logs(self, folder: Path) -> old_logs.Deleted:
        """Delete Airflow's log files in a folder that are older than the setting."""
        return old_logs.delete(folder, before=kept_since(self.settings.keeping.airflow_days))

    def rewind(self, name: str, watermark: str | int | None, *, by: str = "airflow") -> None:
        """Make a pull reread from this watermark (None: the start); fences off a running one."""
        self._pull_flow(name)
        with self.database.write() as tx:
            runs.rewind(tx, name, {"watermark": watermark} if watermark is not None else {}, by=by)
            source_files.forget(tx, name, after=watermark if isinstance(watermark, str) else None)

    def changed(self, *, dag_id: str, run_id: str) -> list[str]:
        """Entities changed by the runs of this Airflow DAG run."""
        with self.database.read() as tx:
            flows = runs.changed(tx, dag_id=dag_id, run_id=run_id)
        return sorted(
            {
                self.contracts.pulls[flow].entity.name
                for flow in flows
                if flow in self.contracts.pulls
            }
        )

    def ping(self, system: str) -> dict[str, str]:
        """Reach a partner by each connector that its flows use; connector -> what answered."""
        every: list[PullFlow | PushFlow] = [
            *self.contracts.pulls.values(),
            *self.contracts.pushes.values(),
        ]
        flows = [flow for flow in every if flow.system.name == system]
        if not flows:
            raise FlowError(
                "system.unknown", system=system, known=", ".join(sorted(self.contracts.systems))
            )
        answers = {}
        for flow in {flow.connector: flow for flow in flows}.values():
            try:
                with self.connector(flow) as connector:
                    answers[flow.connector] = connector_boundary.translated(system, connector.ping)
            except HubError as error:
                error.facts.update(blame.hint(error, flow, self.contracts.sound))
                raise
        self._refuse_rights(flows)
        return answers

    def _refuse_rights(self, flows: Sequence[PullFlow | PushFlow]) -> None:
        """FlowError where the login that writes back may update more than that."""
        for flow in flows:
            if isinstance(flow, PullFlow) and flow.back is not None:
                made = self._back_connector(flow, flow.back)
                try:
                    write_back.refuse_rights(self.contracts, flow, made)
                finally:
                    connector_boundary.close(made, flow.system.name)
                return  # one login a system

    @contextmanager
    def connector(self, flow: PullFlow | PushFlow) -> Iterator[Connector]:
        """The flow's connector on its system's connection; closed at the end of the block."""
        made = self.made(flow)
        try:
            yield made
        finally:
            connector_boundary.close(made, flow.system.name)

    @contextmanager
    def _ready(
        self, name: str, kind: str, find: Callable[[str], F], *, airflow: Json
    ) -> Iterator[tuple[F, Connector]]:
        """A flow about to run with its connector; what prevents it is stored as a failed run."""
        with refused_runs.noted(self.database, self.contracts, name, kind, airflow=airflow):
            flow = find(name)
            made = self.made(flow)
        try:
            yield flow, made
        finally:
            connector_boundary.close(made, flow.system.name)

    def _back_connector(self, flow: PullFlow, back: BackRules) -> Connector:
        """What writes back by a flow's `back:`; the caller closes it."""
        return self.made(replace(flow, connector=back.connector, connect=back.connect))

    def made(self, flow: PullFlow | PushFlow, *, via: str = "") -> Connector:
        """The flow's connector on its system's connection, or another; the caller closes it."""
        system = flow.system.name
        uri = self._uris.get(system)
        kind = _connector_class(via or flow.connector)
        if not uri and not getattr(kind, "STANDS_ALONE", False):
            raise FlowError(
                "system.not_configured", system=system, variable=f"HUB_CONN_{system.upper()}"
            )
        where = connection_from(system, uri) if uri else nobody(system)
        connect = flow.system.connect[via] if via else flow.connect
        found = connector_boundary.translated(system, lambda: kind(where, connect))
        inbound.lend(self.database, found, flow)
        return found

    def called(self, flow: PullFlow | PushFlow) -> Connector | None:
        """The flow's connector where its partner calls the hub; None for all others."""
        try:
            alone = getattr(_connector_class(flow.connector), "STANDS_ALONE", False)
            return self.made(flow) if alone else None
        except HubError:  # told by the run of the flow
            return None

    def _either_flow(self, name: str) -> PullFlow | PushFlow:
        return self._pull_flow(name) if name in self.contracts.pulls else self._push_flow(name)

    def _pull_flow(self, name: str) -> PullFlow:
        self._may_run(name)
        flow = self.contracts.pulls.get(name)
        if flow is None:
            raise FlowError("flow.unknown", flow=name)
        return flow

    def _fetch_flow(self, name: str) -> PullFlow:
        """The pull whose records name the files of a fetch."""
        self._may_run(f"pull.{name.partition('.')[2]}")
        flow = self.contracts.fetches.get(name)
        if flow is None:
            raise FlowError("flow.unknown", flow=name)
        return flow

    def _push_flow(self, name: str) -> PushFlow:
        self._may_run(name)
        flow = self.contracts.pushes.get(name)
        if flow is None:
            raise FlowError("flow.unknown", flow=name)
        return flow

    def _may_run(self, name: str) -> None:
        """FlowError for a flow whose contract files are wrong."""
        if reason := refused_runs.reason_of(self.contracts, name):
            raise reason


def _connector_class(name: str) -> type[Connector]:
    for point in entry_points(group="hub.connectors", name=name):
        found: type[Connector] = point.load()
        return found
    raise FlowError("flow.connector_unknown", connector=name)

"""Every flow through the real scheduler in four acts: first load, nothing changed, one step on,
compared.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests
from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy import site, stack
from deploy.airflow import Airflow, AirflowSilentError, DagRun
from deploy.postgres import CHECKOUT
from deploy.site import Site, hub_environment
from deploy.supervisor import Say, Supervisor
from hub.settings import Starting, read

FIRST, SAME, STEP = (
    "首次加载 · first load",
    "没有变化 · nothing changed",
    "项目前进一步 · one step on",
)
COMPARE = "与各方对账 · compared with all"
WAYS = {COMPARE: ("reconcile_",)}
"""Which DAGs an act runs; the others run every pull, then every push."""
QUIET = 1.5  # seconds with no run under way, after which no further one is taken to follow
SIGNS = {
    "queued": "[dim]…[/]",
    "running": "[yellow]▶[/]",
    "success": "[green]✓[/]",
    "failed": "[red]✗[/]",
}

ARROWS = {"pull": "↓", "fetch": "⇣", "push": "↑", "reconcile": "⇄"}


NEXT = """接下来可以 · what to try next
  用浏览器打开上面的控制台，依次以 admin、water、auditor、gongai 登录 · open the console above, sign in as each
  tools/run python -m sandbox tick      项目前进一步，再看 Airflow · move every project on, see Airflow
  tools/run python -m sandbox fault gas http_500  让合作系统出错 · make a partner fail
按 Ctrl-C 停止 · Ctrl-C stops it"""


class ActFailedError(RuntimeError):
    """An act did not come to a good end."""

    def __init__(self, what: Iterable[str]) -> None:
        names = ", ".join(what)
        super().__init__(
            f"未完成：{names}。在 Airflow 中查看该任务的日志，或执行 tools/run hub failures\n"
            f"not done: {names}; see the task's log in Airflow, or `tools/run hub failures`"
        )


class LateError(RuntimeError):
    """What was waited for shows no progress any more; the text names it. Everything runs on."""

    def __init__(self, what: Iterable[str], seconds: float, setting: str) -> None:
        names = ", ".join(what) or "Airflow"
        super().__init__(
            f"{seconds:.0f} 秒没有进展：{names}。全部组件照常运行；可在 Airflow 中查看，机器较慢时加大 {setting}\n"
            f"no progress for {seconds:.0f} s: {names}. Everything runs on: look in Airflow, and "
            f"raise {setting} on a "
            "slow machine"
        )


@dataclass(slots=True)
class Progress:
    """Says when nothing has moved for so many seconds."""

    seconds: float
    moved_at: float = field(default_factory=time.monotonic)
    shown: object = None

    def ended(self, shown: object) -> bool:
        """Whether what is shown now has been the same for too long."""
        if shown != self.shown:
            self.shown, self.moved_at = shown, time.monotonic()
        return time.monotonic() - self.moved_at > self.seconds


@dataclass(slots=True)
class Stage:
    """What is known while the acts play: the runs of each act so far, and how long it took."""

    airflow: Airflow
    supervisor: Supervisor
    limits: Starting
    systems: dict[str, str] = field(default_factory=dict)
    dags: list[str] = field(default_factory=list)
    names: tuple[str, ...] = (FIRST, SAME, STEP, COMPARE)
    acts: list[list[DagRun]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)

    def picture(self) -> Table:
        """A row a system, a column an act: its pulls, its pushes or its comparison, run by run."""
        table = Table("系统 · system", title="一码贯通 · OneCode Hub")
        for number, name in enumerate(self.names):
            spent = f"{self.seconds[number]:.0f} s" if number < len(self.seconds) else ""
            table.add_column(name, footer=spent)
        table.show_footer = True
        for system, title in self.systems.items():
            cells = (_signs(system, act) for act in self.acts)
            table.add_row(f"{system} [dim]{title}[/]", *cells)
        return table

    def failed(self) -> list[str]:
        return sorted({run.dag for act in self.acts for run in act if run.state == "failed"})


def _signs(system: str, act: Iterable[DagRun]) -> str:
    """How the runs of a system stand in an act, by way."""
    ways = {
        arrow: "".join(SIGNS.get(run.state, "?") for run in act if run.dag == f"{way}_{system}")
        for way, arrow in ARROWS.items()
    }
    return " ".join(f"{arrow}{signs}" for arrow, signs in ways.items() if signs)


def open_stage(here: Site, supervisor: Supervisor) -> Stage:
    """Sign in to Airflow, as patiently as the settings say."""
    airflow = Airflow(
        here.address("airflow"),
        user="admin",
        password=here.secrets["admin"],
        answer_seconds=here.limits.answer_seconds,
        silent_seconds=here.limits.airflow_seconds,
        answer_bytes=here.limits.answer_bytes,
        meanwhile=supervisor.look_after,
    )
    return Stage(airflow, supervisor, here.limits)


def play(here: Site, stage: Stage, console: Console, *, since: datetime) -> None:
    """Play the acts; all are played once, later demos show that nothing changes."""
    stage.systems = {
        name: says["title"]
        for name, says in stack.systems().items()
        if name in here.partners or name not in site.PARTNERS
    }
    known = _flows(stage)
    stage.dags = sorted(known)
    stage.paused = {dag for dag, paused in known.items() if paused}
    if not stage.paused:
        stage.names = (SAME,)
    with Live(console=console, get_renderable=stage.picture, refresh_per_second=4):
        for name in stage.names:
            if name == STEP:
                _tick(here, stage.limits.act_seconds)
            # What the timers have started since Airflow is up belongs to the opening act.
            ways = WAYS.get(name, ("pull_", "fetch_", "push_"))
            _act(stage, ways, started=datetime.now(UTC) if stage.acts else since)


def _flows(stage: Stage) -> dict[str, bool]:
    """The DAGs of all flows and whether each is paused, once Airflow has read every one."""
    ways = {"pull": "pulls", "fetch": "fetches", "push": "pushes"}
    systems = {name: stack.systems()[name] for name in stage.systems}
    wanted = {
        f"{way}_{name}"
        for name, says in systems.items()
        for way, flows in ways.items()
        if says[flows]
    }
    wanted |= {f"reconcile_{name}" for name in systems}
    progress = Progress(stage.limits.parse_seconds)
    while not wanted <= (known := stage.airflow.dags()).keys():
        if progress.ended(sorted(known)):
            missing = [*sorted(wanted - known.keys()), *stage.airflow.import_errors()]
            raise LateError(missing, progress.seconds, "HUB_START_PARSE_SECONDS")
        stage.supervisor.look_after()
        time.sleep(0.2)
    return {dag: known[dag] for dag in wanted}


def _act(stage: Stage, ways: Iterable[str], *, started: datetime) -> None:
    """Run every DAG of each way in turn, but for those that something else has started.

    Pushes are let loose after the first pulls: else each pull would start them all, again and
    again.
    """
    stage.acts.append([])
    stage.seconds.append(0.0)
    for way in ways:
        dags = [dag for dag in stage.dags if dag.startswith(way)]
        if stage.paused & set(dags):
            stage.paused -= set(dags)
            stage.airflow.unpause(dags)
            _settle(stage, started)
        ran = {run.dag for run in stage.airflow.runs(since=started)}
        for dag in dags:
            if dag not in ran:
                stage.airflow.trigger(dag)
        _settle(stage, started)


def _settle(stage: Stage, started: datetime) -> None:
    """Return once no run of this act is under way and none has been for a moment."""
    progress = Progress(stage.limits.act_seconds)
    busy_at = time.monotonic()
    while time.monotonic() - busy_at < QUIET:
        stage.supervisor.look_after()
        stage.acts[-1] = [run for run in stage.airflow.runs(since=started) if run.dag in stage.dags]
        stage.seconds[-1] = (datetime.now(UTC) - started).total_seconds()
        busy = {run.dag for run in stage.acts[-1] if run.state in ("queued", "running")}
        if busy:
            busy_at = time.monotonic()
        if progress.ended(stage.acts[-1]):
            raise LateError(sorted(busy), progress.seconds, "HUB_START_ACT_SECONDS")
        time.sleep(0.3)


def _tick(here: Site, seconds: float) -> None:
    command = [sys.executable, "-m", "sandbox", "tick", "--base-port", str(here.base_port)]
    try:
        done = subprocess.run(
            command, cwd=CHECKOUT, check=False, capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise ActFailedError(["sandbox tick (HUB_START_ACT_SECONDS)"]) from None
    if done.returncode:
        raise ActFailedError([f"sandbox tick ({done.stderr.strip()})"])


def _tell(here: Site) -> bool:
    """Print what became of every record since the demo began, and say whether it balances."""
    command = [sys.executable, "-m", "hub", "balance", "--by-system"]
    environment = stack.own_environment() | hub_environment(here)
    seconds = read(Starting, environment).act_seconds
    try:
        subprocess.run(command, cwd=CHECKOUT, env=environment, check=False, timeout=seconds)
        asked = subprocess.run(
            [*command, "--json"],
            cwd=CHECKOUT,
            env=environment,
            check=False,
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return False
    if asked.returncode:
        return False
    # A run of Airflow's may be under way: of that nothing is claimed, and nothing is wrong with it.
    return json.loads(asked.stdout)["balanced"] is not False


def show(
    console: Console, *, say: Say, once: bool, partners: tuple[str, ...] = site.PARTNERS
) -> None:
    """Start all, play the acts of these partners, say what came of them; stay until Ctrl-C unless
    `once`.
    """
    since = datetime.now(UTC)
    with stack.running_hub(say, partners) as (here, supervisor):
        console.print(stack.addresses(here), highlight=False, soft_wrap=True)
        wrong = _acts(here, supervisor, console, say, since)
        console.print(f"\n{stack.addresses(here)}\n\n{NEXT}", highlight=False, soft_wrap=True)
        if once and wrong:
            raise ActFailedError(wrong)
        while not once:
            supervisor.look_after()
            time.sleep(0.5)


def _acts(
    here: Site, supervisor: Supervisor, console: Console, say: Say, since: datetime
) -> list[str]:
    """Play the acts and tell what became of every record; what went wrong. An act that is late ends
    nothing.
    """
    wrong = []
    try:
        stage = open_stage(here, supervisor)
        play(here, stage, console, since=since)
        wrong = stage.failed()
        say("各幕结束，收支如下 · the acts are over; this is the balance")
    except (LateError, ActFailedError, AirflowSilentError, requests.RequestException) as error:
        say(str(error))
        wrong = ["Airflow"]
    return wrong if _tell(here) else [*wrong, "hub balance"]

"""What the hub did when a DAG of Airflow ran: the tab on a DAG's page there."""

from urllib.parse import quote

from markupsafe import Markup

from hub.console import parts
from hub.console.page import Page, page
from hub.console.words import lang, lapse, moment, number, t
from hub.report import schedule
from hub.report.schedule import DagRun
from hub.store import reading
from hub.texts.words import WORDS
from hub.visiting import LOOKING_INTO, Visit

SHOWN = 200
"""Runs of the hub, which are some dozen runs of a DAG."""
LIGHTS: dict[str, parts.Light] = {"complete": "green", "running": "grey", "failed": "red", "aborted": "red"}


@page("/airflow/{dag_id}", zh="Airflow 中的 DAG", en="A DAG in Airflow", roles=LOOKING_INTO)
async def dag(page: Page, dag_id: str) -> None:
    """The last runs of a DAG, newest first, each with the outcomes of all that the hub did in it."""
    found = await page.look(lambda visit: _runs(visit, dag_id))
    with parts.card(dag_id):
        parts.table(
            [
                t("开始", "Started"),
                t("用时", "Took"),
                t("Airflow 中的运行", "Run in Airflow"),
                t("状态", "State"),
                t("中枢的运行", "Runs of the hub"),
                t("结果", "Outcomes"),
                t("平衡", "Balances"),
            ],
            [_row(dag_id, one) for one in found],
            numeric=(1, 4),
            nothing=t("中枢还没有由这个 DAG 发起的运行。", "The hub has done nothing for this DAG yet."),
        )


def _runs(visit: Visit, dag_id: str) -> list[DagRun]:
    with visit.hub.database.reading() as tx:
        rows = reading.run_rows(tx, dag_run=(dag_id, None), most=SHOWN)
    found = schedule.dag_runs(rows)
    return found[:-1] if len(rows) == SHOWN else found  # the last one may be cut off


def _row(dag_id: str, one: DagRun) -> list[object]:
    address = f"/airflow/{quote(dag_id, safe='')}/{quote(one.id, safe='')}"
    return [
        moment(one.started_at),
        lapse((one.ended_at - one.started_at).total_seconds()) if one.ended_at else "",
        parts.link(address, one.id),
        parts.light(LIGHTS[one.state], _word(one.state)),
        number(len(one.runs)),
        Markup("<br>").join(_sum(counts) for counts in one.sums),
        parts.badge(t("平衡", "yes"), tone="good") if one.balanced else parts.badge(t("不平衡", "no"), tone="bad"),
    ]


def _sum(counts: dict[str, int]) -> str:
    """What was read, and what became of it, without what did not happen."""
    (whole, total), *rest = counts.items()
    happened = " + ".join(f"{_word(name)} {number(count)}" for name, count in rest if count)
    return f"{_word(whole)} {number(total)}" + (f" = {happened}" if happened else "")


def _word(code: str) -> str:
    return WORDS[code][0 if lang() == "zh" else 1]

"""The hub's tab on a DAG's page in Airflow: what its runs did here."""

from urllib.parse import quote

from markupsafe import Markup

from hub.auth.context import LOOKING_INTO
from hub.console import components
from hub.console.flows import equation, shares, state, styled, when
from hub.console.page import ConsolePage, page
from hub.console.words import lapse, number, t
from hub.domain.conservation import balanced
from hub.services import schedule
from hub.services.schedule import DagRun


@page("/airflow/{dag_id}", title="DAG 对应的中枢运行", roles=LOOKING_INTO)
async def dag(page: ConsolePage, dag_id: str) -> None:
    """The last runs of a DAG, newest first, with the outcomes of the hub's runs."""
    found = await page.look(lambda visit: schedule.of_dag(visit, dag_id))
    styled()
    with components.card(dag_id):
        components.table(
            [
                t("开始"),
                t("状态"),
                t("中枢运行数"),
                t("用时"),
                t("结果|several"),
            ],
            [_row(dag_id, one) for one in found],
            numeric=(2, 3),
            nothing=t("中枢还没有由这个 DAG 发起的运行。"),
        )


def _row(dag_id: str, one: DagRun) -> list[object]:
    return [
        Markup('{}<div class="soft">{}</div>').format(
            components.link(
                f"/airflow/{quote(dag_id, safe='')}/{quote(one.id, safe='')}", when(one.started_at)
            ),
            one.id,
        ),
        state(one.state),
        number(len(one.runs)),
        lapse((one.ended_at - one.started_at).total_seconds()) if one.ended_at else "…",
        Markup("").join(
            Markup("{}{}").format(
                shares(counts), equation(counts, balanced=balanced(one.state, counts))
            )
            for counts in one.sums
        ),
    ]

"""A held batch in front of an administrator, who accepts it or drops it with a reason, with a real
browser.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from hub.auth.context import operating
from hub.errors import HeldError
from hub.services import held as holding
from hub.services.held import HeldView
from tests.browser.site import Console, is_usable, picture, settles
from tests.filled import payload

FLOW = "pull.investment.project"


def projects(hour: int, **more: object) -> list[dict[str, object]]:
    """Three projects, as they were read at this hour."""
    return [
        payload(FLOW, xmdm=f"2019-140108-70-03-01394{n}")
        | {"id": 100 + n, "gxsj": f"2026-11-21 {hour:02}:00:00"}
        | more
        for n in range(3)
    ]


def renamed(hour: int) -> list[dict[str, object]]:
    """The same, whose name has another name."""
    return [
        {("xmmc_new" if name == "xmmc" else name): value for name, value in row.items()}
        for row in projects(hour)
    ]


@pytest.fixture
def batch(console: Console) -> Iterator[HeldView]:
    """A batch that waits; none does afterwards."""
    world = console.world
    world.pull(FLOW, *projects(8))  # type: ignore[arg-type]
    with pytest.raises(HeldError):
        world.pull(FLOW, *renamed(9))  # type: ignore[arg-type]
    (made,) = waiting(console)
    yield made
    assert waiting(console) == []
    world.pull(FLOW, *projects(10))  # type: ignore[arg-type]


def waiting(console: Console) -> list[HeldView]:
    return holding.listed(operating(console.world.hub, "tester"))


def decided(console: Console, batch: int) -> tuple[str, str | None, str | None]:
    (made,) = holding.listed(operating(console.world.hub, "tester"), batch=batch)
    return made.state, made.decided_by, made.reason


def press(page: Page, words: str, *, reason: str) -> None:
    page.get_by_label("理由").fill(reason)
    page.locator("#main").get_by_role("button", name=words, exact=True).click()


def test_a_held_batch_says_why_and_is_dropped_with_a_reason(console: Console, batch: HeldView):
    page = console.open("/held")
    main = page.locator("#main")
    expect(main).to_contain_text("xmmc")
    expect(main.locator("table.data tbody tr").first).to_contain_text(str(batch.batch))
    is_usable(page)
    picture(page, "administrator-held")
    press(page, "放弃", reason="")
    expect(page.locator(".q-notification")).to_contain_text("理由")
    press(page, "放弃", reason="测试数据")
    expect(main).to_contain_text("admin: 测试数据")
    expect(main).to_contain_text("没有等待处理的批次")
    settles(lambda: decided(console, batch.batch), ("dropped", "admin", "测试数据"))


def test_a_held_batch_is_accepted_by_a_press(console: Console, batch: HeldView):
    page = console.open(f"/held?flow={FLOW}")
    expect(page.locator("#main")).to_contain_text("xmmc")
    press(page, "采用", reason="来源改名，已核实")
    expect(page.locator("#main")).to_contain_text("admin: 来源改名，已核实")
    expect(page.locator("#main")).to_contain_text("没有等待处理的批次")
    settles(lambda: decided(console, batch.batch), ("accepted", "admin", "来源改名，已核实"))


def test_an_auditor_sees_what_is_held_and_decides_nothing(console: Console, batch: HeldView):
    page = console.open("/held", who="audit")
    expect(page.locator("#main")).to_contain_text("xmmc")
    expect(page.locator("#main").get_by_role("button", name="采用", exact=True)).to_have_count(0)
    holding.drop(operating(console.world.hub, "zhang"), [batch.batch], reason="x")

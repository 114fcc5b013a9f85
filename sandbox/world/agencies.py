"""What intermediaries do for a project, in the time between the offices' items."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.world import units
from sandbox.world.market_records import Order, OrderStep, Rating
from sandbox.world.scene import Scene

TOPIC = 64
SERVICES = (
    # name, code, the item that needs it, working days, percent of a thousandth of the investment
    ("环境影响评价文件编制", "ZJ-HP-01", "design_opinion", 20, 8),
    ("施工图设计文件审查", "ZJ-ST-02", "drawing_review", 15, 12),
    ("建设工程规划核实测量", "ZJ-CH-03", "completion_filing", 10, 5),
)
CHOSEN_BY = ("随机抽取", "竞价选取", "直接委托")
OPINIONS = {
    1: "业主发布委托",
    2: "已选定中介机构",
    3: "网签合同已备案",
    4: "成果已提交",
    5: "业主已验收成果",
}
CONTRACTED, DELIVERED, ACCEPTED = 3, 4, 5
WORDS = ("服务及时，成果规范", "按期提交", "成果修改一次后通过", "较约定时间晚")


def orders(scene: Scene) -> Iterator[Order]:
    """Give the orders that are out, each a step a slot before the item that waits for it."""
    for ordinal, service in enumerate(SERVICES, start=1):
        item = scene.planned(service[2])
        if item and scene.chance(TOPIC * 10 + ordinal).number(0, 3):
            yield from _order(scene, ordinal, service, item.start)


def _order(
    scene: Scene, ordinal: int, service: tuple[str, str, str, int, int], needed: int
) -> Iterator[Order]:
    slots = [max(0, needed - 5 + step) for step in range(len(OPINIONS))]
    times = [when for slot in slots if (when := scene.timeline.at(slot))]
    item = scene.planned(service[2])
    if not times or not item:
        return
    project, chance = scene.project, scene.chance(TOPIC * 100 + ordinal)
    number = f"ZJ{project.index:07d}{ordinal:02d}"
    officer = units.person(chance)
    at = dict(enumerate(times, start=1))
    accepted = at.get(ACCEPTED)
    yield Order(
        number=number,
        name=service[0],
        code=service[1],
        item_number=scene.item_number(item),
        agency=units.party("agency", chance, scene.seed),
        chosen_by=chance.pick(CHOSEN_BY),
        limit_days=service[3],
        price=(project.total_investment * service[4] / 100_000).quantize(Decimal("0.01")),
        contract_number=f"WQ{number}" if CONTRACTED in at else None,
        signed_on=at[CONTRACTED].date() if CONTRACTED in at else None,
        result_on=at[DELIVERED].date() if DELIVERED in at else None,
        status=len(times),
        steps=tuple(
            OrderStep(
                number=f"{number}-{status}",
                status=status,
                at=when,
                officer=officer,
                opinion=OPINIONS[status],
            )
            for status, when in at.items()
        ),
        ratings=(Rating(stars=chance.number(2, 5), words=chance.pick(WORDS), at=accepted),)
        if accepted
        else (),
        updated_at=times[-1],
    )

"""Units without a system: what they hand in, and what is new for them."""

from hub.services import new_deliveries, supply
from tests.faces.harness import Case
from tests.filled import Filled

PAGE, NEWS = "hub.console.pages.supply", "hub.console.pages.new_deliveries"
FLOW, PERMITS = "pull.broadcast.utility_connection", "push.broadcast.approval_document"

CASES: list[Case] = [
    # what each may hand in or read depends on the account: asked of all three in tests/supply
    Case(supply.listed, None, "/v1/supply", ("supply",), (PAGE,)),
    Case(supply.one, None, f"/v1/supply/{FLOW}", ("supply", "show"), (PAGE,)),
    Case(supply.blank, None, f"/v1/supply/{FLOW}/template", ("supply", "template"), (PAGE,)),
    Case(supply.suggested, None, f"/v1/supply/{FLOW}/projects", pages=(PAGE,)),
    Case(supply.cells_of, pages=(PAGE,)),
    Case(supply.upload, None, f"POST /v1/supply/{FLOW}/workbook", ("supply", "upload"), (PAGE,)),
    Case(supply.enter, None, f"POST /v1/supply/{FLOW}/records", ("supply", "enter"), (PAGE,)),
    Case(
        *(supply.withdraw, None, f"POST /v1/supply/{FLOW}/withdrawals", ("supply", "withdraw")),
        pages=(PAGE,),
    ),
    Case(new_deliveries.listed, None, "/v1/news", ("news",), (NEWS,)),
    Case(
        *(new_deliveries.exported, None, f"/v1/news/{PERMITS}/xlsx", ("news", "export")),
        pages=(NEWS,),
    ),
    Case(
        *(new_deliveries.acknowledge, None, f"POST /v1/news/{PERMITS}/acknowledged"),
        command=("news", "acknowledge"),
        pages=(NEWS,),
    ),
]
NOT_SHARED = dict.fromkeys(
    (
        "POST /v1/intake/{system}/{resource}",
        "GET /v1/deliveries/{system}/{resource}",
        "POST /v1/deliveries/{system}/{resource}/acknowledged",
    ),
    "asked by partners alone, each by its own key (tests/api/test_partners.py)",
)


def fill(_world: Filled) -> None:
    """Nothing beside what every world holds."""

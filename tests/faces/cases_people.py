"""Accounts, grants, applications, the catalogue, disputes, recalls, decisions, the access log and
the ledger.
"""

from collections.abc import Callable
from datetime import timedelta

from hub.auth import reader_named
from hub.auth.context import RequestContext, operating
from hub.domain.access_terms import Terms
from hub.services import (
    access_log,
    accounts,
    applications,
    audit,
    catalogue,
    decisions,
    disputes,
    grants,
    ledger,
    recalls,
)
from hub.services.disputes import Complaint
from tests.faces.harness import Case
from tests.filled import CODE, Filled

PAGES = "hub.console.pages"


def caught_up(ask: Callable[[RequestContext], object]) -> Callable[[RequestContext], object]:
    """Ask once the recalls know who has read the value meanwhile, as the command line brings them
    up to date.
    """

    def asked(context: RequestContext) -> object:
        recalls.catch_up(context)
        return ask(context)

    return asked


CASES: list[Case] = [
    Case(
        accounts.listed,
        accounts.listed,
        command=("accounts", "list"),
        pages=(f"{PAGES}.accounts", f"{PAGES}.grants"),
    ),
    Case(accounts.open_account, command=("accounts", "add"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.change_regions, command=("accounts", "regions"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.new_token, command=("accounts", "renew"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.new_password, command=("accounts", "password"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.revoke_token, command=("accounts", "revoke"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.expect, command=("accounts", "expect"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.end, command=("accounts", "end"), pages=(f"{PAGES}.accounts",)),
    Case(
        grants.listed,
        grants.listed,
        "/v1/grants",
        ("grants", "list"),
        (f"{PAGES}.grants", f"{PAGES}.account"),
    ),
    Case(grants.give, command=("grants", "add"), pages=(f"{PAGES}.grants",)),
    Case(grants.end, command=("grants", "end"), pages=(f"{PAGES}.grants",)),
    Case(
        *(applications.listed, applications.listed, "/v1/applications", ("applications", "list")),
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        *(applications.one, lambda context: applications.one(context, 1), "/v1/applications/1"),
        pages=(f"{PAGES}.applications",),
    ),
    Case(applications.apply, api="POST /v1/applications", pages=(f"{PAGES}.applications",)),
    Case(
        *(applications.grant, None, "POST /v1/applications/1/decision", ("applications", "grant")),
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        *(
            applications.refuse,
            None,
            "POST /v1/applications/1/decision",
            ("applications", "refuse"),
        ),
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        *(
            applications.extend,
            None,
            "POST /v1/applications/1/extension",
            ("applications", "extend"),
        ),
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        applications.withdraw,
        api="POST /v1/applications/1/withdrawal",
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        *(disputes.listed, disputes.listed, "/v1/disputes", ("disputes",)),
        pages=(f"{PAGES}.disputes",),
    ),
    Case(
        *(
            disputes.one,
            lambda context: disputes.one(context, 1),
            "/v1/disputes/1",
            ("disputes", "show", "1"),
        ),
        pages=(f"{PAGES}.disputes",),
    ),
    Case(
        disputes.open_dispute,
        None,
        "POST /v1/disputes",
        ("disputes", "open"),
        (f"{PAGES}.disputes",),
    ),
    Case(
        disputes.answer,
        None,
        "POST /v1/disputes/1/answer",
        ("disputes", "answer"),
        (f"{PAGES}.disputes",),
    ),
    Case(disputes.withdraw, api="POST /v1/disputes/1/withdrawn", pages=(f"{PAGES}.disputes",)),
    Case(
        *(recalls.listed, caught_up(recalls.listed), "/v1/recalls", ("recall", "list")),
        pages=(f"{PAGES}.recalls",),
    ),
    Case(
        *(
            recalls.one,
            caught_up(lambda context: recalls.one(context, 1)),
            "/v1/recalls/1",
            ("recall", "show", "1"),
        ),
        pages=(f"{PAGES}.recalls",),
    ),
    Case(
        *(
            recalls.find,
            lambda context: recalls.find(context, "name", record="1"),
            "/v1/records/1/fields/name/carried",
        ),
        command=("recall", "find", "--record", "1", "--field", "name"),
    ),
    Case(recalls.open_recall, api="POST /v1/recalls/opened", command=("recall", "open")),
    Case(
        *(recalls.acknowledge, None, "POST /v1/recalls/1/acknowledge", ("recall", "acknowledge")),
        pages=(f"{PAGES}.recalls",),
    ),
    Case(
        decisions.listed, decisions.listed, "/v1/decisions", ("decisions",), (f"{PAGES}.decisions",)
    ),
    Case(decisions.decide, None, "POST /v1/decisions", ("decide",), (f"{PAGES}.decisions",)),
    Case(
        decisions.undecide,
        None,
        "POST /v1/decisions/undone",
        ("undecide",),
        (f"{PAGES}.decisions",),
    ),
    Case(
        *(
            access_log.listed,
            None,
            "/v1/access",
            ("access",),
        ),  # every question of it is a new row of it
        pages=(f"{PAGES}.access",),
    ),
    Case(
        *(access_log.unusual, access_log.unusual, "/v1/access/unusual", ("access", "--unusual")),
        pages=(f"{PAGES}.access",),
    ),
    Case(ledger.listed, ledger.listed, "/v1/ledger", pages=(f"{PAGES}.ledger",)),
    Case(ledger.check, ledger.check, "/v1/ledger/check", pages=(f"{PAGES}.ledger",)),
    Case(ledger.checkpoint, api="/v1/ledger/checkpoint", command=("checkpoint",)),
    Case(ledger.links, api="/v1/ledger/links", command=("checkpoint",)),
    Case(ledger.compare, None, "POST /v1/ledger/compared", ("checkpoint",), (f"{PAGES}.ledger",)),
    Case(audit.morning, pages=(f"{PAGES}.audit",)),
    # How long a system has been silent differs from one moment to the next: only that all ask one.
    Case(catalogue.listed, api="/v1/catalogue", pages=(f"{PAGES}.catalogue",)),
    Case(
        *(
            catalogue.sheet,
            lambda context: catalogue.sheet(context, "clock"),
            "/v1/catalogue/clock",
        ),
        pages=(f"{PAGES}.catalogue",),
    ),
]
NOT_SHARED: dict[str, str] = {
    "hub erase": "who holds the database erases, nobody by the API or on a page",
}


def fill(world: Filled) -> None:
    """A unit that has applied twice and was granted once; a value that is disputed, recalled,
    settled.
    """
    chief = operating(world.hub, "chief of data")
    accounts.open_account(chief, "water", "department", department="市供水公司")
    with world.hub.database.read() as tx:
        water = reader_named(tx, "water")
    assert water is not None
    unit = RequestContext(world.hub, water)
    first = grants.usual_terms(unit).valid_from
    wanted = Terms(
        ("project", "parcel"),
        ("public",),
        ("14",),
        False,  # noqa: FBT003
        first,
        first + timedelta(days=90),
    )
    for _ in range(2):
        applications.apply(unit, wanted, purpose="用水报装", basis="供水条例第三条")
    applications.grant(chief, 2, note="同意")
    decisions.decide(chief, f"project:{CODE}", "owner_name", value="某某公司", reason="原表填错")
    recalls.open_recall(chief, "name", record=f"project:{CODE}", reason="原表填错")
    disputes.open_dispute(chief, Complaint(f"project:{CODE}", "name", "与批文不符", "另一个名称"))

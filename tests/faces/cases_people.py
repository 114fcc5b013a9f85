"""Accounts, grants, applications, the catalogue, disputes, recalls, decisions, the access log and the ledger."""

from datetime import timedelta

from hub.auth import reader_named
from hub.auth.context import RequestContext, operating
from hub.domain.granting import Terms
from hub.services import accounts, applications, catalogue, grants
from tests.faces.harness import Case
from tests.filled import Filled

PAGES = "hub.console.pages"

CASES: list[Case] = [
    Case(
        accounts.listed, accounts.listed, command=("accounts", "list"), pages=(f"{PAGES}.accounts", f"{PAGES}.grants")
    ),
    Case(accounts.open_account, command=("accounts", "add"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.new_token, command=("accounts", "renew"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.new_password, command=("accounts", "password"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.revoke_token, command=("accounts", "revoke"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.expect, command=("accounts", "expect"), pages=(f"{PAGES}.accounts",)),
    Case(accounts.end, command=("accounts", "end"), pages=(f"{PAGES}.accounts",)),
    Case(grants.listed, grants.listed, "/v1/grants", ("grants", "list"), (f"{PAGES}.grants", f"{PAGES}.account")),
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
        *(applications.refuse, None, "POST /v1/applications/1/decision", ("applications", "refuse")),
        pages=(f"{PAGES}.applications",),
    ),
    Case(
        *(applications.extend, None, "POST /v1/applications/1/extension", ("applications", "extend")),
        pages=(f"{PAGES}.applications",),
    ),
    Case(applications.withdraw, api="POST /v1/applications/1/withdrawal", pages=(f"{PAGES}.applications",)),
    # How long a system has been silent differs from one moment to the next: only that all ask one.
    Case(catalogue.listed, api="/v1/catalogue", pages=(f"{PAGES}.catalogue",)),
    Case(
        *(catalogue.sheet, lambda context: catalogue.sheet(context, "clock"), "/v1/catalogue/clock"),
        pages=(f"{PAGES}.catalogue",),
    ),
]
NOT_SHARED: dict[str, str] = {}


def fill(world: Filled) -> None:
    """A unit that has applied twice and has been granted once."""
    chief = operating(world.hub, "chief of data")
    accounts.open_account(chief, "water", "department", department="市供水公司")
    with world.hub.database.reading() as tx:
        water = reader_named(tx, "water")
    assert water is not None
    unit = RequestContext(world.hub, water)
    first = grants.usual_terms(unit).valid_from
    wanted = Terms(("project", "parcel"), ("public",), ("14",), False, first, first + timedelta(days=90))  # noqa: FBT003
    for _ in range(2):
        applications.apply(unit, wanted, purpose="用水报装", basis="供水条例第三条")
    applications.grant(chief, 2, note="同意")

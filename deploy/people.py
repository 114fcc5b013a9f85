"""The first accounts of the console: one of each role, with passwords that this checkout has
made.
"""

from datetime import date, timedelta

from deploy.site import PEOPLE, SUPERVISED, Site, hub_environment
from hub import auth, wiring
from hub.auth import sessions
from hub.db.access import accounts
from hub.db.database import Transaction
from hub.wiring import Hub

WATER_READS = (
    "project",
    "stage",
    "approval_item",
    "approval_document",
    "unit_work",
    "participant",
    "parcel",
    "material",
    "utility_connection",
    "clock",
)
TERM = timedelta(days=365)


def prepare_people(here: Site) -> None:
    """Open those accounts that are not there yet; one that was ended, or has another password now,
    is left alone.
    """
    hub = wiring.start(environ=hub_environment(here))
    try:
        with hub.database.write() as tx:
            known = {account.name for account in accounts.accounts(tx)}
            for name, (role, department) in PEOPLE.items():
                if name in known:
                    continue
                auth.open_account(
                    tx,
                    name,
                    role,
                    department=department,
                    regions=SUPERVISED if role == "supervisor" else (),
                )
                sessions.set_password(tx, name, here.secrets[f"console-{name}"])
                if role == "department":
                    _grant(tx, hub, name)
    finally:
        hub.close()


def _grant(tx: Transaction, hub: Hub, name: str) -> None:
    today = date.today()  # noqa: DTZ011 -- a term in days of this place
    for entity in WATER_READS:
        auth.grant(
            tx,
            hub.contracts.granted,
            name,
            entity,
            classes=("public", "internal"),
            purpose="供水报装",
            valid_from=today,
            valid_until=today + TERM,
        )

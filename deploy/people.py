"""The first accounts of the console: one of each role, with passwords that this checkout has
made.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import yaml

from deploy.postgres import CHECKOUT
from deploy.site import (
    ACCOUNTS,
    DECLARED,
    PEOPLE,
    SUPERVISED,
    Site,
    hub_environment,
    write_private,
)
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
                    _grant(tx, hub, name, WATER_READS, purpose="供水报装")
            for partner in ACCOUNTS:
                if partner in here.partners and (name := f"{partner}-demo") not in known:
                    _open_program(here, tx, hub, partner, name)
    finally:
        hub.close()


def _open_program(here: Site, tx: Transaction, hub: Hub, partner: str, name: str) -> None:
    """Open the account by which a partner asks the API, or its clerk hands in workbooks; its token
    goes where the partner looks for it.
    """
    calls = DECLARED[partner].calls
    if calls is None:
        return
    wanted = {"project"}
    for asking in calls.asks.values():
        wanted |= hub.contracts.forms[asking.form].entities
    if calls.uploads:
        wanted.add(hub.contracts.pulls[calls.uploads].entity.name)
    said = yaml.safe_load((CHECKOUT / f"mappings/{partner}/system.yaml").read_text("utf-8"))
    token = auth.open_account(tx, name, "department", department=said["department"]["zh"])
    classes = ("public", "internal", "personal") if calls.uploads else ("public", "internal")
    _grant(tx, hub, name, sorted(wanted), purpose=said["title"]["zh"], classes=classes)
    write_private(here.partner_state("declared") / partner / "token", token)


def _grant(
    tx: Transaction,
    hub: Hub,
    name: str,
    entities: Iterable[str],
    *,
    purpose: str,
    classes: tuple[str, ...] = ("public", "internal"),
) -> None:
    today = date.today()  # noqa: DTZ011 -- a term in days of this place
    for entity in entities:
        auth.grant(
            tx,
            hub.contracts.granted,
            name,
            entity,
            classes=classes,
            purpose=purpose,
            valid_from=today,
            valid_until=today + TERM,
        )

from collections.abc import Callable
from datetime import date

import pytest

from hub import auth
from hub.auth.context import RequestContext, on_behalf
from tests.filled import Filled, filled, filled_template

__all__ = ["filled", "filled_template"]

UNIT = "广电网络公司"
Clerk = Callable[..., RequestContext]


def open_clerk(
    world: Filled,
    name: str = "clerk",
    *,
    unit: str = UNIT,
    regions: tuple[str, ...] = (),
    entities: tuple[str, ...] = ("utility_connection", "project", "approval_document"),
    classes: tuple[str, ...] = ("public", "internal", "personal"),
) -> str:
    """An account of the broadcast company with grants; gives its token."""
    with world.hub.database.write() as tx:
        token = auth.open_account(tx, name, "department", department=unit)
        for entity in entities:
            auth.grant(
                tx,
                world.hub.contracts.entities,
                name,
                entity,
                classes=classes,
                purpose="报装登记",
                valid_from=date(2020, 1, 1),
                valid_until=date(2099, 1, 1),
                regions=regions,
            )
    return token


@pytest.fixture
def clerk(filled: Filled) -> Clerk:
    """Opens an account of the broadcast company and gives its context."""

    def opened(name: str = "clerk", **terms: object) -> RequestContext:
        open_clerk(filled, name, **terms)  # type: ignore[arg-type]
        return on_behalf(filled.hub, name)

    return opened

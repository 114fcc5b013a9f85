from collections.abc import Callable
from datetime import date

import pytest

from hub import auth
from hub.auth import Reader
from hub.auth.context import RequestContext
from tests.filled import Filled, filled, filled_template

__all__ = ["filled", "filled_template"]

Opens = Callable[..., Reader]


def opened(
    world: Filled, name: str, role: str = "department", unit: str = "市供水公司"
) -> RequestContext:
    with world.hub.database.write() as tx:
        (reader,) = auth.readers(tx, [auth.open_account(tx, name, role, department=unit)])
    assert reader is not None
    return RequestContext(world.hub, reader)


@pytest.fixture
def opens(filled: Filled) -> Opens:
    """Open an account of a unit with one grant for each entity named; give it as the API would."""

    def open_account(
        *entities: str,
        role: str = "department",
        unit: str = "",
        supervised: tuple[str, ...] = (),
        **limits: object,
    ) -> Reader:
        with filled.hub.database.write() as tx:
            token = auth.open_account(tx, "bureau", role, department=unit, regions=supervised)
            for entity in entities:
                auth.grant(
                    *(tx, filled.hub.contracts.granted, "bureau", entity),
                    **{"classes": ("public",), "purpose": "核发施工许可", **limits},  # type: ignore[arg-type]
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2099, 1, 1),
                )
            (reader,) = auth.readers(tx, [token])
        assert reader is not None
        return reader

    return open_account

"""The exchange tables that the hub hosts for a department: the SQL that makes them."""

from dataclasses import dataclass

from hub.domain.contracts import Contracts
from hub.domain.exchange_tables import exchange_sql
from hub.services import naming

__all__ = ["ExchangeTables", "exchange_tables"]


@dataclass(frozen=True, slots=True)
class ExchangeTables:
    """sql: a script for the owner of a database of PostgreSQL that holds nothing else."""

    system: str
    sql: str


def exchange_tables(contracts: Contracts, system: str) -> ExchangeTables:
    """The script of a system; FlowError (exchange.nothing) where its rows learn nothing."""
    naming.one_of("system", system, sorted(contracts.systems))
    return ExchangeTables(system, exchange_sql(contracts, system))

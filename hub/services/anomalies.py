"""Anomalies in the access log: reads summed by account and day, judged with every alert round."""

from datetime import timedelta

from hub.db.access import access_log
from hub.db.database import Transaction
from hub.domain.anomalies import judged
from hub.domain.contracts import Contracts
from hub.settings import Settings


def follow(tx: Transaction, contracts: Contracts, settings: Settings) -> int:
    """Sum up new reads and store the anomalies; give how many there are."""
    bounds = settings.unusual
    first = access_log.sum_up(tx, bounds)
    count = 0
    for day in access_log.days(tx, first):
        habit = access_log.habit(
            tx, day.account, since=day.day - timedelta(days=bounds.habit_days), until=day.day
        )
        worked = contracts.clock is None or bool(contracts.clock.calendar.worked_halves(day.day))
        found = judged(day, habit, bounds, worked=worked)
        if found:
            access_log.note(tx, day.account, day.day, found)
            count += len(found)
    return count

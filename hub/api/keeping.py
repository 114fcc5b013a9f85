"""A form that is asked for again: the finished answer, as long as nothing has changed of what it was made of.

An answer follows from who asks (account, role, unit, grants in force), the form, the day, the contracts, and the rows
of the project. All but the rows are the key by which it is kept; of the rows a stamp is taken in the database at every
request, before anything else is read. So no change anywhere has to tell this process about itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from hub.api.together import BatchLoader
from hub.auth import Reader, access_log
from hub.auth.access_log import AccessEntry
from hub.auth.context import address_of
from hub.domain import keys
from hub.domain.contracts import Contracts
from hub.domain.times import HUB_ZONE
from hub.services.prefill.kept import CachedForm, FormCache, stamps_of
from hub.wiring import Hub

PREFILL = "/v1/prefill/"


@dataclass(frozen=True, slots=True)
class Wish:
    """A form asked for. key: all that the answer depends on but the project's rows. address: where it is asked from."""

    key: bytes
    project_code: str
    address: str


class CachedAnswer:
    """What there is to a wish: an answer that is true at this moment and whose row has been written, or none yet.

    Then the answer that is made now is kept, under the stamp of the moment before.
    """

    def __init__(self, wish: Wish, stamp: bytes, answers: FormCache) -> None:
        self._wish, self._stamp, self._answers = wish, stamp, answers
        kept = answers.find(wish.key, stamp)
        self.body: bytes | None = kept.body if kept else None
        self.read: AccessEntry | None = replace(kept.read, address=wish.address) if kept else None

    def begins(self, message: Message, read: AccessEntry) -> None:
        """An answer begins, and leaves this row."""
        self.read = read if message["status"] == HTTPStatus.OK else None

    def ends(self, message: Message) -> None:
        """It ends, if this is the whole of it."""
        if self.read is not None and not message.get("more_body"):
            self._answers.keep(self._wish.key, CachedForm(self._stamp, message["body"], self.read))


class ResponseCache:
    """Answers that are kept, for all who ask at the same moment."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._kept = FormCache(hub.settings.kept_answers_bytes)
        self._asked = BatchLoader(self._find)

    async def find(self, wish: Wish) -> CachedAnswer:
        """The answer to a wish that is true at this moment, if there is one."""
        return await self._asked.ask(wish)

    def _find(self, wishes: Sequence[Wish]) -> list[CachedAnswer]:
        with self._hub.database.write() as tx:
            stamps = stamps_of(
                tx, self._hub.contracts.entities, {wish.project_code for wish in wishes}
            )
            found = [CachedAnswer(wish, stamps[wish.project_code], self._kept) for wish in wishes]
            if reads := [one.read for one in found if one.read]:
                access_log.note(tx, reads)
        return found


def wish_of(scope: Scope, reader: Reader, contracts: Contracts) -> Wish | None:
    """What is wished for, if it is a form for a project and nothing else."""
    form = scope["path"].removeprefix(PREFILL)
    if scope["method"] != "GET" or form == scope["path"] or "/" in form:
        return None
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if [name for name, _ in asked] != ["project_code"]:
        return None
    code, today = keys.project_code(asked[0][1]), datetime.now(HUB_ZONE).date()
    # Sets have no order of their own; what the reader is made of is all in here, whatever is added to it.
    key = orjson.dumps(
        [form, code, today, contracts.digest, reader], default=sorted, option=orjson.OPT_SORT_KEYS
    )
    return Wish(key, code, address_of(HTTPConnection(scope)))

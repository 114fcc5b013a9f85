"""A form that is asked for again: the finished answer, as long as nothing has changed of what it
was made of.

An answer follows from who asks (account, role, unit, grants in force), the form, the day, the
contracts, and the rows of the project. All but the rows are the key by which it is kept; of the
rows a stamp is taken in the database at every request, before anything else is read. So no change
anywhere has to tell this process about itself.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

import orjson
from starlette.requests import HTTPConnection
from starlette.types import Message, Scope

from hub.api.batch_loader import BatchLoader
from hub.auth import Reader
from hub.auth.access_log import AccessEntry
from hub.auth.context import address_of
from hub.domain import keys
from hub.domain.contracts import Contracts
from hub.domain.times import HUB_ZONE
from hub.services.prefill.cache import CachedForm, FormCache, FormRequest, cached
from hub.wiring import Hub

PREFILL = "/v1/prefill/"


class CachedAnswer:
    """What there is to a request: an answer that is true at this moment and whose row has been
    written, or none yet.

    Then the answer that is made now is kept, under the stamp of the moment before.
    """

    def __init__(
        self, request: FormRequest, stamp: bytes, kept: CachedForm | None, forms: FormCache
    ) -> None:
        self._request, self._stamp, self._forms = request, stamp, forms
        self.body = kept.body if kept else None
        self.read = kept.read if kept else None

    def begins(self, message: Message, read: AccessEntry) -> None:
        """An answer begins, and leaves this row."""
        self.read = read if message["status"] == HTTPStatus.OK else None

    def ends(self, message: Message) -> None:
        """It ends, if this is the whole of it."""
        if self.read is not None and not message.get("more_body"):
            kept = CachedForm(self._stamp, message["body"], self.read)
            self._forms.keep(self._request.key, kept)


class ResponseCache:
    """Answers that are kept, looked up together for all who ask at the same moment."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._forms = FormCache(hub.settings.kept_answers_bytes)
        self._asked = BatchLoader(self._find)

    async def find(self, request: FormRequest) -> CachedAnswer:
        """The answer to a request that is true at this moment, if there is one."""
        return await self._asked.ask(request)

    def _find(self, requests: Sequence[FormRequest]) -> list[CachedAnswer]:
        found = cached(self._hub, self._forms, requests)
        return [
            CachedAnswer(request, stamp, kept, self._forms)
            for request, (stamp, kept) in zip(requests, found, strict=True)
        ]


def form_request(scope: Scope, reader: Reader, contracts: Contracts) -> FormRequest | None:
    """What is asked for, if it is a form for a project and nothing else."""
    form = scope["path"].removeprefix(PREFILL)
    if scope["method"] != "GET" or form == scope["path"] or "/" in form:
        return None
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if [name for name, _ in asked] != ["project_code"]:
        return None
    code, today = keys.project_code(asked[0][1]), datetime.now(HUB_ZONE).date()
    # Sets have no order of their own; what the reader is made of is all in here, whatever is added
    # to it.
    key = orjson.dumps(
        [form, code, today, contracts.digest, reader], default=sorted, option=orjson.OPT_SORT_KEYS
    )
    return FormRequest(key, code, address_of(HTTPConnection(scope)))

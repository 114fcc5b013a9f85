"""Response cache of prefilled forms: a finished answer is sent again while it would be the same.

The key is all that decides an answer but the project's rows: account with grants, form, day,
contracts. For the rows a stamp is read at every request before anything else, so that no change has
to be announced to this process (no invalidation).
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
    """A cached answer that is still true, its access log row written; body None where there is
    none.

    In that case the answer made now is stored, under the stamp read before.
    """

    def __init__(
        self, request: FormRequest, stamp: bytes, kept: CachedForm | None, forms: FormCache
    ) -> None:
        self._request, self._stamp, self._forms = request, stamp, forms
        self.body = kept.body if kept else None
        self.read = kept.read if kept else None

    def begins(self, message: Message, read: AccessEntry) -> None:
        """Take the log entry of the answer that begins; only 200 is stored."""
        self.read = read if message["status"] == HTTPStatus.OK else None

    def ends(self, message: Message) -> None:
        """Store the body, if it comes in one part."""
        if self.read is not None and not message.get("more_body"):
            # Under the stamp read BEFORE the answer was made: a change meanwhile makes the entry
            # outdated at once, never wrong.
            kept = CachedForm(self._stamp, message["body"], self.read)
            self._forms.keep(self._request.key, kept)


class ResponseCache:
    """The cache, looked up for concurrent requests together."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._forms = FormCache(hub.settings.kept_answers_bytes)
        self._asked = BatchLoader(self._find)

    async def find(self, request: FormRequest) -> CachedAnswer:
        """The cached answer to a request, as of now."""
        return await self._asked.ask(request)

    def _find(self, requests: Sequence[FormRequest]) -> list[CachedAnswer]:
        found = cached(self._hub, self._forms, requests)
        return [
            CachedAnswer(request, stamp, kept, self._forms)
            for request, (stamp, kept) in zip(requests, found, strict=True)
        ]


def form_request(scope: Scope, reader: Reader, contracts: Contracts) -> FormRequest | None:
    """The request as the cache knows it; None for anything but one form for one project."""
    form = scope["path"].removeprefix(PREFILL)
    if scope["method"] != "GET" or form == scope["path"] or "/" in form:
        return None
    asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if [name for name, _ in asked] != ["project_code"]:
        return None
    code, today = keys.project_code(asked[0][1]), datetime.now(HUB_ZONE).date()
    # The whole reader is in the key, so that fields added later are too; sets are sorted, as they
    # have no order.
    key = orjson.dumps(
        [form, code, today, contracts.digest, reader], default=sorted, option=orjson.OPT_SORT_KEYS
    )
    return FormRequest(key, code, address_of(HTTPConnection(scope)))

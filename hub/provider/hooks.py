"""The hub's types of connections in Airflow, a class each as Airflow wants it, and what their
button Test does.

A connection `hub_<system>` reaches a partner; its type says which form is shown (forms.json). The
hub reads its parts as they are (`hub/config/connections.py`), whatever the type.
"""

import json

from airflow.sdk.bases.hook import BaseHook

from hub import wiring
from hub.config.connections import PARTS
from hub.errors import HubError
from hub.texts import cure, say

PARTNER = "hub_"
"""What the id of a partner's connection begins with; its system comes behind."""


class PartnerHook(BaseHook):
    """A partner's connection."""

    conn_name_attr = "conn_id"

    def __init__(self, conn_id: str = "") -> None:
        super().__init__()
        self.conn_id = conn_id

    def test_connection(self) -> tuple[bool, str]:
        """Reach the partner as its flows would; whether that worked, and what it said or what is to
        be done.
        """
        made = self.get_connection(self.conn_id)
        said = json.dumps({part: getattr(made, part) for part in PARTS})
        system = self.conn_id.removeprefix(PARTNER)
        try:
            hub = wiring.start(connections={system: said})
            try:
                answers = hub.ping(system)
            finally:
                hub.close()
        except HubError as error:
            zh, en = (
                f"{say(error.code, error.facts, to)} {cure(error.code, error.facts, to)}"
                for to in ("zh", "en")
            )
            return False, f"{zh} / {en}"
        return True, "; ".join(f"{connector}: {answer}" for connector, answer in answers.items())


class RestHook(PartnerHook):
    """An interface over HTTP."""

    conn_type, hook_name = "onecode_rest", "OneCode REST"


class SoapHook(PartnerHook):
    """A service described by WSDL."""

    conn_type, hook_name = "onecode_soap", "OneCode SOAP"


class SqlHook(PartnerHook):
    """A database by its driver."""

    conn_type, hook_name = "onecode_sql", "OneCode SQL"


class OdbcHook(PartnerHook):
    """A database by ODBC."""

    conn_type, hook_name = "onecode_odbc", "OneCode ODBC"


class SqlExchangeHook(PartnerHook):
    """An exchange database (前置库): tables that both sides read and write."""

    conn_type, hook_name = "onecode_sql_exchange", "OneCode exchange database"


class FilesHook(PartnerHook):
    """Files of a folder, or by SFTP."""

    conn_type, hook_name = "onecode_files", "OneCode files"


class InboxHook(PartnerHook):
    """A partner that pushes to the hub: its key."""

    conn_type, hook_name = "onecode_inbox", "OneCode inbox"


class OutboxHook(PartnerHook):
    """A partner that fetches from the hub: its key."""

    conn_type, hook_name = "onecode_outbox", "OneCode outbox"

"""A project is spread through all that the hub does, then turns secret: nothing of it is left in the database."""

from collections.abc import Mapping, Sequence

import pytest

from hub.errors import HeldError
from hub.model import Held, Json, Outcome, Outgoing
from hub.pipeline import linking, reconcile, seal, verify
from tests.api.conftest import Client, Opened
from tests.cli.conftest import Command, command
from tests.filled import Filled, payload
from tests.pipeline.partners import Desk

__all__ = ["command"]

FLOW, OWN, QUOTING = (
    "pull.investment.project",
    "push.approval.project",
    "push.approval.property_registration",
)
CODE = "2605-520201-60-05-326058"
WORD = "绝密甲"
PLACES = {"xmmc": "绝密甲工程", "jsdd": "绝密甲路一号", "jsgm": "绝密甲规模一处"}

REACHED = {
    "golden.project": "name",
    "hub.alert": "facts",
    "hub.delivery": "body confirmed_body held_body reference",
    "hub.delivery_event": "body code text reference",
    "hub.dispute": "answer reason value",
    "hub.history": "body",
    "hub.job": "asked",
    "hub.landing": "payload",
    "hub.link_subject": "said",
    "hub.quarantine": "cause faults",
    "hub.recall": "reason value",
    "hub.recall_receiver": "sent",
    "hub.remark": "cause said",
    "hub.report": "causes",
    "source.project": "name",
}
"""Where its words really come before it turns secret: so far does this test reach."""


class Saying(Desk):
    """Answers with words about what it was sent, and shows what it holds changed by hand."""

    def __init__(self, state: str = "confirmed") -> None:
        super().__init__()
        self.state = state

    def send(self, write: Mapping[str, Json], items: Sequence[Outgoing]) -> list[Outcome]:
        self.applied.update({item.key: (item.action, item.body) for item in items})
        said = {"code": f"拒{WORD}", "text": f"{WORD}工程不予接收", "reference": f"号{WORD}"}
        ours = [CODE in str(item.body) for item in items]
        return [
            Outcome(item.key, self.state, **said) if own else Outcome(item.key, "confirmed")  # type: ignore[arg-type]
            for item, own in zip(items, ours, strict=True)
        ]

    def held(self, write: Mapping[str, Json], keys: Sequence[str], _fields: object) -> list[Held]:
        changed: dict[str, Json] = {"xmmc": f"{WORD}改"}
        return [
            Held(key, {**self.applied[key][1], **changed}) for key in keys if key in self.applied
        ]


def project(**changes: object) -> dict[str, Json]:
    return payload(FLOW, **{"xmdm": CODE, "id": 700, **PLACES, **changes})  # type: ignore[arg-type]


def everywhere(filled: Filled, *words: str) -> set[str]:
    """Every column of the database that holds one of these texts, in whatever form."""
    columns = filled.rows("""
        select n.nspname || '.' || c.relname as "table", string_agg(a.attname, ' ') as columns
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
         where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
           and c.relkind in ('r', 'p', 'm') and not c.relispartition and a.attnum > 0 and not a.attisdropped
         group by 1 order by 1
    """)
    forms = {
        form
        for one in words
        for form in (one, one.encode("unicode_escape").decode(), one.encode().hex())
    }
    found = set()
    for row in columns:
        table, names = str(row["table"]), str(row["columns"]).split()
        asked = ", ".join(
            f"bool_or({' or '.join(f'strpos(t.{name}::text, $${one}$$) > 0' for one in sorted(forms))}) as {name}"
            for name in (f'"{name}"' for name in names)
        )
        (held,) = filled.rows(f"select {asked} from {table} t")  # noqa: S608 -- names of the catalogue
        found |= {f"{table}.{name}" for name, is_held in held.items() if is_held}
    return found


def spread(filled: Filled, client: Client, opened: Opened, command: Command) -> None:
    """Take the project in and put its words wherever they can come."""
    hub = filled.hub
    filled.pull(FLOW, project(gxsj="2026-10-01 09:00:00"))
    filled.pull(FLOW, project(gxsj="2026-10-02 09:00:00", xmmc="绝密甲二期"))
    for state in ("rejected", "awaiting_receipt"):
        filled.push(OWN, Saying(state))
    hub.watch()
    desk = Saying()
    filled.pull(FLOW, project(gxsj="2026-10-03 09:00:00"))
    filled.push(OWN, desk)
    reconcile.reconcile(
        hub.database,
        hub.contracts,
        hub.contracts.pushes[OWN],
        connector=desk,
        settings=hub.settings,  # type: ignore[arg-type]
    )
    record, said = f"project:{CODE}", ["--reason", f"{WORD}与批文不同", "--by", "张三"]
    assert command("disputes", "open", record, "name", *said)[0] == 0
    assert command("disputes", "answer", "1", "--accept", "--reason", f"{WORD}确有误")[0] == 0
    assert command("decide", record, "address", "--value", f"{WORD}路二号", *said)[0] == 0
    filled.pull(FLOW, project(id=702, xmdm="2605-520201-60-05-326059", jsxz=f"{WORD}类"))
    admin, reader = opened("admin", "administrator"), opened("reader", "department", "project")
    for entry in filled.rows(
        "select id, flow, cause from hub.quarantine where flow like 'push%' or key = '702'"
    ):
        asks = {"flow": entry["flow"], "cause": entry["cause"]}
        assert (
            client.ask(
                "POST", "/v1/remarks", admin, asks | {"said": f"已与{WORD}业主联系"}
            ).status_code
            == 200
        )
        assert client.ask("POST", "/v1/replays", admin, asks).status_code == 202
    assert client.get(f"/v1/projects/{CODE}", reader).status_code == 200
    linking.renew_subjects(hub.database, hub.contracts, hub.settings)
    linking.link(hub.database, hub.contracts, hub.settings)
    changed = [project(gxsj="2026-11-21 09:00:00"), payload(FLOW, id=1, gxsj="2026-11-21 09:00:00")]
    for one in changed:
        one["xmmc_new"] = one.pop("xmmc")
    with pytest.raises(HeldError):
        filled.pull(FLOW, *changed)
    hub.watch()


def test_nothing_of_a_project_that_turned_secret_is_left_anywhere(
    client: Client, opened: Opened, filled: Filled, command: Command
):
    spread(filled, client, opened, command)
    reached = everywhere(filled, WORD)
    wanted = {f"{table}.{name}" for table, names in REACHED.items() for name in names.split()}
    assert reached >= wanted, wanted - reached
    secret = [project(id=number, sfsm="1", gxsj="2026-12-01 09:00:00") for number in (700, 702)]
    filled.pull(FLOW, *secret)
    for flow in filled.hub.contracts.pushes:
        filled.push(flow, Saying())
    filled.hub.watch()
    seal.seal(filled.hub.database, filled.hub.settings)
    found = verify.verify(filled.hub.database, filled.hub.contracts, filled.hub.settings)
    assert [(one.kind, one.where, one.detail) for one in found.findings] == []
    assert everywhere(filled, WORD) == set()

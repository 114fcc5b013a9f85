"""Records of use are kept at least three years (article 29): nothing thins the access log or the
submissions.
"""

import re

import pytest

from hub.settings import HOME
from tests.filled import Filled

FOLDERS = ("hub", "dags", "tools", "deploy")
KINDS = {".py", ".sql", ".sh"}
KEPT = r"hub\.(?:access|submission)(?![a-z0-9_])"
THINS = re.compile(
    rf"(?:delete\s+from|truncate(?:\s+table)?|drop\s+table(?:\s+if\s+exists)?|update)\s+(?:only\s+)?{KEPT}"
    rf"|alter\s+table\s+{KEPT}\s+detach|detach\s+partition",
    re.IGNORECASE,
)


def thinning(text: str) -> list[str]:
    return [" ".join(found.group().split()) for found in THINS.finditer(text)]


@pytest.mark.parametrize(
    "text",
    [
        "delete from hub.access where at < %s",
        "DELETE FROM\n  hub.submission",
        "truncate hub.access",
        "alter table hub.access detach partition hub.access_2026_01",
        "drop table if exists hub.submission",
        "update hub.access set record_ids = '{}'",
    ],
)
def test_what_thins_them_is_recognised(text: str):
    assert len(thinning(text)) == 1


def test_no_code_deletes_changes_or_detaches_records_of_use():
    files = [
        path for folder in FOLDERS for path in (HOME / folder).rglob("*") if path.suffix in KINDS
    ]
    assert any("insert into hub.access " in path.read_text(encoding="utf-8") for path in files)
    found = {
        str(path.relative_to(HOME)): thinning(path.read_text(encoding="utf-8")) for path in files
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_nothing_in_the_database_takes_them_away_with_something_else(filled: Filled):
    rows = filled.rows(r"""
        select conrelid::regclass::text as held from pg_constraint
         where contype = 'f' and confdeltype in ('c', 'n', 'd')
           and conrelid in ('hub.access'::regclass, 'hub.submission'::regclass)
        union all
        select tgname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
         where not tgisinternal and tgrelid in ('hub.access'::regclass, 'hub.submission'::regclass)
           and not (prosrc ~ 'insert into hub[.]evidence '
                    and prosrc !~* '(into|update|truncate|drop|alter|execute)\s+(?!hub[.]evidence |many)'
                    and prosrc !~* 'delete\s'
                    -- After the statement: it can neither change nor leave out a row.
                    and tgtype & 1 = 0 and tgtype & 2 = 0 and tgtype & 64 = 0)
        union all
        select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname in ('hub', 'fact')
           and prosrc ~* 'detach partition|(delete from|truncate) hub.(access|submission)([^a-z_]|$)'
    """)
    assert rows == []

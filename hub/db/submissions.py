"""Submitted forms: the origin of each answer, and monthly sums by unit and form (once-only)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.types.json import Jsonb

from hub.db.database import Transaction
from hub.db.rows import rows

ADD = """
    insert into hub.submission (form, project_code, account, department, fields, materials)
    values (%(form)s, %(project_code)s, %(account)s, %(department)s, %(fields)s, %(materials)s)
        returning id, at
"""
COUNT = """
    insert into hub.once_only as o (month, department, form, submissions, fields_hub,
        fields_outdated, fields_typed,
                                    fields_differing, fields_empty, materials_hub, materials_asked)
    values (date_trunc('month', %(at)s)::date, %(department)s, %(form)s, 1, %(hub)s, %(outdated)s,
        %(typed)s,
            %(differs)s, %(empty)s, %(materials_hub)s, %(materials_asked)s)
    on conflict (month, department, form) do update
       set submissions = o.submissions + 1,
           fields_hub = o.fields_hub + excluded.fields_hub,
           fields_outdated = o.fields_outdated + excluded.fields_outdated,
           fields_typed = o.fields_typed + excluded.fields_typed,
           fields_differing = o.fields_differing + excluded.fields_differing,
           fields_empty = o.fields_empty + excluded.fields_empty,
           materials_hub = o.materials_hub + excluded.materials_hub,
           materials_asked = o.materials_asked + excluded.materials_asked
"""
RECENT = """
    select id, form, project_code, account, department, at, fields, materials from hub.submission
     where department = %(department)s or account = %(account)s order by id desc limit %(most)s
"""
METER = """
    select month, department, form, submissions, fields_hub, fields_outdated, fields_typed,
        fields_differing,
           fields_empty, materials_hub, materials_asked
      from hub.once_only
     where month between %(since)s and %(until)s
       and (%(department)s::text is null or department = %(department)s)
       and (%(form)s::text is null or form = %(form)s)
     order by month, department, form
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """One submitted form. fields, materials: name -> origin of the answer or paper."""

    id: int
    form: str
    project_code: str
    account: str
    department: str
    at: datetime
    fields: Mapping[str, str]
    materials: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metered:
    """Sums of one form, unit and month: answers reused, and not."""

    month: date
    department: str
    form: str
    submissions: int
    fields_hub: int
    fields_outdated: int
    fields_typed: int
    fields_differing: int
    fields_empty: int
    materials_hub: int
    materials_asked: int


def add(
    tx: Transaction,
    form: str,
    project_code: str,
    *,
    account: str,
    department: str,
    fields: Mapping[str, str],
    materials: Mapping[str, str],
) -> int:
    """Store the origins in a submitted form and count them; gives the submission's number."""
    about = {
        "form": form,
        "project_code": project_code,
        "account": account,
        "department": department,
    }
    row = tx.execute(
        ADD, about | {"fields": Jsonb(fields), "materials": Jsonb(materials)}
    ).fetchone()
    number, at = row or (0, None)
    of_fields, of_papers = Counter(fields.values()), Counter(materials.values())
    counts = {
        origin: of_fields[origin] for origin in ("hub", "outdated", "typed", "differs", "empty")
    }
    papers = {f"materials_{origin}": of_papers[origin] for origin in ("hub", "asked")}
    tx.execute(COUNT, about | counts | papers | {"at": at})
    return int(number)


def recent(tx: Transaction, *, account: str, department: str, most: int) -> list[Submission]:
    """Latest submissions of an account or its unit, newest first."""
    asked = {"account": account, "department": department or None, "most": most}
    return rows(tx, Submission, RECENT, asked)


def meter(
    tx: Transaction,
    *,
    since: date,
    until: date,
    department: str | None = None,
    form: str | None = None,
) -> list[Metered]:
    """Monthly sums, of one unit or form if given."""
    asked = {"since": since, "until": until, "department": department, "form": form}
    return rows(tx, Metered, METER, asked)

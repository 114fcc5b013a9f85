"""Compiles an indicator to SQL: each word of the vocabulary is one fixed fragment, each value of a
file a bound parameter, each fact a column of `subjects`.

Truth is that of SQL: a comparison with what is not known is neither true nor false, and what is not
known of a condition that decides is 无法判定 with its reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import LiteralString

from psycopg import sql
from pydantic import JsonValue

from hub.db.facts import subjects
from hub.domain.fact_names import DICTIONARY
from hub.domain.indicator_files import LEVELS
from hub.domain.indicators import (
    Bound,
    DaySpan,
    Exclusion,
    ExclusionCase,
    Indicator,
    Tree,
    branch,
    facts_of,
)

COMPARE: Mapping[str, LiteralString] = {
    "is": "{} = {}",
    "in": "{} = any({})",
    "not_in": "not ({} = any({}))",
    "at_least": "{} >= {}",
    "at_most": "{} <= {}",
    "above": "{} > {}",
    "below": "{} < {}",
}
ROWS = frozenset({"fact", "excess", "count"})
"""Measures of one subject, which levels judge; the others are figures of many."""
BINNED = frozenset({"average", "median"})
JUDGED = """
    insert into made_judged
    with s as ({rows}),
    m as (
        select s.*, {where} as population, {excluded} as excluded,
               {unknown} as unknown, {missing} as missing, ({value})::numeric as measured{met}
          from s),
    q as (
        -- what has begun and cannot be judged is counted in the month of the judgement
        select m.*, coalesce(m.{at}, case when m.population and m.missing is not null and {begun}
                                          then m.today end) as at
          from m),
    p as (
        select q.*, date_trunc('month', q.at at time zone %(zone)s)::date as period,
               case when q.excluded is not null then 'excluded'
                    when q.population is null or q.missing is not null
                         or q.measured is null then 'not_judged'
                    else 'judged' end as state
          from q where q.at is not null and q.population is not false and {binding}),
    v as (select p.*, {number} as value from p),
    g as (select v.*, {keep} as kept, {subject} as subject from v)
    select {id}, {version}, {of}, g.subject, g.record_id, g.project_code, g.at, g.period,
           coalesce(g.unit, ''), coalesce(g.county, ''), coalesce(g.code, ''),
           coalesce(g.flow_kind, ''), g.state,
           case g.state when 'excluded' then g.excluded
                when 'not_judged' then coalesce(
                    case when g.population is null then g.unknown end, g.missing, 'measure')
                else '' end,
           case when g.state = 'judged' then g.value end, l.level, l.bound,
           coalesce(l.level = any({counting}), {counted}), {responsible},
           case when l.level is not null then {evidence} end, g.batch_id
      from g
     cross join lateral (
         select case when g.state = 'judged' then {level} end as level,
                case when g.state = 'judged' then {bound} end as bound) l
     where g.kept
"""


@dataclass(slots=True)
class Compiled:
    """A statement in the making: its parameters by name."""

    parameters: dict[str, object] = field(default_factory=dict)

    def bind(self, value: object) -> sql.Placeholder:
        name = f"i{len(self.parameters)}"
        self.parameters[name] = value
        return sql.Placeholder(name)

    def condition(self, tree: Tree) -> sql.Composable:
        """A condition over the columns of `s`."""
        for word, joined in (("all", " and "), ("any", " or ")):
            if word in tree:
                several = tree[word]
                inner = several if isinstance(several, list) else []
                return _joined([self.condition(branch(one)) for one in inner], joined)
        if "not" in tree:
            return sql.SQL("(not {})").format(self.condition(branch(tree["not"])))
        return self.comparison(tree)

    def comparison(self, tree: Tree) -> sql.Composable:
        column = _column(str(tree["fact"]))
        word = next(word for word in tree if word != "fact")
        value = tree[word]
        if word in {"known", "unknown"}:
            known: LiteralString = "({} is not null)" if word == "known" else "({} is null)"
            return sql.SQL(known).format(column)
        if word == "same_as":
            return sql.SQL("({} = {})").format(column, _column(str(value)))
        return sql.SQL("({})").format(sql.SQL(COMPARE[word]).format(column, self._value(value)))

    def _value(self, value: JsonValue) -> sql.Composable:
        if isinstance(value, list):
            return sql.SQL("{}::text[]").format(self.bind([str(one) for one in value]))
        if isinstance(value, bool):
            return sql.SQL("{}::boolean").format(self.bind(value))
        kind: LiteralString = "{}::text" if isinstance(value, str) else "{}::numeric"
        return sql.SQL(kind).format(self.bind(value))

    def all_of(self, several: Sequence[Tree]) -> sql.Composable:
        return _joined([self.condition(one) for one in several], " and ")

    def named(self, pairs: Iterable[tuple[sql.Composable, str]]) -> sql.Composable:
        """The name of the first condition that holds; null where none does."""
        cases = [
            sql.SQL("when {} then {}::text").format(condition, self.bind(name))
            for condition, name in pairs
        ]
        if not cases:
            return sql.SQL("null::text")
        return sql.SQL("case {} end").format(sql.SQL(" ").join(cases))

    def places(self, one: Indicator) -> sql.Composable:
        """Whether an indicator holds for a row's region on its day."""
        on = sql.SQL("(q.at at time zone %(zone)s)::date")
        parts: list[sql.Composable] = []
        if one.since is not None:
            parts.append(sql.SQL("{} >= {}").format(on, self.bind(one.since)))
        if one.until is not None:
            parts.append(sql.SQL("{} <= {}").format(on, self.bind(one.until)))
        if one.regions:
            within: LiteralString = (
                "exists (select from unnest({}::text[]) n"
                " where starts_with(coalesce(q.county, ''), n))"
            )
            parts.append(sql.SQL(within).format(self.bind(list(one.regions))))
        return _joined(parts, " and ")


def _joined(parts: Sequence[sql.Composable], word: LiteralString) -> sql.Composable:
    if not parts:
        return sql.SQL("true")
    return sql.SQL("({})").format(sql.SQL(word).join(parts))


def _column(name: str) -> sql.Composable:
    return sql.Identifier("s", name)


def strength(one: Indicator) -> tuple[int, date]:
    """Of two files that hold for a place and day the stronger binds: narrower, then newer."""
    return max(map(len, one.regions), default=0), one.since or date.min


def statement(
    one: Indicator, rivals: Iterable[Indicator] = (), *, some: bool
) -> tuple[sql.Composed, dict[str, object]]:
    """(statement that fills `made_judged`, its parameters). some: for the projects of `codes` only.

    rivals: indicators of the same id; where a stronger one holds, this one does not. Beside the
    parameters it is handed now, w, zone, calendar and codes.
    """
    made = Compiled()
    stronger = [other for other in rivals if other is not one and strength(other) > strength(one)]
    unbound = [sql.SQL("not {}").format(made.places(other)) for other in stronger]
    binding = _joined([made.places(one), *unbound], " and ")
    named = _named(one)
    counts = list(LEVELS[LEVELS.index(one.counts) :])
    share = one.measure == "share"
    composed = sql.SQL(JUDGED).format(
        rows=subjects.rows_of(one.of, some=some, named=frozenset(named)),
        at=sql.Identifier(one.at),
        where=made.all_of(one.where),
        excluded=made.named((_left_out(made, out, one), out.id) for out in one.exclude),
        met=_met(made, one),
        begun=sql.SQL(
            "m.accepted_at is not null" if "accepted_at" in DICTIONARY[one.of] else "true"
        ),
        unknown=made.named(_unknown(name for tree in one.where for name in facts_of(tree))),
        missing=made.named([*_unknown(_needed(one)), *_undecided(made, one)]),
        value=_value(made, one),
        binding=binding,
        number=_number(made, one),
        keep=_kept(one),
        subject=_subject(one),
        id=made.bind(one.id),
        version=made.bind(one.version),
        of=made.bind(one.of),
        counting=sql.SQL("{}::text[]").format(made.bind(counts)),
        counted=sql.SQL("coalesce(g.state = 'judged' and g.value = 1, false)")
        if share
        else sql.SQL("false"),
        responsible=made.bind(one.responsible),
        evidence=_evidence(made, named),
        level=_level(made, one, bound=False),
        bound=_level(made, one, bound=True),
    )
    return composed, made.parameters


def _left_out(made: Compiled, out: Exclusion, one: Indicator) -> sql.Composable:
    """Whether a row is left out by a condition, or because a person named it."""
    parts = [
        *(made.condition(tree) for tree in out.any),
        *(_case(made, case, one) for case in out.cases),
    ]
    if not parts:  # nobody has named anything yet
        return sql.SQL("false")
    return sql.SQL("coalesce({}, false)").format(_joined(parts, " or "))


def _case(made: Compiled, case: ExclusionCase, one: Indicator) -> sql.Composable:
    within: LiteralString = (
        "case when s.county is not null then"
        " exists (select from unnest({}::text[]) n where starts_with(s.county, n)) end"
    )
    parts: list[sql.Composable] = []
    if case.projects:
        parts.append(
            sql.SQL("s.project_code = any({}::text[])").format(made.bind(list(case.projects)))
        )
    if case.counties:
        parts.append(sql.SQL(within).format(made.bind(list(case.counties))))
    if case.units:
        parts.append(sql.SQL("s.unit = any({}::text[])").format(made.bind(list(case.units))))
    known = DICTIONARY[one.of]
    moments = dict.fromkeys(
        name for name in ("accepted_at", "finished_at", one.at) if name in known
    )
    touched = [_column(name) for name in moments]
    if "ended" in known:  # what goes on touches today
        touched.append(sql.SQL("case when not s.ended then s.today end"))
    if case.during is not None:
        parts.append(_overlap(made, touched, case.during))
    if case.landed is not None:
        parts.append(_overlap(made, [_column("landed_at")], case.landed))
    return _joined(parts, " and ")


def _overlap(made: Compiled, moments: Sequence[sql.Composable], days: DaySpan) -> sql.Composable:
    """Whether the time from the first of these moments to the last touches these days."""
    told = sql.SQL(", ").join(moments)
    parts: list[sql.Composable] = []
    if days.since is not None:
        last: LiteralString = "(greatest({}) at time zone %(zone)s)::date >= {}"
        parts.append(sql.SQL(last).format(told, made.bind(days.since)))
    if days.until is not None:
        first: LiteralString = "(least({}) at time zone %(zone)s)::date <= {}"
        parts.append(sql.SQL(first).format(told, made.bind(days.until)))
    return _joined(parts, " and ")


def _undecided(made: Compiled, one: Indicator) -> list[tuple[sql.Composable, str]]:
    """What an exclusion asks for and nobody knows: such a row could be one that is left out."""
    found: list[tuple[sql.Composable, str]] = []
    for out in one.exclude:
        for tree in out.any:
            condition = made.condition(tree)
            found += [
                (sql.SQL("({}) is null and {}").format(condition, unknown), name)
                for unknown, name in _unknown(facts_of(tree))
            ]
        for case in out.cases:
            condition = _case(made, case, one)
            asked = {"county": case.counties, "unit": case.units, "landed_at": case.landed}
            found += [
                (sql.SQL("({}) is null and {}").format(condition, unknown), name)
                for unknown, name in _unknown(name for name, said in asked.items() if said)
            ]
    return found


def _unknown(names: Iterable[str]) -> list[tuple[sql.Composable, str]]:
    return [(sql.SQL("{} is null").format(_column(name)), name) for name in dict.fromkeys(names)]


def _met(made: Compiled, one: Indicator) -> sql.Composable:
    """For each level whether what it asks for besides its bound is so."""
    told = [
        sql.SQL(", {} as {}").format(made.all_of(each.where), _met_name(each))
        for each in one.bounds
        if each.where
    ]
    return sql.SQL("").join(told)


def _met_name(bound: Bound) -> sql.Identifier:
    return sql.Identifier(f"met_{bound.level}")


def _needed(one: Indicator) -> list[str]:
    return [*one.needs, *one.facts, *(name for tree in one.counted for name in facts_of(tree))]


def _named(one: Indicator) -> list[str]:
    of_levels = [tree for bound in one.bounds for tree in bound.where]
    trees = (*one.where, *one.counted, *of_levels)
    of_where = [name for tree in trees for name in facts_of(tree)]
    return list(dict.fromkeys([*one.facts, *one.needs, *of_where, *one.group, one.at]))


def _value(made: Compiled, one: Indicator) -> sql.Composable:
    """What is measured of one row."""
    if one.measure == "excess":
        fact, over = map(_column, one.facts)
        return sql.SQL("{} / nullif({}, 0)").format(fact, over)
    if one.measure == "share":
        return sql.SQL("case when {} then 1 else 0 end").format(made.all_of(one.counted))
    if one.measure in {"count", "distinct"}:
        return sql.SQL("1")
    return _column(one.facts[0])


def _number(made: Compiled, one: Indicator) -> sql.Composable:
    """The value of a row: of a count how many of its group there are within the window."""
    if one.measure != "count":
        return sql.SQL("p.measured")
    frame = (
        sql.SQL("range between make_interval(days => {}) preceding and current row").format(
            made.bind(one.window)
        )
        if one.window is not None
        else sql.SQL("range between unbounded preceding and current row")
    )
    return sql.SQL(
        "count(*) filter (where p.state = 'judged') over (partition by {} order by p.at {})"
    ).format(_of_group(one, "p"), frame)


def _kept(one: Indicator) -> sql.Composable:
    """Of a group counts the row at which the most lie within the window, the last of several; of
    what is distinct the first of the period.
    """
    if one.measure == "count":
        return sql.SQL(
            "v.state <> 'judged' or row_number() over (partition by {}, v.state"
            " order by v.value desc, v.at desc, v.record_id desc) = 1"
        ).format(_of_group(one, "v"))
    if one.measure == "distinct":
        return sql.SQL(
            "v.state <> 'judged' or row_number() over (partition by v.project_code, v.{}, v.period,"
            " v.state order by v.at, v.record_id) = 1"
        ).format(sql.Identifier(one.facts[0]))
    return sql.SQL("true")


def _of_group(one: Indicator, row: str) -> sql.Composable:
    """A group lies within one project, so that a project's hits are computed of it alone."""
    columns = [sql.Identifier(row, name) for name in dict.fromkeys(("project_code", *one.group))]
    return sql.SQL(", ").join(columns)


def _subject(one: Indicator) -> sql.Composable:
    if one.measure != "count":
        return sql.SQL("v.record_id::text")
    names = dict.fromkeys(("project_code", *one.group))
    columns = [sql.SQL("coalesce({}::text, '')").format(sql.Identifier("v", n)) for n in names]
    return sql.SQL("concat_ws('|', {})").format(sql.SQL(", ").join(columns))


def _level(made: Compiled, one: Indicator, *, bound: bool) -> sql.Composable:
    cases = []
    for each in one.bounds if one.measure in ROWS else ():
        than = made.bind(each.than)
        told = (
            sql.SQL("{}::numeric").format(than)
            if bound
            else sql.SQL("{}::text").format(made.bind(each.level))
        )
        beyond = sql.SQL(COMPARE[each.word]).format(
            sql.SQL("g.value"), sql.SQL("{}::numeric").format(than)
        )
        if each.where:
            beyond = sql.SQL("{} and g.{}").format(beyond, _met_name(each))
        cases.append(sql.SQL("when {} then {}").format(beyond, told))
    kind: LiteralString = "null::numeric" if bound else "null::text"
    if not cases:
        return sql.SQL(kind)
    return sql.SQL("case {} end").format(sql.SQL(" ").join(cases))


def _evidence(made: Compiled, names: Iterable[str]) -> sql.Composable:
    pairs = [
        sql.SQL("{}::text, g.{}").format(made.bind(name), sql.Identifier(name)) for name in names
    ]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))

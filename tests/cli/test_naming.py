"""A name or number that nothing bears is an error with the nearest names and exit status 2, in
every command.
"""

import inspect
from collections.abc import Iterator

import typer

from hub.cli import app
from tests.cli.conftest import Command

REASON = ("--reason", "x")
FREE = {
    # what a person writes, or what becomes a name by being given
    *("reason", "by", "note", "purpose", "proposed", "value", "department"),
    # how much, since when, where to and where from
    *(
        "limit",
        "since",
        "until",
        "start",
        "every",
        "sample",
        "out",
        "home",
        "mapping",
        "compare",
        "checkpoint",
        "county",
        "file",
    ),
}
"""Parameters that name nothing that must be there already."""

WRONG: dict[tuple[str, str], tuple[tuple[str, ...], str]] = {
    ("indicators explain", "indicator"): (
        ("indicators", "explain", "item_overdu"),
        "item_overdue",
    ),
    ("indicators figure", "indicator"): (("indicators", "figure", "item_overdu"), "item_overdue"),
    ("indicators figure", "by"): (
        ("indicators", "figure", "item_overdue", "--by", "countie"),
        "county",
    ),
    ("indicators facts", "of"): (("indicators", "facts", "itm"), "item"),
    ("ping", "system"): (("ping", "investmnt"), "investment"),
    ("exchange", "system"): (("exchange", "investmnt"), "investment"),
    ("run", "flows"): (("run", "pull.investment.projct"), "pull.investment.project"),
    ("replay", "flow"): (("replay", "--flow", "pull.investment.projct"), "pull.investment.project"),
    ("replay", "cause"): (
        ("replay", "--cause", "record.code_unknow /xmlx"),
        "record.code_unknown /xmlx",
    ),
    ("replay", "ids"): (("replay", "--id", "987654"), "987654"),
    ("discard", "flow"): (("discard", "--flow", "pull.x.y", *REASON), "pull.x.y"),
    ("discard", "cause"): (("discard", "--cause", "x", *REASON), "x"),
    ("discard", "ids"): (("discard", "--id", "987654", *REASON), "987654"),
    ("rehearse", "flow"): (("rehearse", "pull.investment.projct"), "pull.investment.project"),
    ("remap", "flows"): (("remap", "pull.investment.projct"), "pull.investment.project"),
    ("remap", "entity"): (("remap", "--entity", "projekt"), "project"),
    ("runs", "flow"): (("runs", "--flow", "pull.investment.projct"), "pull.investment.project"),
    ("accounts revoke", "name"): (("accounts", "revoke", "nobdy"), "nobdy"),
    ("verify", "only"): (("verify", "--only", "goldn"), "goldn"),
    ("runs", "state"): (("runs", "--state", "faild"), "failed"),
    ("failures", "flow"): (
        ("failures", "--flow", "pull.investment.projct"),
        "pull.investment.project",
    ),
    ("failures", "cause"): (("failures", "--cause", "record.code_unknow"), "record.code_unknown"),
    ("failures", "entry_id"): (("failures", "--id", "987654"), "987654"),
    ("waiting", "flow"): (
        ("waiting", "--flow", "pull.investment.projct"),
        "pull.investment.project",
    ),
    ("findings", "flow"): (
        ("findings", "--flow", "pull.investment.projct"),
        "pull.investment.project",
    ),
    ("balance", "since_run"): (("balance", "--since-run", "987654"), "987654"),
    ("reconcile", "flows"): (("reconcile", "pull.investment.projct"), "pull.investment.project"),
    ("differences", "flow"): (("differences", "--flow", "push.x"), "push.x"),
    ("differences", "kind"): (("differences", "--class", "lost_pus"), "lost_push"),
    ("settle", "ids"): (("settle", "--id", "987654", "--leave", *REASON), "987654"),
    ("links", "flow"): (("links", "--flow", "pull.investment.projct"), "pull.investment.project"),
    ("links", "key"): (("links", "no-such-key"), "no-such-key"),
    ("link", "key"): (("link", "no-such-key", "--reject", *REASON), "no-such-key"),
    ("link", "flow"): (("link", "k", "--reject", "--flow", "pull.x.y", *REASON), "pull.x.y"),
    ("link", "to"): (("link", "k", "--to", "2099-000000-00-00-000000", *REASON), "k"),
    ("unlink", "key"): (("unlink", "no-such-key", *REASON), "no-such-key"),
    ("unlink", "flow"): (("unlink", "k", "--flow", "pull.x.y", *REASON), "pull.x.y"),
    ("show", "code"): (("show", "2099-000000-00-00-000000"), "2099-000000-00-00-000000"),
    ("trace", "record"): (("trace", "project:none"), "project:none"),
    ("trace", "field"): (("trace", "1", "nmae"), "nmae"),
    ("deliveries", "flow"): (("deliveries", "--flow", "push.x.y"), "push.x.y"),
    ("deliveries", "record"): (("deliveries", "--record", "987654"), "987654"),
    ("settle_delivery", "flow"): (
        ("settle-delivery", "--flow", "push.x.y", "--all", "--send", *REASON),
        "push.x.y",
    ),
    ("settle_delivery", "records"): (
        ("settle-delivery", "--flow", "push.water.project", "--id", "987654", "--send", *REASON),
        "987654",
    ),
    ("settle_surplus", "ids"): (
        ("settle-surplus", "--id", "987654", "--withdraw", *REASON),
        "987654",
    ),
    ("files", "project"): (
        ("files", "--project", "2099-000000-00-00-000000"),
        "2099-000000-00-00-000000",
    ),
    ("clocks", "codes"): (("clocks", "2099-000000-00-00-000000", "--as", "nobody"), "nobody"),
    ("clocks", "account"): (("clocks", "2099-000000-00-00-000000", "--as", "nobody"), "nobody"),
    ("comparisons", "code"): (
        ("comparisons", "2099-000000-00-00-000000"),
        "2099-000000-00-00-000000",
    ),
    ("comparisons", "account"): (
        ("comparisons", "2099-000000-00-00-000000", "--as", "nobody"),
        "nobody",
    ),
    ("prov", "record"): (("prov", "project:none"), "project:none"),
    ("prov", "field"): (("prov", "1", "nmae"), "nmae"),
    ("openlineage", "run_id"): (("openlineage", "987654"), "987654"),
    ("access", "account"): (("access", "--account", "nobdy"), "nobdy"),
    ("access", "project"): (
        ("access", "--project", "2099-000000-00-00-000000"),
        "2099-000000-00-00-000000",
    ),
    ("access", "record"): (("access", "--record", "987654"), "987654"),
    ("held", "batch"): (("held", "--id", "987654"), "987654"),
    ("held", "flow"): (("held", "--flow", "pull.investment.projct"), "pull.investment.project"),
    ("accept", "batches"): (("accept", "--id", "987654", *REASON), "987654"),
    ("accept", "flow"): (("accept", "--flow", "pull.x.y", *REASON), "pull.x.y"),
    ("drop", "batches"): (("drop", "--id", "987654", *REASON), "987654"),
    ("drop", "flow"): (("drop", "--flow", "pull.x.y", *REASON), "pull.x.y"),
    ("shape", "flow"): (("shape", "pull.investment.projct"), "pull.investment.project"),
    ("erase", "record"): (("erase", "project:none", *REASON), "project:none"),
    ("erase", "landing"): (("erase", "--landing", "987654", *REASON), "987654"),
    ("decide", "record"): (
        ("decide", "project:none", "name", "--value", "x", *REASON),
        "project:none",
    ),
    ("decide", "field"): (("decide", "1", "nmae", "--value", "x", *REASON), "nmae"),
    ("undecide", "record"): (("undecide", "project:none", "name", *REASON), "project:none"),
    ("undecide", "field"): (("undecide", "1", "nmae", *REASON), "nmae"),
    ("accounts renew", "name"): (("accounts", "renew", "nobdy"), "nobdy"),
    ("accounts password", "name"): (("accounts", "password", "nobdy"), "nobdy"),
    ("accounts expect", "name"): (("accounts", "expect", "nobdy"), "nobdy"),
    ("accounts end", "name"): (("accounts", "end", "nobdy"), "nobdy"),
    ("grants list", "name"): (("grants", "list", "nobdy"), "nobdy"),
    ("grants end", "number"): (("grants", "end", "987654"), "987654"),
    ("applications list", "state"): (("applications", "list", "--state", "opne"), "open"),
    ("recall show", "number"): (("recall", "show", "987654"), "987654"),
    ("disputes show", "number"): (("disputes", "show", "987654"), "987654"),
    ("scenarios", "project"): (
        ("scenarios", "--project", "2099-000000-00-00-000000"),
        "2099-000000-00-00-000000",
    ),
    ("scenario", "scenario"): (("scenario", "land_then_strat"), "land_then_start"),
    ("scenario", "state"): (("scenario", "land_then_start", "--state", "overdu"), "overdue"),
}
"""For each parameter that names something: a command that mistypes it, and what the error
must say.
"""

ELSEWHERE = {
    # parsed by the same functions as above, or refused with the words of their own stage
    *(("accounts add", name) for name in ("name", "role", "region")),
    *(
        ("lights " + verb, name)
        for verb in ("list", "regions", "units")
        for name in ("scope", "account")
    ),
    *(("lights " + verb, "region") for verb in ("list", "units")),
    *(("lights list", name) for name in ("light", "stage", "flow_kind", "after")),
    # tests/api/test_cases.py
    *(
        (f"cases {verb}", name)
        for verb in ("show", "answer", "accept", "return", "extend", "raise")
        for name in ("number", "text")
        if (verb, name) != ("show", "text")
    ),
    *(("cases open", name) for name in ("clock", "hit", "department", "step", "text", "days")),
    # as of `hub indicators`, and numbers: tests/api/test_hits.py
    *(
        (f"hits {verb}", name)
        for verb in ("show", "tell", "explain", "dispute", "confirm", "accept", "revoke")
        for name in ("number", "text")
        if (verb, name) != ("show", "text")
    ),
    *(("hits list", name) for name in ("indicator", "county", "unit", "state")),
    *(("hits counts", name) for name in ("indicator", "county", "by")),
    *(("hits dispute", "field"), ("hits explain", "reason")),
    *(("accounts regions", name) for name in ("name", "region")),
    *(("grants add", name) for name in ("name", "entities", "classes", "region")),
    *((f"applications {verb}", "number") for verb in ("grant", "extend", "refuse")),
    *(("applications grant", name) for name in ("entity", "classes", "region")),
    *(
        (f"recall {verb}", name)
        for verb in ("find", "open")
        for name in ("record", "field", "landing")
    ),
    *(("recall acknowledge", name) for name in ("number", "names")),
    *(("disputes open", name) for name in ("record", "field")),
    ("disputes answer", "number"),
    ("trace", "as_of"),
    *(("scenario", name) for name in ("county", "after")),  # leading digits, and where to go on
    ("init", "folder"),  # makes what it names: tests/platform/test_wheel.py
    # what a unit hands in and fetches is its own: tests/supply, tests/api/test_supply.py
    *((f"supply {verb}", "flow") for verb in ("enter", "show", "template", "upload", "withdraw")),
    *(("supply enter", "cells"), ("supply upload", "file"), ("supply withdraw", "key")),
    *(("news acknowledge", "flow"), ("news acknowledge", "keys"), ("news export", "flow")),
    # without a key to sign by nothing is proved, whatever is named
    *(("proof", name) for name in ("record", "field", "reach")),
}


def parameters(these: typer.Typer = app, before: str = "") -> Iterator[tuple[str, str]]:
    """Every parameter of every command, but for switches."""
    for command in these.registered_commands:
        assert command.callback is not None
        name = f"{before}{command.name or command.callback.__name__}"
        for one in inspect.signature(command.callback, eval_str=True).parameters.values():
            if "bool" not in str(one.annotation):
                yield name, one.name
    for group in these.registered_groups:
        assert group.typer_instance is not None
        yield from parameters(
            group.typer_instance, f"{before}{group.name or group.typer_instance.info.name} "
        )


def test_every_parameter_of_every_command_is_tried_with_a_wrong_name_or_names_nothing():
    left = {one for one in parameters() if one[1] not in FREE} - WRONG.keys() - ELSEWHERE
    assert left == set()
    assert (WRONG.keys() | ELSEWHERE) - set(parameters()) == set()


def test_a_mistyped_name_is_an_error_with_the_nearest_names_and_never_an_empty_table(
    command: Command,
):
    met = {}
    for asked, (arguments, said) in WRONG.items():
        status, out, err = command(*arguments)
        if status == 0 or (out.strip() and status != 2) or said not in err:
            met[asked] = status, out[:200], err[:200]
    assert not met, "\n".join(map(str, met.items()))


def test_a_name_that_an_option_has_wrong_is_not_understood(command: Command):
    for arguments in (
        ("runs", "--flow", "pull.x.y"),
        ("runs", "--state", "x"),
        ("remap", "--entity", "x"),
        ("access", "--account", "x"),
    ):
        assert command(*arguments)[0] == 2


def test_a_date_that_is_none_is_not_understood(command: Command):
    assert command("runs", "--since", "2026-13-01")[0] == 2
    assert command("balance", "--since", "yesterday")[0] == 2

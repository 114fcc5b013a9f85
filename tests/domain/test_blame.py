"""An answer that does not fit may be our own mistake: the error names file, line and option on our
side too.
"""

import pytest

from hub.domain import blame
from hub.errors import FlowError
from hub.texts import say
from tests.domain import sample

PULL, SYSTEM = "mappings/plan/project.pull.yaml", "mappings/plan/system.yaml"
FLOW = sample.contracts().pulls["pull.plan.project"]
FILES = sample.files()


def said(error):
    error.facts.update(blame.hint(error, FLOW, FILES))
    return say(error.code, error.facts), say(error.code, error.facts, "en")


def test_the_option_that_the_error_quotes_is_named_with_file_and_line():
    error = FlowError("system.answer_unreadable", system="plan", detail="projects: not a list")
    assert all(f"{PULL}:2 (read.resource)" in one for one in said(error))


def test_what_is_surely_our_own_mistake_names_its_place_and_not_the_partner():
    zh, en = said(FlowError("system.contract", system="plan", option="projects"))
    assert f"见 {PULL}:2 (read.resource)。" in zh
    assert "its interface has changed" not in en


def test_an_address_that_was_refused_names_the_options_that_make_it():
    zh, en = said(FlowError("system.http_status", system="plan", status=404))
    assert f"{PULL}:2 (read.resource)" in zh
    assert "HUB_CONN_PLAN" in zh
    assert "也可能是我方写法与对方不符" in zh
    assert "Either its interface has changed, or what stands in our files does not fit it" in en


def test_where_nothing_is_quoted_both_files_are_named():
    zh, _ = said(FlowError("system.protocol", system="plan"))
    assert f"{PULL}:2 (read)" in zh
    assert f"{SYSTEM}:4 (connect)" in zh
    assert "HUB_CONN_PLAN" in zh


@pytest.mark.parametrize("code", ["system.unavailable", "system.credentials", "system.timeout"])
def test_what_only_the_partner_can_cause_names_none_of_our_files(code):
    assert blame.hint(FlowError(code, system="plan"), FLOW, FILES) == {}


def test_a_file_that_is_not_there_any_more_is_named_without_a_line():
    assert (
        f"{PULL} (read)"
        in blame.hint(FlowError("system.protocol", system="plan"), FLOW, {})["hint_en"]
    )

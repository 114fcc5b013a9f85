"""`files:` of a mapping and `file_sources:` of its system: what is wrong is told at its line."""

from dataclasses import replace

import pytest

from hub.domain.load import ContractsInvalidError, load
from tests.domain import sample

CONNECTORS = {
    "web": replace(sample.CONNECTORS["web"], fetch=sample.RESOURCE),
    "plain": sample.CONNECTORS["web"],
}
SOURCE = "file_sources: {paper: {via: web, resource: 'f/{value}'}, inside: {via: record}}\n"
SOUND = "files:\n  number: {source: paper, types: [pdf], max: 20MB}\n"


def loaded(rule: str = SOUND, source: str = SOURCE, pull: str = sample.PERMIT_PULL):
    changes = {
        "mappings/work/system.yaml": sample.SYSTEM + source,
        "mappings/work/permit.pull.yaml": pull + rule,
    }
    return load(sample.files(**changes), CONNECTORS, year=sample.YEAR)


def test_a_rule_says_where_a_file_comes_from_and_what_may_be_held():
    flow = loaded().fetches["fetch.work.permit"]
    rule = flow.files["number"]
    assert (rule.types, rule.most, rule.keep, rule.hash_field) == (("pdf",), 20_000_000, True, None)
    assert (rule.source.via, rule.source.options) == ("web", {"resource": "f/{value}"})
    inside = SOUND.replace("paper", "inside, from: content")
    assert loaded(inside).fetches["fetch.work.permit"].files["number"].path == "content"


def test_where_files_are_fetched_decides_no_value():
    plain = load(sample.files(), sample.CONNECTORS, year=sample.YEAR).pulls["pull.work.permit"]
    assert loaded().pulls["pull.work.permit"].contract == plain.contract


@pytest.mark.parametrize(
    ("rule", "source", "code"),
    [
        (SOUND.replace("paper", "papr"), SOURCE, "contract.file_source_unknown"),
        (SOUND.replace("number:", "numbr:"), SOURCE, "contract.field_unknown"),
        (SOUND.replace("max:", "keep: false, max:"), SOURCE, "contract.file_unproven"),
        (
            SOUND.replace("max:", "hash: {field: nothing, digest: sha256}, max:"),
            SOURCE,
            "contract.field_unknown",
        ),
        (SOUND.replace("paper", "paper, from: x"), SOURCE, "contract.file_from"),
        (SOUND.replace("paper", "inside"), SOURCE, "contract.file_from"),
        (
            SOUND.replace(
                "paper",
                "inside, from: x, keep: false, hash: {field: number, digest: sha256}",
            ),
            SOURCE,
            "contract.file_inside",
        ),
        (SOUND, SOURCE.replace("via: web", "via: plain"), "contract.file_way"),
        (SOUND, SOURCE.replace("via: web", "via: ftp"), "contract.file_way"),
        (SOUND, SOURCE.replace("via: record", "via: record, x: 1"), "contract.file_option"),
        (SOUND, SOURCE.replace("resource:", "folder:"), ""),
        (SOUND.replace("20MB", "lots"), SOURCE, ""),
        (SOUND.replace("[pdf]", "[exe]"), SOURCE, ""),
        (SOUND.replace("[pdf]", "[]"), SOURCE, ""),
    ],
)
def test_what_is_wrong_is_told(rule: str, source: str, code: str):
    with pytest.raises(ContractsInvalidError) as caught:
        loaded(rule, source)
    found = [one.code for one in caught.value.problems]
    assert found
    if code:
        assert code in found


def test_a_field_that_is_no_text_names_no_file():
    pull = sample.PROJECT_PULL
    changes = {
        "mappings/plan/system.yaml": sample.SYSTEM + SOURCE,
        "mappings/plan/project.pull.yaml": pull + SOUND.replace("number", "floors"),
    }
    with pytest.raises(ContractsInvalidError) as caught:
        load(sample.files(**changes), CONNECTORS, year=sample.YEAR)
    assert [one.code for one in caught.value.problems] == ["contract.file_field"]


SENT = "files:\n  number: {name: fn, hash: fh}\n"


def pushed(rule: str = SENT, *, carries: str = "resource", fetched: str = SOUND):
    web = replace(CONNECTORS["web"], carries=carries)
    changes = {
        "mappings/work/system.yaml": sample.SYSTEM + SOURCE,
        "mappings/work/permit.pull.yaml": sample.PERMIT_PULL + fetched,
        "mappings/work/permit.push.yaml": sample.PERMIT_PUSH + rule,
    }
    files = sample.files(**changes)
    return load(files, CONNECTORS | {"web": web}, year=sample.YEAR)


def test_a_push_says_which_file_goes_with_it_and_that_decides_its_deliveries():
    flow = pushed().pushes["push.work.permit"]
    assert [(one.field, one.name, one.digest) for one in flow.files] == [("number", "fn", "fh")]
    plain = load(sample.files(), sample.CONNECTORS, year=sample.YEAR).pushes["push.work.permit"]
    assert flow.contract != plain.contract


@pytest.mark.parametrize(
    ("rule", "carries", "fetched", "code"),
    [
        (SENT, "", SOUND, "contract.files_unable"),
        (SENT, "index", SOUND, "contract.files_option"),
        (SENT, "resource", "", "contract.file_unfetched"),
        (SENT.replace("number", "numbr"), "resource", SOUND, "contract.field_unknown"),
        (SENT.replace("hash: fh", "hash: fn"), "resource", SOUND, "contract.file_mapped"),
        (SENT.replace("name: fn, ", ""), "resource", SOUND, ""),
    ],
)
def test_a_file_that_cannot_go_with_a_push_is_told(
    rule: str, carries: str, fetched: str, code: str
):
    with pytest.raises(ContractsInvalidError) as caught:
        pushed(rule, carries=carries, fetched=fetched)
    found = [one.code for one in caught.value.problems]
    assert found
    if code:
        assert code in found

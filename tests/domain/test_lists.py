"""Lists inside a record: taken apart, found unread, and what a mapping may say of them."""

import orjson
import pytest

from hub.domain.load import ContractsInvalidError
from hub.domain.payload import decode
from hub.domain.reference_validator import Reference
from tests.domain import sample

PULL = """\
entity: permit
read: {resource: bids}
each: {at: sections.bidders, as: bidder}
key: [id, bidder.no]
fields:
  number: {from: bidder.no, use: [trim, brackets]}
  project_code: {from: code}
secret: {none: this made-up office holds none}
"""


def flow(text=PULL, **beside):
    others = {f"mappings/work/{name}.pull.yaml": said for name, said in beside.items()}
    return sample.contracts(**{"mappings/work/permit.pull.yaml": text} | others).pulls[
        "pull.work.permit"
    ]


def mapped(says=PULL, **record):
    made = flow(says)
    return made.mapper.map(decode(orjson.dumps({"id": 1} | record), form=made.form))


def parts(found):
    return [
        (part.pointer, part.mapped.key, [fault.code for fault in part.mapped.faults])
        for part in found.parts or ()
    ]


def problems(text):
    with pytest.raises(ContractsInvalidError) as caught:
        flow(text)
    return [problem.code for problem in caught.value.problems]


def unread(says=PULL, **record):
    return [
        (one.pointer, one.facts["parts"], one.facts["read"])
        for one in mapped(says, **record).warnings
    ]


def test_a_list_in_a_list_gives_every_element_of_each():
    said = mapped(
        sections=[{"bidders": [{"no": "a"}, {"no": "b"}]}, {"bidders": [{"no": "c"}]}, {}]
    )
    assert parts(said) == [
        ("/sections/0/bidders/0", "1|a", []),
        ("/sections/0/bidders/1", "1|b", []),
        ("/sections/1/bidders/0", "1|c", []),
    ]
    assert [part.mapped.values["number"] for part in said.parts] == ["a", "b", "c"]


def test_the_reference_judges_every_element(monkeypatch):
    monkeypatch.setattr(Reference, "wrong", lambda _self, values: {"number"} & values.keys())
    made = flow()
    record = decode(
        orjson.dumps({"id": 1, "sections": [{"bidders": [{"no": "a"}, {"no": "b"}]}]}),
        form=made.form,
    )
    said = made.mapper.audited(record, made.mapper.map(record))
    assert [[(one.pointer, one.code) for one in part.mapped.faults] for part in said.parts] == [
        [("/sections/0/bidders/0/no", "record.validators_differ")],
        [("/sections/0/bidders/1/no", "record.validators_differ")],
    ]


def test_a_fault_points_to_its_element():
    said = mapped(sections=[{"bidders": [{"no": "a"}, {"name": "?"}]}])
    (fault,) = said.parts[1].mapped.faults
    assert (fault.pointer, fault.code) == ("/sections/0/bidders/1/no", "record.key_missing")
    assert said.parts[1].mapped.key == "#1/sections/0/bidders/1"


@pytest.mark.parametrize(
    "sections", [None, [], "", "  ", [{}], [{"bidders": None}], [{"bidders": []}]]
)
def test_a_record_without_elements_is_empty_or_a_fault_as_its_mapping_says(sections):
    assert (mapped(sections=sections).parts, mapped(sections=sections).faults) == ((), ())
    (fault,) = mapped(
        PULL.replace("as: bidder", "as: bidder, empty: fault"), sections=sections
    ).faults
    assert (fault.pointer, fault.code) == ("/sections/bidders", "record.list_empty")


@pytest.mark.parametrize(
    "sections", ["text", 5, [1], [{"bidders": "x"}], [{"bidders": {"no": "a"}}]]
)
def test_what_is_no_list_is_a_fault_of_the_record(sections):
    said = mapped(sections=sections)
    assert (said.parts, [fault.code for fault in said.faults]) == (None, ["record.no_list"])


def test_an_element_that_is_no_object_is_read_by_its_name_alone():
    text = PULL.replace("sections.bidders", "numbers").replace("bidder.no", "bidder")
    assert [part.mapped.values["number"] for part in mapped(text, numbers=["a", "b"]).parts] == [
        "a",
        "b",
    ]


XML = PULL.replace("entity: permit\n", "entity: permit\nformat: xml\n")


@pytest.mark.parametrize(
    ("at", "payload", "keys"),
    [
        ("bidder", "<r><id>1</id><bidder><no>a</no></bidder></r>", ["1|a"]),
        (
            "bidder",
            "<r><id>1</id><bidder><no>a</no></bidder><bidder><no>b</no></bidder></r>",
            ["1|a", "1|b"],
        ),
        ("bidders.bidder", "<r><id>1</id><bidders/></r>", []),
        (
            "bidders.bidder",
            "<r><id>1</id><bidders><bidder><no>a</no></bidder></bidders></r>",
            ["1|a"],
        ),
        (
            "ss.s.bs.b",
            "<r><id>1</id><ss><s><bs><b><no>a</no></b></bs></s><s><bs><b><no>b</no></b><b><no>c</no></b></bs></s></ss></r>",
            ["1|a", "1|b", "1|c"],
        ),
    ],
)
def test_in_xml_one_element_alone_is_a_list_of_one(at, payload, keys):
    made = flow(XML.replace("sections.bidders", at))
    said = made.mapper.map(decode(payload.encode(), form=made.form))
    assert [part.mapped.key for part in said.parts] == keys
    assert said.warnings == ()


def test_json_in_text_is_taken_apart_in_csv_too():
    made = flow(
        PULL.replace(
            "entity: permit\n", "entity: permit\nformat: csv\nembedded_json: [list]\n"
        ).replace("sections.bidders", "list")
    )
    said = made.mapper.map(
        decode(b'id,list\n1,"[{""no"": ""a""}, {""no"": ""b""}]"\n', form=made.form)
    )
    assert [part.mapped.key for part in said.parts] == ["1|a", "1|b"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("[id, bidder.no]", "[id]", "contract.each_key"),
        ("[id, bidder.no]", "[bidder.no]", "contract.each_whole_key"),
        ("[id, bidder.no]", "[[id, code], bidder.no]", "contract.key_choice"),
        ("sections.bidders", "a.b.c", "contract.each_levels"),
        ("key:", "version: bidder.at\nkey:", "contract.each_whole"),
        ("key:", 'deleted_when: {bidder.gone: "1"}\nkey:', "contract.each_whole"),
        ("key:", 'skip_when: {few: {bidder.gone: "1"}}\nkey:', "contract.each_whole"),
        ("as: bidder", "as: bidder, empty: maybe", "contract.value"),
        ("as: bidder", "as: bidder, most: 0", "contract.value"),
        ("sections.bidders", "'sections[0].bidders'", "contract.value"),
    ],
)
def test_what_a_mapping_may_not_say_of_a_list_is_refused(old, new, code):
    assert code in problems(PULL.replace(old, new))


def test_a_place_of_the_key_may_have_a_choice_in_the_part():
    text = PULL.replace("[id, bidder.no]", "[id, [bidder.no, bidder.name]]")
    said = mapped(text, sections=[{"bidders": [{"no": "a", "name": "甲"}, {"name": "乙"}]}])
    assert [part.mapped.key for part in said.parts] == ["1|a", "1|乙"]


def test_a_check_warns_of_a_path_that_picks_one_element():
    warned = sample.contracts().warnings
    assert [(one.code, one.facts) for one in warned] == [
        ("contract.one_of_list", {"path": "more.owners[0].uscc"})
    ]


SINGLE = """\
entity: permit
read: {resource: bids}
key: [no]
fields:
  number: {from: no}
  kind: {from: "kinds[0].code"}
secret: {none: this made-up office holds none}
"""


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"kinds": [{"code": "build"}, {"code": "build"}]}, [("/kinds", "2", "1")]),
        ({"kinds": [{"code": "build"}]}, []),
        ({"others": [1, 2, 3]}, [("/others", "3", "0")]),
        ({"others": [1]}, []),
        ({"deep": {"er": {"list": ["a", "b"]}}}, [("/deep/er/list", "2", "0")]),
        ({"kinds": [{"code": "build", "papers": [1, 2]}]}, [("/kinds/0/papers", "2", "0")]),
        ({"text": '[{"a": 1}, {"a": 2}]'}, [("/text", "2", "0")]),
        ({"text": "[1, 2]"}, []),
        ({"text": "[not json"}, []),
    ],
)
def test_a_list_that_nobody_reads_is_a_finding_when_it_holds_more_than_one(record, found):
    assert unread(SINGLE, no="x", **record) == found


def test_a_list_that_a_path_runs_through_without_a_place_is_unread():
    assert unread(
        SINGLE.replace("kinds[0].code", "kinds.code"), no="x", kinds=[{"code": "a"}, {"code": "b"}]
    ) == [("/kinds", "2", "0")]


def test_a_list_that_is_ignored_on_purpose_or_read_whole_is_no_finding():
    assert unread(SINGLE.replace("key:", "ignore: [others]\nkey:"), no="x", others=[1, 2]) == []
    assert unread(SINGLE.replace('"kinds[0].code"', "kinds"), no="x", kinds=["a", "b"]) == []


def test_a_list_inside_a_part_that_nobody_reads_is_a_finding_of_the_whole():
    said = mapped(sections=[{"bidders": [{"no": "a", "papers": [1, 2]}], "trades": ["x", "y"]}])
    assert [one.pointer for one in said.warnings] == [
        "/sections/0/bidders/0/papers",
        "/sections/0/trades",
    ]


def test_a_list_that_another_mapping_of_the_same_resource_takes_apart_is_read():
    single = SINGLE.replace('"kinds[0].code"', '"sections[0].kind"')
    made = sample.contracts(
        **{"mappings/work/permit.pull.yaml": single, "mappings/work/permit.bidders.pull.yaml": PULL}
    ).pulls["pull.work.permit"]
    record = {"no": "x", "sections": [{"bidders": [{"no": "a"}, {"no": "b"}]}, {"bidders": []}]}
    assert made.mapper.map(record).warnings == ()
    assert made.contract != flow(single).contract


def test_a_volatile_field_of_every_part_can_be_left_out_of_the_hash():
    view = flow(PULL.replace("key:", "ignore: [bidder.seen]\nkey:")).mapper.digest_view
    one, other = (
        {"sections": [{"bidders": [{"no": "a", "seen": n}, {"no": "b", "seen": n}]}]}
        for n in (1, 2)
    )
    assert view(one) == view(other)
    assert view(one) != view({"sections": [{"bidders": [{"no": "a"}]}]})

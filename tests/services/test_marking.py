from hub.services.failures import marked
from hub.services.waiting import reason


def test_each_fault_stands_at_its_line():
    lines = list(
        marked({"a": 1, "b": {"c": [1, {"d": "x"}]}, "e~f/g": None}, ["/b/c/1/d", "/e~0f~1g", "/a"])
    )
    assert [(line.text.strip(), line.faults) for line in lines if line.faults] == [
        ('"a": 1,', (2,)),
        ('"d": "x"', (0,)),
        ('"e~f/g": null', (1,)),
    ]


def test_a_fault_about_something_that_is_missing_stands_where_it_should_have_been():
    lines = list(marked({"a": {"b": 1}, "c": []}, ["/a/name", "/c/0/x", "/z"]))
    assert [(line.text, line.faults) for line in lines if line.faults] == [
        ("    /name —", (0,)),
        ('  "c": []', (1,)),
        ("  /z —", (2,)),
    ]


def test_a_fault_about_the_whole_stands_at_the_first_line():
    lines = list(marked({"a": 1}, [""]))
    assert lines[0].faults == (0,)
    assert [line.text for line in lines] == ["{", '  "a": 1', "}"]


def test_what_is_shown_is_the_payload_itself():
    assert "\n".join(line.text for line in marked({"名": ["x", {}], "n": True}, [])) == (
        '{\n  "名": [\n    "x",\n    {}\n  ],\n  "n": true\n}'
    )


def test_why_a_record_waits_follows_from_what_it_wants():
    assert reason(["project.project_code=2405"]).facts == {"project_code": "2405"}
    assert reason(["?approval_document.number=X"]).code == "waiting.link_ambiguous"
    assert reason(["approval_document.number=X"]).code == reason([]).code == "waiting.no_link"

"""Every file of the page of partners is sound as it stands there."""

import json
import re

import pytest

from hub.config import connector_schemas, contract_files, mapping_file
from hub.domain.isolation import take_up
from hub.texts import say
from tests.docs.pages import HOME

PAGE = (HOME / "docs/partners.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```yaml\n# (mappings/\S+)\n(.*?)```", PAGE, re.DOTALL))
CODES = "mappings/*/codes/status.yaml"
SYSTEMS = sorted({path.split("/")[1] for path in FILES if path.endswith("/system.yaml")})


def test_the_page_has_a_partner_of_every_kind():
    assert len(SYSTEMS) >= 7
    assert PAGE.count("```yaml") == len(FILES)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_partner_of_the_page_is_sound_as_it_stands_there(system: str):
    found, own = joined(system)
    assert [(one.file, one.line, say(one.code, one.facts, "en")) for one in found.problems] == []
    flows = {*found.pulls, *found.pushes}
    made = {mapping_file(name) for name in flows if name.split(".")[1] == system}
    assert made == {path for path in own if not path.endswith("/system.yaml")}


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("ruoyi/approval_document.push.yaml", "key: ywlsh", "key: zh", "contract.key_mapped"),
        (
            "ruoyi/approval_document.push.yaml",
            "records: null",
            "records: null\n  update: {method: PUT, resource: 'permit/{id}'}",
            "contract.address_unknown",
        ),
        (
            "gbkcsv/utility_connection.pull.yaml",
            "\nencoding: gb18030",
            "",
            "contract.encodings_differ",
        ),
    ],
)
def test_what_would_go_wrong_in_silence_is_refused(file: str, old: str, new: str, code: str):
    path = f"mappings/{file}"
    assert old in FILES[path]
    found, _ = joined(file.split("/", maxsplit=1)[0], **{path: FILES[path].replace(old, new)})
    assert [(one.file, one.code) for one in found.problems] == [(path, code)]


def joined(system: str, **changed: str):
    """The product's own contracts with a partner of the page; the partner's own files."""
    files = contract_files(HOME)
    schema = json.loads(str(files["schemas/utility_connection.json"]))
    schema["x-authority"] = [*schema["x-authority"], system]
    codes = FILES[CODES].replace("*", system)
    own = {
        path: text for path, text in FILES.items() if path.startswith(f"mappings/{system}/")
    } | changed
    files |= {**own, f"mappings/{system}/codes/status.yaml": codes}
    files["schemas/utility_connection.json"] = json.dumps(schema, ensure_ascii=False)
    return take_up(files, connector_schemas(), year=2026), own

"""Every catalogue says everything that the code asks for, with the same places; and none is read
that is out of date.
"""

import ast
import importlib.util
import io
import re
import shutil
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from hub.texts import LANGUAGES, both, say, tell, text
from hub.texts.catalogue import LOCALE, compile_all, compiled

HOME = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("texts_tool", HOME / "tools/texts.py")
assert SPEC is not None
assert SPEC.loader is not None
tool: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


@pytest.fixture(scope="module")
def needed() -> Catalog:
    return tool.needed()


def keys(catalogue: Catalog) -> set[tuple[str, str]]:
    return {(one.context or "", str(one.id)) for one in catalogue if one.id}


def places(said: str) -> set[str]:
    names = {name for _, name, _, _ in Formatter().parse(said) if name}
    return {re.sub(r"_(?:zh|en)$", "", name) for name in names}


def test_chinese_comes_first_and_english_is_there():
    assert LANGUAGES[:2] == ("zh", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_catalogue_has_what_the_code_says_and_nothing_else(lang: str, needed: Catalog):
    """`tools/run python tools/texts.py` brings ids in and out; the words are for people to
    write.
    """
    wanted = keys(needed)
    if lang == "zh":  # a text whose id is its Chinese says itself
        wanted = {one for one in wanted if one[0] or not tool.CHINESE.search(one[1])}
    have = keys(tool.catalogue(lang))
    assert sorted(wanted - have) == []
    assert sorted(have - wanted) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_catalogue_is_complete_and_sure(lang: str):
    catalogue = tool.catalogue(lang)
    assert [one.id for one in catalogue if one.id and not one.string] == []
    assert [one.id for one in catalogue if one.id and one.fuzzy] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_fills_the_same_places(lang: str):
    first = tool.catalogue("zh")
    for one in tool.catalogue(lang):
        held = first.get(one.id, one.context)
        chinese = str(held.string) if held else str(one.id)
        assert places(str(one.string)) == places(chinese), one.id


def test_only_english_is_without_chinese():
    marked = {str(one.id) for one in tool.catalogue("en") if tool.CHINESE.search(str(one.string))}
    assert {one for one in marked if "无" not in text(one, "en") + text(one, "en", "cure")} == set()
    for one in tool.catalogue("zh"):
        plain = not tool.CHINESE.search(str(one.string)) and one.string != "{cure}"
        assert not plain or not one.id or one.context == "language", one.id


def found(source: str) -> set[tuple[str, ...]]:
    """What extraction finds in a module of the console."""
    where = {"codes": {"record.missing", "shape.gone"}, "folder": "hub"}
    file = io.BytesIO(source.encode())
    file.name = str(HOME / "hub/console/invented.py")
    return {
        one[2] if isinstance(one[2], tuple) else (one[2],)
        for one in tool.ids_of(file, (), (), where)
    }


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("t('中')", {("中",)}),
        ("shown.t('产生时间|since', x=1)", {("since", "产生时间")}),
        ("tell('tag|language', lang)", {("language", "tag")}),
        ("COLUMNS = ('记录', '字段')", {("记录",), ("字段",)}),
        ("NAMES = {'a': '中'}", {("中",)}),
        ("page('/x', title='中')", {("中",)}),
        ("t('，').join(x)", {("，",)}),
        ("FlowError('record.missing', field=x)", {("record.missing",)}),
        ("f'shape.{how}'", {("shape.gone",)}),
        ("def f():\n    'Says 中.'", set()),
        ("Field(examples=['某某大道'])", set()),
        ("Markup('{}：{}')", set()),
    ],
)
def test_every_text_of_a_program_is_found(source: str, ids: set[tuple[str, ...]]):
    assert found(source) == ids


def test_no_text_is_put_together_around_its_places():
    """Of an f-string no catalogue can say anything: what is said in Chinese names its places."""
    pieced = [
        f"{path.relative_to(HOME)}:{node.lineno}"
        for path in sorted((HOME / "hub").rglob("*.py"))
        if not tool.DATA.match(path.relative_to(HOME).as_posix())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        and any(tool.HAN.search(str(getattr(one, "value", ""))) for one in node.values)
    ]
    assert pieced == []


def test_a_compiled_catalogue_of_an_earlier_text_is_not_used(tmp_path: Path):
    po = tmp_path / "hub.po"
    po.write_text('msgid ""\nmsgstr ""\n\nmsgid "a"\nmsgstr "one"\n', encoding="utf-8")
    first = compiled(po)
    assert po.with_suffix(".mo").read_bytes() == first == compiled(po)
    po.write_text(po.read_text(encoding="utf-8").replace("one", "two"), encoding="utf-8")
    second = compiled(po)
    assert b"two" in second
    assert b"one" not in second
    assert po.with_suffix(".mo").read_bytes() == second


def test_every_language_is_compiled_where_nobody_may_write_later():
    compile_all()
    for lang in LANGUAGES:
        po = LOCALE / lang / "LC_MESSAGES/hub.po"
        assert po.with_suffix(".mo").read_bytes() == compiled(po)
    assert "catalogue.compile_all()" in (HOME / "deploy/Dockerfile").read_text(encoding="utf-8")


def test_a_catalogue_is_read_where_nothing_may_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copy(LOCALE / "en/LC_MESSAGES/hub.po", tmp_path)

    def refused(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("hub.texts.catalogue.NamedTemporaryFile", refused)
    assert b"The required field {field} is missing." in compiled(tmp_path / "hub.po")
    assert not (tmp_path / "hub.mo").exists()


def test_a_text_of_a_former_version_shows_its_code_and_its_facts():
    assert say("record.of_old", {"field": "name"}) == "record.of_old（field=name）"


def test_a_sense_stands_behind_a_bar():
    assert both("known|unseen")[0].startswith("对方只能按编号查询")
    assert tell("{least} 与 {least}", "zh", least=3) == "3 与 3"


def test_nothing_is_said_of_nothing():
    """gettext keeps what a catalogue says of itself under the empty id."""
    assert [text("", lang) for lang in LANGUAGES] == [""] * len(LANGUAGES)

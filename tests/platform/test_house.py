"""What `tools/house.py` counts, it finds."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.pages import HOME

SPEC = importlib.util.spec_from_file_location("house", HOME / "tools/house.py")
assert SPEC
assert SPEC.loader
house = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(house)

FILES = {
    "db/rows.py": "class Row:\n    id: int\n    name: str\n    at: str\n",
    "api/answers.py": '"""Not a token."""\nclass Answer:  # nor this\n    id: int\n    name: str\n    at: str\n',
    "api/good.py": "from hub.services import rows\nclass Small:\n    id: int\n    name: str\n",
    "cli/bad.py": "from hub import db\n",
    "console/bad.py": "import hub.db.rows\n",
    "db/one.sql": "select 1 -- no token\n",
    "db/schema.sql": "select 2, 3",
}


def test_faces_that_go_past_the_services_and_shapes_that_stand_twice_are_found(tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    parsed = house.modules(tmp_path)
    assert [*house.past_services(parsed)] == ["cli/bad.py", "console/bad.py"]
    assert [*house.mirrored(parsed)] == ["api/answers.py: Answer = db/rows.py: Row"]
    python = {
        "db/rows.py": 12,
        "api/answers.py": 12,
        "api/good.py": 15,
        "cli/bad.py": 4,
        "console/bad.py": 6,
    }
    assert house.tokens(tmp_path) == sum(python.values()) + len(["select", "1"])


def test_the_version_stands_in_one_place_and_heads_the_changelog():
    said = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    changes = (HOME / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## (.*)$", changes, re.MULTILINE)
    assert releases[0].split(",")[0] == said
    assert all(re.match(r"\d+\.\d+\.\d+", one) for one in releases)
    asked = subprocess.run(
        [sys.executable, "-m", "hub", "--version"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == f"onecode-hub {said}"


def test_names_that_stand_twice_and_long_lines_are_found(tmp_path: Path):
    for name, text in {
        "hub/one.py": "class Same:\n    pass\n\n\nclass Hub:\n    pass\n",
        "connectors/two.py": "class Same:\n    class Inner:\n        pass\n",
        "sandbox/three.py": "class Same:\n    pass\n",
        "tools/four.py": f"# {'x' * 98}\n# {'中' * 98}\n# {'y' * 99}\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert [*house.same_names(tmp_path)] == ["Same: hub/one.py, connectors/two.py"]
    assert [*house.long_lines(tmp_path)] == ["tools/four.py:3: 101"]
    assert house.non_blank(tmp_path / "hub") == 4

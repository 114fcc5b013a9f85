"""`hub verify` as its users run it: a program of its own on a folder of contracts; what it says, in
its own words.
"""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.processes import ran

INSTALLED = {
    "given-0.dist-info/METADATA": "Metadata-Version: 2.1\nName: given\nVersion: 0\n",
    "given-0.dist-info/entry_points.txt": "[hub.connectors]\ngiven = given:Given\n",
    "given.py": '''"""The connector of the hostile world: verifying reads nothing from partners."""


class Given:
    SYSTEM, READ, WRITE = {}, {}, {}
''',
}


class Verifier:
    """Asks `hub verify` about a database."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._homes: dict[str, Path] = {}

    def _home(self, name: str, files: Mapping[str, str]) -> Path:
        """A folder with these contract files; written once for each name."""
        if name not in self._homes:
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="hostile-")))
            for path, text in (files | INSTALLED).items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
            self._homes[name] = folder
        return self._homes[name]

    def ask(self, url: str, name: str, files: Mapping[str, str]) -> list[str]:
        """The lines that it prints where it finds anything; none where all is as it must be.

        files: the contracts; of one name always the same.
        """
        home = self._home(name, files)
        environ = {
            "HUB_DATABASE_URL": url,
            "HUB_HASH_KEY": "test",
            "HUB_HOME": str(home),
            "HUB_LANG": "en",
        }
        done = ran("tests.hostile.command", home, "verify", environ=environ)
        return (
            [] if done.returncode == 0 else [*done.stdout.splitlines(), *done.stderr.splitlines()]
        )

    def close(self) -> None:
        """The folders go."""
        self._open.close()

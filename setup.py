"""What a wheel holds besides the code: the files of a fresh deployment, which `hub init` writes,
and compiled texts.

Everything else about the package stands in pyproject.toml.
"""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).parent))
from hub.texts.catalogue import compiled

FRESH = ("schemas", "mappings", "dags")
"""Folders that `hub init` lays out again: FOLDERS of hub/config/fresh.py, which cannot be imported
at this moment.
"""


class WithFiles(build_py):
    """Copies them to where `hub/config/fresh.py` looks; an editable install reads them where they
    are.
    """

    def run(self) -> None:
        """As setuptools does, and then these."""
        super().run()
        if self.editable_mode:
            return
        for name in FRESH:
            place = Path(self.build_lib, "hub", "fresh", name)
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(name, place, ignore=shutil.ignore_patterns("__pycache__"))
        for texts in Path(self.build_lib).glob("hub/locale/*/LC_MESSAGES/hub.po"):
            compiled(texts)


setup(cmdclass={"build_py": WithFiles})

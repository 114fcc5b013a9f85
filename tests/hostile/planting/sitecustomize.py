"""Plants one fault in each interpreter that starts with this folder on its path: in memory, no file
is touched.

Python imports this module by its name as it starts, so processes that tests start have the fault
too. PLANTED says which: {"module", "right", "wrong"}.
"""

import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

FAULT: dict[str, str] = json.loads(os.environ["PLANTED"])


class Planted(SourceFileLoader):
    """Loads the module with the wrong text; what was compiled of the right one is not looked at,
    nor overwritten.
    """

    def get_code(self, fullname: str) -> CodeType:
        """The module's code, once the fault is in it."""
        right = self.get_data(self.path).decode("utf-8")
        if right.count(FAULT["right"]) != 1:
            raise ImportError(FAULT["right"])
        return self.source_to_code(
            right.replace(FAULT["right"], FAULT["wrong"]).encode(), self.path
        )


class Finder:
    """Finds the one module that has the fault."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks for it."""
        spec = PathFinder.find_spec(name, path, target) if name == FAULT["module"] else None
        if spec is not None and spec.origin is not None:
            spec.loader = Planted(name, spec.origin)
        return spec


sys.meta_path.insert(0, Finder())  # type: ignore[arg-type] # it has what the import system asks for

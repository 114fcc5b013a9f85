"""Programs that tools/bootstrap.sh unpacks below .tools for tests, where the machine has none:
found and run.

Root runs them as daemon: few servers want to be root's, and nobody counts as locked where systemd
names it.
"""

import os
import pwd
import shutil
from pathlib import Path
from typing import Any

TOOLS = Path(__file__).parents[2] / ".tools"


def unpacked(name: str) -> Path:
    """Where a program and its libraries lie if the machine had none."""
    return TOOLS / name


def program(name: str) -> str:
    """The path of a server's program."""
    found = shutil.which(name, path=os.pathsep.join([f"{unpacked(name)}/usr/sbin", "/usr/sbin"]))
    assert found, f"{name} is missing: run tools/bootstrap.sh requirements-dev.lock"
    return found


def owner() -> pwd.struct_passwd:
    """Whose process it will be: ours, or daemon's."""
    return pwd.getpwnam("daemon") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def hand_over(folder: Path) -> None:
    """Give a folder and all in it to whose process it will be."""
    if os.getuid() == 0:
        user = owner()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)


def lowered(name: str) -> dict[str, Any]:
    """What subprocess is told so that the program finds its libraries and is no more than it has to
    be.
    """
    found = sorted({str(path.parent) for path in unpacked(name).rglob("lib*.so.*")})
    libraries = os.pathsep.join([*found, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])
    told: dict[str, Any] = {"env": {**os.environ, "LD_LIBRARY_PATH": libraries}}
    if os.getuid() == 0:
        user = owner()
        told |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return told

"""Run uv with the certificate, mirror and folders that pip is set to: python tools/like_pip.py UV
pip install ...

pip reads pip.conf and PIP_*; uv reads neither. Run by the Python whose pip says what is set. What
is set for uv itself (UV_*, SSL_CERT_FILE) comes first.
"""

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.request import url2pathname

TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
ADDED = ("UV_INDEX", "UV_INDEX_STRATEGY", "UV_FIND_LINKS")
"""What only adds places to look in: where one of them cannot be used, the others are asked without
it.
"""


def settings_of(listed: str) -> dict[str, str]:
    """What `pip config list` says, by option. Of several places the environment counts most, then
    `pip install`'s.
    """
    ranked: list[tuple[int, str, str]] = []
    for line in listed.splitlines():
        name, sign, value = line.partition("=")
        place, _, option = name.strip().rpartition(".")
        if not sign or place not in {"global", "install", ":env:"}:
            continue
        try:
            read = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            read = value
        ranked.append((("global", "install", ":env:").index(place), option.replace("_", "-"), read))
    return {option: value for _, option, value in sorted(ranked, key=lambda one: one[0])}


def for_uv(pip: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables by which uv does what pip is set to; those that stand in `environ` are left to
    it.
    """
    found = {
        "SSL_CERT_FILE": pip.get("cert")
        or environ.get("REQUESTS_CA_BUNDLE")
        or environ.get("CURL_CA_BUNDLE")
        or "",
        "SSL_CLIENT_CERT": pip.get("client-cert", ""),
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(filter(_there, pip.get("extra-index-url", "").split())),
        "UV_FIND_LINKS": ",".join(filter(_there, pip.get("find-links", "").split())),
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": pip.get("timeout") or pip.get("default-timeout") or "",
        "UV_HTTP_RETRIES": pip.get("retries", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
        "HTTP_PROXY": pip.get("proxy", ""),
    }
    if found["UV_INDEX"]:  # as pip does; every file has its hash in the lock
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    older = {
        "UV_DEFAULT_INDEX": "UV_INDEX_URL",
        "UV_INDEX": "UV_EXTRA_INDEX_URL",
        "SSL_CERT_FILE": "SSL_CERT_DIR",
    }
    older |= {"HTTPS_PROXY": "https_proxy", "HTTP_PROXY": "http_proxy"}
    return {
        name: value
        for name, value in found.items()
        if value and not environ.get(name) and not environ.get(older.get(name, name))
    }


def flags(pip: Mapping[str, str]) -> list[str]:
    """What uv takes as a flag only."""
    return ["--no-index"] if pip.get("no-index", "").lower() in TRUE else []


def _there(place: str) -> bool:
    """pip passes over a folder that is not there, where uv stops."""
    if place.startswith("file:"):
        return Path(url2pathname(place.removeprefix("file:").removeprefix("//"))).exists()
    return "://" in place or Path(place).exists()


def main() -> int:
    asked = [sys.executable, "-m", "pip", "config", "list", "--disable-pip-version-check"]
    # our own
    pip = settings_of(subprocess.run(asked, check=False, capture_output=True, text=True).stdout)  # noqa: S603
    command, given = [*sys.argv[1:], *flags(pip)], for_uv(pip, os.environ)
    for more in (given, {name: value for name, value in given.items() if name not in ADDED}):
        # uv
        status = subprocess.run(command, check=False, env={**os.environ, **more}).returncode  # noqa: S603
        if status == 0 or more.keys().isdisjoint(ADDED):
            break
        sys.stderr.write(
            "再试一次，不用 pip 的附加来源 · once more, without pip's additional places\n"
        )
    return status


if __name__ == "__main__":
    sys.exit(main())

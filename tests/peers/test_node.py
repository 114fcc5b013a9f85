"""The peers of Node are those that are pinned, and start and stop."""

import json

import pytest
import requests

from tests.peers import node

ROWS = [{"id": str(number), "name": f"项目{number}"} for number in range(1, 26)]


@pytest.mark.parametrize(
    ("version", "pages", "beyond"),
    [(0, {"_page": 3, "_limit": 10}, 0), (1, {"_page": 9, "_per_page": 10}, 5)],
    ids=["json-server 0.17", "json-server 1.0 beta"],
)
def test_a_json_server_serves_its_tables_and_pages_as_its_version_does(version, pages, beyond):
    with node.json_server({"projects": ROWS}, version=version) as address:
        third = requests.get(f"{address}/projects", params={**pages, "_page": 3}, timeout=10).json()
        past = requests.get(f"{address}/projects", params={**pages, "_page": 9}, timeout=10).json()
    assert [row["id"] for row in (third["data"] if version else third)] == [
        "21",
        "22",
        "23",
        "24",
        "25",
    ]
    assert len(past["data"] if version else past) == beyond  # 1.0 gives its last page again
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=10)


def test_the_lock_file_names_no_address_and_has_a_digest_for_each_package():
    locked = json.loads((node.PROGRAMS / "package-lock.json").read_text(encoding="utf-8"))
    assert "://" not in json.dumps(locked)
    assert [
        name for name, one in locked["packages"].items() if name and "integrity" not in one
    ] == []

"""What the API says in Chinese (`title` and `detail` of problems, `zh` and `*_zh` of views) has no
Latin word but codes and identifiers.
"""

from collections.abc import Iterator

from hub.model import Json
from tests.api.conftest import Client, Opened
from tests.cli.test_chinese import found
from tests.filled import CODE, PERMIT

ROUTES = (
    *("/v1/runs", "/v1/failures", "/v1/failures/1", "/v1/waiting", "/v1/balance", "/v1/catalog"),
    *(f"/v1/projects/{CODE}", "/v1/projects?q=三给村", f"/v1/records/project/{CODE}/lineage"),
    *("/v1/projects/2099-000000-00-00-000000", "/v1/nothing", "/v1/runs?state=odd", "/v1/alerts"),
    *(
        "/v1/failures/999",
        "/v1/runs?flow=pull.nowhere",
        f"/v1/materials/{PERMIT}",
        "/v1/runs?x=%ff",
    ),
)


def chinese(answer: Json, name: str = "") -> Iterator[str]:
    """The texts in Chinese of an answer."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            yield from chinese(value, key)
    elif isinstance(answer, list):
        for one in answer:
            yield from chinese(one, name)
    elif isinstance(answer, str) and (name in {"title", "zh"} or name.endswith("_zh")):
        yield answer


def test_what_the_api_says_in_chinese_is_chinese(client: Client, opened: Opened):
    token = opened("admin", "administrator")
    texts = {text for route in ROUTES for text in chinese(client.get(route, token).json())} | {
        *chinese(client.get("/v1/runs").json())
    }
    assert len(texts) > 20
    assert {text: words for text in sorted(texts) if (words := found(text, ""))} == {}

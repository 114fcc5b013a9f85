import pytest

from tests.acceptance.site import WRONG_AT_FIRST, running_site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running hub whose first load met three broken records; investment is pulled, two are pushed
    to.
    """
    with running_site(tmp_path_factory.mktemp("site")) as running:
        for code, wrong in WRONG_AT_FIRST.items():
            running.partner(
                "investment", "edit", {"resource": "projects", "key": code, "set": wrong}
            )
        running.known("upkeep", "replay", "backfill")
        running.unpause("pull_investment", "push_fire", "push_approval")
        running.finished("pull_investment")
        yield running

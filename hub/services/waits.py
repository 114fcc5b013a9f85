"""Why a record waits, in words."""

from collections.abc import Sequence

from hub.errors import Fault

PROJECT = "project.project_code="


def reason(wants: Sequence[str]) -> Fault:
    """The text's code and facts for the tokens that a record waits for; "?" marks one that names several projects."""
    several = [token for token in wants if token.startswith("?")]
    if several:
        return Fault("", "waiting.link_ambiguous", {"value": several[0].partition("=")[2]})
    project = next((token for token in wants if token.startswith(PROJECT)), None)
    if project is not None:
        return Fault("", "waiting.project_unknown", {"project_code": project.removeprefix(PROJECT)})
    numbers = [token for token in wants if not token.startswith(("link.", "*"))]
    return Fault("", "waiting.no_link", {"wants": ", ".join(numbers)} if numbers else {})

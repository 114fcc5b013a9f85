"""Types of settings, and how each is parsed from text."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from hub.errors import FlowError

CHECKOUT = Path(__file__).resolve().parent.parent.parent
HOME = CHECKOUT if (CHECKOUT / "schemas").is_dir() else Path.cwd()
"""Default of HUB_HOME: the checkout, or the working folder where a wheel is installed."""
LONGEST_KEY = 64  # bytes that BLAKE2b takes as a key
HALF_A_YEAR = 184
"""Days; the law requires network logs to be kept for six months at least."""


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


def _parted(text: object) -> object:
    return text.replace(",", " ").split() if isinstance(text, str) else text


def _folders(text: object) -> object:
    return [place for place in text.split(":") if place.strip()] if isinstance(text, str) else text


def _roles(text: object) -> object:
    if not isinstance(text, str):
        return text
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    return [(group.strip(), role.strip()) for group, _, role in pairs]


def _utf8(text: object) -> object:
    return text.encode() if isinstance(text, str) else text


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _lawful(days: int) -> int:
    if days < HALF_A_YEAR:
        raise FlowError(
            "settings.kept_too_short", name="HUB_AIRFLOW_KEEP_DAYS", value=days, least=HALF_A_YEAR
        )
    return days


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _whole(address: str) -> str:
    return address.rstrip("/")


Address = Annotated[str, AfterValidator(_whole)]
"""A URL without a slash at its end."""
DatabaseUrl = Annotated[str, AfterValidator(_plain)]
"""A libpq connection URI."""
Secret = Annotated[bytes, BeforeValidator(_utf8)]
Key = Annotated[Secret, AfterValidator(lambda key: key[:LONGEST_KEY])]
Words = Annotated[
    tuple[str, ...], BeforeValidator(lambda text: text.split() if isinstance(text, str) else text)
]
"""Separated by blanks."""
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(_parted)]
"""IP addresses and networks, separated by commas or blanks."""
Folders = Annotated[tuple[Path, ...], BeforeValidator(_folders)]
"""Separated by colons."""
Roles = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_roles)]
"""Pairs of group and role, such as `hub-audit=auditor`, separated by commas."""
Header = Annotated[Literal["x-forwarded-for", "forwarded"], BeforeValidator(_lower)]
"""The header in which proxies forward the client's address."""
AirflowDays = Annotated[int, AfterValidator(_lawful)]
"""How long Airflow's task logs and its own rows are kept."""

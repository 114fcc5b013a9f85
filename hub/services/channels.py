"""Alert channels (HUB_ALERT_URLS) without their secrets."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.settings import Settings
from hub.texts import Words, both

TITLES = {
    "mailto": "邮件|channel",
    "mailtos": "邮件|channel",
    "json": "网络回调|channel",
    "jsons": "网络回调|channel",
    "wecombot": "企业微信机器人|channel",
    "dingtalk": "钉钉机器人|channel",
}
WITH_HOST = {"mailto", "mailtos", "json", "jsons"}
"""Schemes whose host part is a host; in others it is a robot's key."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One alert address: its kind and host."""

    title: Words
    masked: str


def channels(settings: Settings) -> list[Channel]:
    """The configured addresses: kind and host; never user, password, path or key."""
    return [_channel(url) for url in settings.alert_urls]


def _channel(url: str) -> Channel:
    scheme, _, _ = url.partition(":")
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return Channel(
        both(TITLES[scheme]) if scheme in TITLES else (scheme, scheme),
        f"{scheme}://{host if scheme in WITH_HOST else '***'}/***",
    )

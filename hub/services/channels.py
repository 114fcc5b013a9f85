"""The channels that alerts go through, as they may be shown."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.settings import Settings

TITLES = {
    "mailto": ("邮件", "Mail"),
    "mailtos": ("邮件", "Mail"),
    "json": ("网络回调", "Webhook"),
    "jsons": ("网络回调", "Webhook"),
    "wecombot": ("企业微信机器人", "WeCom robot"),
    "dingtalk": ("钉钉机器人", "DingTalk robot"),
}
WITH_HOST = {"mailto", "mailtos", "json", "jsons"}
"""Where the host of the address is a host, and not the key to a robot."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One address, without what would let others use it."""

    title: tuple[str, str]
    masked: str


def channels(settings: Settings) -> list[Channel]:
    """The addresses of HUB_ALERT_URLS: how, and to which host; never user, password, path or
    key.
    """
    return [_channel(url) for url in settings.alert_urls]


def _channel(url: str) -> Channel:
    scheme, _, _ = url.partition(":")
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return Channel(
        TITLES.get(scheme, (scheme, scheme)),
        f"{scheme}://{host if scheme in WITH_HOST else '***'}/***",
    )

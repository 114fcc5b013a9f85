"""Chinese notations of dates -> plain digits and colons, without blanks between them."""

import re

_WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
_HALF = str.maketrans(_WIDE)
_SIGNS = str.maketrans(_WIDE | dict.fromkeys("‐‑–—−", "-") | {"時": "时", "點": "点", "號": "号"})
_DIGITS = str.maketrans({chr(0xFF10 + digit): str(digit) for digit in range(10)})
_VALUES = {
    sign: at
    for signs in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖")
    for at, sign in enumerate(signs)
}
_VALUES |= {"○": 0, "O": 0, "o": 0, "两": 2}
_TENS = {"十": 10, "拾": 10, "廿": 20, "卅": 30}
_SIGN = "".join([*_VALUES, *_TENS])
# 星期一 and 周日 are names of days.
_RUN = re.compile(f"[{_SIGN}]++")
_BEFORE_UNIT = re.compile(r"(?<!\s)\s++(?=[年月日号时点分秒])")
_BEHIND_UNIT = re.compile(r"(?<=[年月日号时点分秒])\s++")
_NAMED, _UNITS, _CLOCK = frozenset("期周拜"), frozenset("年月日号时点分秒刻"), frozenset("时点分")
_QUARTERS = {"整": "", "半": "30分", "一刻": "15分", "三刻": "45分"}
_QUARTER = re.compile(r"(?<=[时点])(整|半|一刻|三刻)")


def plain(text: str) -> str:
    """Full-width signs as half-width ones, 二〇二四年十二月 as 2024年12月, 三点半 as 3点30分."""
    text = _BEHIND_UNIT.sub("", _BEFORE_UNIT.sub("", text.translate(_SIGNS))).strip()
    text = _QUARTER.sub(lambda found: _QUARTERS[found[1]], text)
    return _RUN.sub(_in_digits, text)


def _in_digits(found: re.Match[str]) -> str:
    """A run of numerals before a unit, or at the end behind one of the clock; all else as it is."""
    text, run = found.string, found[0]
    before = text[found.start() - 1 : found.start()]
    behind = text[found.end() : found.end() + 1]
    if behind in _UNITS:
        named = 1 if before in _NAMED else 0  # 星期一 is the name of a day
        return run[:named] + (_number(run[named:]) if run[named:] else "")
    return _number(run) if not behind and before in _CLOCK else run


def halfwidth(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones."""
    return text if text.isascii() else text.translate(_HALF)


def halfwidth_digits(text: str) -> str:
    """Full-width digits as half-width ones, all else as it is."""
    return text if text.isascii() else text.translate(_DIGITS)


def _number(run: str) -> str:
    """Digits one by one (二〇二四), or up to ninety-nine with tens (二十五, 廿一); as it is where it is
    neither.
    """
    tens = [at for at, sign in enumerate(run) if sign in _TENS]
    if not tens:
        return "".join(str(_VALUES[sign]) for sign in run)
    before, ten, after = run[: tens[0]], run[tens[0]], run[tens[0] + 1 :]
    # ten
    if len(tens) > 1 or len(before) > 1 or len(after) > 1 or (before and _TENS[ten] != 10):  # noqa: PLR2004
        return run
    return str((_VALUES[before] if before else 1) * _TENS[ten] + (_VALUES[after] if after else 0))

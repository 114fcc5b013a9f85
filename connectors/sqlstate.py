"""What a database error means: by error number, SQLSTATE, or text where both say nothing.

Numbers of MySQL and MariaDB (server and client), result codes of SQLite, SQLSTATE of ISO 9075,
PostgreSQL and ODBC.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hub.errors import FlowError, HubError, TransientError

Meaning: TypeAlias = Literal[
    "values", "protocol", "credentials", "driver", "busy", "timeout", "refused", "unavailable"
]
"""values: the database refuses a record's values; only that record is rejected."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error: SQLSTATE, the number of database or driver, and its text.

    source: the database that numbers belong to, "" if unknown. The text may quote a record's
    values: it goes no further than that record's verdict.
    """

    state: str = ""
    number: int | None = None
    words: str = ""
    source: str = ""


def _by(groups: Mapping[Meaning, Iterable[int]]) -> dict[int, Meaning]:
    return {number: meaning for meaning, numbers in groups.items() for number in numbers}


_MYSQL = _by(
    {
        "values": (
            *(
                1022,
                1048,
                1062,
                1169,
                1216,
                1217,
                1451,
                1452,
                1557,
                1586,
                1859,
            ),  # null, twice, foreign
            *(
                1153,
                1264,
                1265,
                1292,
                1300,
                1366,
                1367,
                1406,
                1411,
                1441,
                1526,
                1690,
                1916,
                1918,
                3140,
                3156,
                3988,
            ),
            *(1644, 3819, 4025),  # a trigger's own words; CHECK
        ),
        "credentials": (
            *(
                1044,
                1045,
                1130,
                1131,
                1132,
                1133,
                1142,
                1143,
                1227,
                1251,
                1370,
                1396,
                1410,
                1524,
                1698,
                1820,
                1862,
            ),
            *(2049, 2054, 2059, 2061, 3118, 3159, 3878, 3879, 3955, 4151),
        ),
        "busy": (
            1021,
            1037,
            1038,
            1040,
            1041,
            1114,
            1135,
            1203,
            1205,
            1206,
            1213,
            1226,
            1290,
            1836,
            3101,
            3572,
        ),
        "timeout": (1317, 1907, 1969, 3024, 3168),
        "unavailable": (
            *(
                1030,
                1053,
                1077,
                1079,
                1080,
                1129,
                1152,
                1156,
                1157,
                1158,
                1159,
                1160,
                1161,
                1184,
                1194,
                1195,
                1927,
            ),
            *(2002, 2003, 2004, 2005, 2006, 2012, 2013, 2014, 2026, 2027, 2055, 4031),
        ),
    }
)
_SQLITE = _by(
    {
        "values": (18, 19, 20),  # too big, constraint, mismatch
        "credentials": (3, 8, 23),  # no permission, read only, not authorised
        "busy": (
            5,
            6,
            7,
            13,
            15,
            17,
        ),  # busy, locked, no memory, full, locking protocol, schema changed
        "timeout": (4, 9),
        "unavailable": (10,),
    }
)
_SQLITE_PRIMARY = 0xFF
"""Mask of the primary result code in an extended one."""

# The longest that fits decides.
_BY_STATE: Mapping[str, Meaning] = {
    "08": "unavailable",
    "22": "values",
    "23": "values",
    "28": "credentials",
    "40": "busy",
    "42501": "credentials",
    "44": "values",  # WITH CHECK OPTION
    "45": "values",  # a trigger's own words in MySQL
    "53": "busy",
    "54000": "values",
    "55P03": "busy",
    "57014": "timeout",
    "57P": "unavailable",
    "58": "unavailable",
    "P0001": "values",  # and in PostgreSQL
    "XX": "unavailable",
    "25P": "unavailable",
    "HYT0": "timeout",
    "IM00": "driver",
}

# Some drivers have a general state for these; only the text shows what happened.
_BY_WORDS: tuple[tuple[str, Meaning], ...] = (
    (
        r"authentication failed|login failed|access denied|no password supplied|认证失败",
        "credentials",
    ),
    (
        r"no pg_hba\.conf entry|role \"[^\"]*\" (does not exist|is not permitted)|没有用于",
        "credentials",
    ),
    (r"(database|角色|role|数据库) \"[^\"]*\" (does not exist|不存在)", "protocol"),
    (r"can't open lib", "driver"),
    (
        r"no such (table|column)|unknown database|is not a database|malformed|unable to open",
        "protocol",
    ),
    (r"connection refused|拒绝连接", "refused"),
    (r"too many (connections|clients)|is locked", "busy"),
    (r"timeout expired|timed out|timeout", "timeout"),
    (r"closed the connection|terminating connection|connection .*lost|gone away", "unavailable"),
)
_AWAY = {2002, 2003}
_REFUSED = re.compile(r"refused|拒绝连接")
_UNTOLD = {"", "01000", "HY000", "08001", "08006", "08S01", "42000"}
"""SQLSTATEs that only say that something failed."""

_ODBC_NUMBER = re.compile(r"\(([0-9]+)\) \(SQL[A-Za-z]+\)$")


def number_of(words: str) -> int | None:
    """The database's own number, in parentheses at the end of an ODBC text."""
    found = _ODBC_NUMBER.search(words)
    return int(found[1]) if found else None


def meant(failure: Failure) -> Meaning:
    """The meaning of an error; protocol where nothing tells."""
    return next(_meanings(failure), "protocol")


def _meanings(failure: Failure) -> Iterator[Meaning]:
    """Meanings by number, SQLSTATE and text, in this order: a text may quote a record."""
    number = failure.number
    if number is not None and failure.source in {"mysql", "mariadb"} and number in _MYSQL:
        refused = number in _AWAY and _REFUSED.search(failure.words)
        yield "refused" if refused else _MYSQL[number]
    if number is not None and failure.source == "sqlite" and number & _SQLITE_PRIMARY in _SQLITE:
        yield _SQLITE[number & _SQLITE_PRIMARY]
    # A number that is not listed is one of a name or of grammar; drivers have one state for all of
    # those.
    if number is not None and failure.source:
        return
    if failure.state not in _UNTOLD:
        for length in range(len(failure.state), 1, -1):
            if failure.state[:length] in _BY_STATE:
                yield _BY_STATE[failure.state[:length]]
        return
    for pattern, meaning in _BY_WORDS:
        if re.search(pattern, failure.words, re.IGNORECASE):
            yield meaning
    if failure.state[:2] in _BY_STATE:
        yield _BY_STATE[failure.state[:2]]


def translated(failure: Failure, *, system: str) -> HubError:
    """The HubError for an error, without the driver's text."""
    status = failure.state or str(failure.number or "")
    if failure.number is not None and failure.source:
        status = f"{failure.source} {failure.number}"
    match meant(failure):
        case "credentials":
            return FlowError("system.credentials", system=system, status=status)
        case "driver":
            return FlowError("system.driver_missing", system=system, driver=status, installed="—")
        case "busy" | "timeout" | "unavailable" as code:
            return TransientError(f"system.{code}", system=system, status=status)
        case "refused":
            return TransientError("system.refused_connection", system=system, status=status)
        case "values" | "protocol":
            return FlowError("system.protocol", system=system, status=status)

"""PostgreSQL errors -> HubErrors by SQLSTATE: disk, memory, connections, sign-in.

The only table of its kind. PostgreSQL's messages are dropped: they quote rows.
"""

from collections.abc import Mapping

from hub.errors import FlowError, HubError, TransientError

NOT_MIGRATED = "database.not_migrated"

#: The whole SQLSTATE, else its class of two characters -> its code in the catalogue.
CODES: Mapping[str, str] = {
    "08": "database.unavailable",
    "22": "database.refused",
    "23": "database.refused",
    "25006": "database.read_only",
    "25P03": "database.time_limit",  # idle in a transaction
    "25P04": "database.time_limit",  # the whole transaction
    "28": "database.login",
    "3D000": "database.missing",
    "3F000": NOT_MIGRATED,
    "40": "database.conflict",
    "40P01": "database.locked",
    "42501": "database.forbidden",
    "42703": NOT_MIGRATED,
    "42P01": NOT_MIGRATED,
    "53": "database.resources",
    "53100": "database.disk_full",
    "53200": "database.memory",
    "53300": "database.connections",
    "55": "database.locked",
    "57": "database.restarting",
    "57014": "database.time_limit",
    "57P04": "database.missing",
    "57P05": "database.time_limit",
    "58": "database.damaged",
    "XX001": "database.damaged",
    "XX002": "database.damaged",
}

#: Codes that time heals: whoever meets them tries again. All others want a person.
HEALED_BY_TIME = frozenset(
    {
        "database.busy",
        "database.conflict",
        "database.connections",
        "database.disk_full",
        "database.down",
        "database.lock_held",
        "database.locked",
        "database.memory",
        "database.read_only",
        "database.resources",
        "database.restarting",
        "database.silent",
        "database.time_limit",
        "database.unavailable",
        "database.unreachable",
    }
)

#: libpq keeps the SQLSTATE of a refused connection to itself and hands on the words alone, in the
#: language of the server (English or simplified Chinese, as PostgreSQL's own catalogues translate
#: them) or of the system's resolver.
SAID: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "database.connections",
        (
            "too many clients",
            "slots are reserved",
            "too many connections for",
            "no more connections allowed",  # PgBouncer
            "客户端连接过多",
            "剩余连接槽位",
            "的连接过多",
        ),
    ),
    ("database.disk_full", ("no space left on device", "设备上没有空间")),
    ("database.memory", ("out of memory", "内存不足", "内存用尽")),
    (
        "database.restarting",
        (
            "is starting up",
            "is shutting down",
            "recovery mode",
            "not yet accepting connections",
            "not accepting connections",
            "server_login_retry",  # PgBouncer, whose server is away
            "terminating connection due to administrator command",
            "正在启动",
            "正在关闭",
            "在恢复模式",
            "尚未接受连接",
        ),
    ),
    (
        "database.login",
        (
            "authentication failed",
            "no password supplied",
            "no pg_hba.conf entry",
            "not permitted to log in",
            "no such user",  # PgBouncer
            "认证失败",
            "pg_hba.conf 条目",
            "进行登录",
            'role "',
            '角色 "',
        ),
    ),
    ("database.missing", ('database "', "no such database", '数据库 "')),
    ("database.silent", ("timeout expired", "timed out", "timeout", "超时")),
    (
        "database.down",
        ("connection refused", "no such file or directory", "拒绝连接", "连接被拒绝"),
    ),
    (
        "database.unreachable",
        (
            "name resolution",
            "name or service not known",
            "could not translate host name",
            "failed to resolve",
            "no route to host",
            "network is unreachable",
            "no address associated",
            "主机名",
            "网络不可达",
            "没有到主机的路由",
        ),
    ),
)
#: So much of what a server says is looked at.
LOOKED_AT = 2000


def code_of(sqlstate: str) -> str:
    """The error code for an SQLSTATE."""
    return CODES.get(sqlstate) or CODES.get(sqlstate[:2]) or "database.refused"


def code_of_words(said: str) -> str:
    """The error code for a message of a refused or broken connection, which has no SQLSTATE."""
    low = said[:LOOKED_AT].lower()
    return next(
        (code for code, words in SAID if any(word in low for word in words)), "database.unavailable"
    )


def error_of(code: str, **facts: str) -> HubError:
    """The error to raise: TransientError for what heals with time, else FlowError."""
    return (
        TransientError(code, after=None, **facts)
        if code in HEALED_BY_TIME
        else FlowError(code, **facts)
    )

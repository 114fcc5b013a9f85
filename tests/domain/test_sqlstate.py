import pytest

from hub.domain import sqlstate
from hub.errors import FlowError, TransientError
from hub.texts.page import codes as known


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "database.disk_full"),
        ("53200", "database.memory"),
        ("53300", "database.connections"),
        ("53400", "database.resources"),
        ("57P01", "database.restarting"),
        ("57P02", "database.restarting"),
        ("57P03", "database.restarting"),
        ("57P04", "database.missing"),
        ("57014", "database.time_limit"),
        ("25P03", "database.time_limit"),
        ("55P03", "database.locked"),
        ("40P01", "database.locked"),
        ("40001", "database.conflict"),
        ("25006", "database.read_only"),
        ("08006", "database.unavailable"),
        ("28P01", "database.login"),
        ("28000", "database.login"),
        ("3D000", "database.missing"),
        ("42501", "database.forbidden"),
        ("42P01", "database.not_migrated"),
        ("XX001", "database.damaged"),
        ("58030", "database.damaged"),
        ("23514", "database.refused"),
        ("XX000", "database.refused"),
    ],
)
def test_every_kind_of_trouble_has_a_code_of_its_own(state: str, code: str):
    assert sqlstate.code_of(state) == code


# Chinese as in PostgreSQL's own catalogue (zh_CN, release 15); the last ones as PgBouncer says
# them.
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("FATAL:  sorry, too many clients already", "database.connections"),
        (
            "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER",
            "database.connections",
        ),
        ('FATAL:  too many connections for role "hub"', "database.connections"),
        ("致命错误:  客户端连接过多", "database.connections"),
        ("致命错误:  剩余连接槽位保留给超级用户的非复制连接", "database.connections"),
        ('致命错误:  数据库 "hub" 的连接过多', "database.connections"),
        ('FATAL:  password authentication failed for user "hub"', "database.login"),
        ('致命错误:  用户 "hub" 的密码认证失败', "database.login"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "hub", database "hub"',
            "database.login",
        ),
        ('FATAL:  role "hub" does not exist', "database.login"),
        ('致命错误:  不允许角色 "hub" 进行登录', "database.login"),
        ('FATAL:  database "hub" does not exist', "database.missing"),
        ('致命错误:  数据库 "hub" 不存在', "database.missing"),
        ("FATAL:  the database system is in recovery mode", "database.restarting"),
        ("致命错误:  数据库系统尚未接受连接", "database.restarting"),
        ("致命错误:  数据库系统正在启动", "database.restarting"),
        ('connection to server at "127.0.0.1", port 1 failed: Connection refused', "database.down"),
        ("connection timeout expired", "database.silent"),
        (
            "failed to resolve host 'nowhere.invalid': [Errno -2] Name or service not known",
            "database.unreachable",
        ),
        ('无法将主机名 "nowhere" 解析为地址', "database.unreachable"),
        ("could not write: No space left on device", "database.disk_full"),
        ("FATAL:  no more connections allowed (max_client_conn)", "database.connections"),
        ("server closed the connection unexpectedly", "database.unavailable"),
        ("", "database.unavailable"),
    ],
)
def test_a_refused_connection_is_told_by_what_the_server_says_in_english_or_chinese(
    said: str, code: str
):
    assert sqlstate.code_of_words(said) == code


def test_every_code_has_its_text_and_says_whether_time_heals_it():
    codes = {
        *sqlstate.CODES.values(),
        *(code for code, _ in sqlstate.SAID),
        *sqlstate.HEALED_BY_TIME,
    }
    assert codes <= {*known()}
    assert isinstance(sqlstate.error_of("database.disk_full"), TransientError)
    assert isinstance(sqlstate.error_of("database.login"), FlowError)

"""Proofs of who we are, as partners ask for them: keys, tokens and signatures, checked as a partner
would.
"""

import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import jsonschema
import pytest

from connectors.ciphers import Sm4
from connectors.options import schema_of
from connectors.rest import RestConnector, RestRead, RestSystem, RestWrite
from hub.errors import FlowError, HubError
from hub.model import Json, Outgoing
from tests.connectors.answering import Asked, Partner, Reply, answering

SECRET = "s3cret-%+&"  # noqa: S105
WHY: Json = "the partner knows no other"
READ: dict[str, Json] = {
    "resource": "list",
    "records": "rows",
    "paging": {"kind": "page", "parameter": "page"},
}
WRITE: dict[str, Json] = {
    "resource": "items",
    "records": None,
    "key": "key",
    "verdict": {"of": "call", "code": "code", "ok": [200]},
}


@pytest.fixture(scope="module")
def serving() -> Iterator[Partner]:
    with answering() as made:
        yield made


@pytest.fixture
def partner(serving: Partner) -> Partner:
    serving.asked.clear()
    serving.answer = lambda _: Reply({"code": 200, "rows": []})
    return serving


def connector(partner: Partner, auth: dict[str, Json], **connect: Json) -> RestConnector:
    options: dict[str, Json] = {"auth": auth, "ping": {"resource": "list", "sid": "s_1"}, **connect}
    return RestConnector(partner.connection(secret=SECRET, sm4="0123456789abcdef"), options)


def asked(
    partner: Partner, auth: dict[str, Json], read: dict[str, Json] | None = None, **connect: Json
) -> Asked:
    """The call by which a list is read."""
    made = connector(partner, auth, **connect)
    list(made.pages({**READ, **(read or {})}, since=None, resume=None))
    made.close()
    return partner.asked[-1]


def sent(partner: Partner, auth: dict[str, Json], body: dict[str, Json], **connect: Json) -> Asked:
    """The call by which a record is handed over."""
    made = connector(partner, auth, **connect)
    assert [one.state for one in made.send(WRITE, [Outgoing("k1", "upsert", body)])] == [
        "confirmed"
    ]
    made.close()
    return partner.asked[-1]


def mac(text: str, digest: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), text.encode(), digest).digest()


def test_a_static_key_goes_in_a_header_or_in_the_query_beside_fixed_headers(
    partner: Partner,
) -> None:
    auth: dict[str, Json] = {
        "kind": "headers",
        "headers": {"X-Api-Key": "{secret}", "X-App": "hub-{user}"},
    }
    call = asked(partner, auth, headers={"tenant-id": "7"})
    assert (call.headers["x-api-key"], call.headers["x-app"], call.headers["tenant-id"]) == (
        SECRET,
        "hub-app",
        "7",
    )
    call = asked(partner, {"kind": "headers", "query": {"apikey": "{secret}"}})
    assert call.query == {"page": "1", "apikey": SECRET}


def test_the_national_gateway_gets_its_four_headers_signed(partner: Partner) -> None:
    auth: dict[str, Json] = {
        "kind": "signature",
        "digest": "hmac-sha256",
        "encoding": "base64",
        "parts": ["sid", "key", "timestamp"],
        "joined": "",
        "timestamp": "milliseconds",
        "headers": {
            "key": "gjzwfwpt_rid",
            "timestamp": "gjzwfwpt_rtime",
            "signature": "gjzwfwpt_sign",
        },
        "constants": {"gjzwfwpt_sid": "{sid}"},
    }
    call = asked(partner, auth, {"resource": "sysapi/query", "sid": "s_9"})
    sid, rid, rtime = (call.headers[f"gjzwfwpt_{name}"] for name in ("sid", "rid", "rtime"))
    assert (sid, rid, len(rtime)) == ("s_9", "app", 13)
    assert call.headers["gjzwfwpt_sign"] == base64.b64encode(mac(sid + rid + rtime)).decode()
    with pytest.raises(FlowError) as caught:
        asked(partner, auth)
    assert caught.value.code == "system.not_configured"
    assert "sid" in caught.value.facts["detail"]


def x_ca(call: Asked) -> str:
    """What the gateway computes of a call."""
    names = call.headers["x-ca-signature-headers"].split(",")
    query = "&".join(
        f"{name}={value}" if value else name for name, value in sorted(call.query.items())
    )
    lines = [
        call.method,
        *(call.headers.get(name, "") for name in ("accept", "content-md5", "content-type", "date")),
        *(f"{name}:{call.headers[name]}" for name in names),
        f"/api/{unquote(call.path)}?{query}" if query else f"/api/{unquote(call.path)}",
    ]
    return base64.b64encode(mac("\n".join(lines))).decode()


def test_calls_through_an_x_ca_gateway_are_signed_with_sorted_headers_and_parameters(
    partner: Partner,
) -> None:
    auth: dict[str, Json] = {
        "kind": "signature",
        "style": "x-ca",
        "constants": {"X-Ca-Stage": "RELEASE"},
    }
    call = asked(
        partner, auth, {"parameters": {"z": "1", "b": "某 &=", "empty": ""}, "resource": "标段"}
    )
    assert call.headers["x-ca-signature-headers"] == "x-ca-key,x-ca-nonce,x-ca-stage,x-ca-timestamp"
    assert call.headers["x-ca-signature"] == x_ca(call)
    call = sent(partner, auth, {"name": "某公司"})
    assert call.headers["content-md5"] == base64.b64encode(hashlib.md5(call.body).digest()).decode()  # noqa: S324
    assert call.headers["x-ca-signature"] == x_ca(call)
    first = partner.asked[0].headers["x-ca-nonce"]
    assert call.headers["x-ca-nonce"] != first


def sorted_md5(parameters: dict[str, str], *, end: str) -> str:
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()) if value)
    return hashlib.md5(f"{text}{end}".encode()).hexdigest().upper()  # noqa: S324


def test_the_md5_of_sorted_parameters_goes_in_upper_case_in_the_query(partner: Partner) -> None:
    auth: dict[str, Json] = {
        "kind": "signature",
        "digest": "md5",
        "case": "upper",
        "parts": ["sorted_parameters", "secret"],
        "joined": "&key=",
        "in": "query",
        "headers": {"key": "appId", "timestamp": "ts"},
        "constants": {"v": "2"},
        "timestamp": "%Y%m%d%H%M%S",
        "why": WHY,
    }
    call = asked(partner, auth, {"parameters": {"b": "某", "a": "x y", "none": ""}})
    sign = call.query.pop("sign")
    assert (call.query["appId"], call.query["v"], len(call.query["ts"])) == ("app", "2", 14)
    assert sign == sorted_md5(call.query, end=f"&key={SECRET}")
    call = sent(partner, auth, {"b": "某", "n": 3, "list": [1, "二"]})
    sign = call.query.pop("sign")
    fields = {**call.query, "b": "某", "n": "3", "list": '[1,"二"]', "key": "k1"}
    assert sign == sorted_md5(fields, end=f"&key={SECRET}")


def test_parameters_are_joined_as_declared_and_a_signature_may_be_a_field_of_the_body(
    partner: Partner,
) -> None:
    auth: dict[str, Json] = {
        "kind": "signature",
        "digest": "sha1",
        "parts": ["secret", "sorted_parameters", "secret"],
        "joined": "",
        "sorted": {"pair": "", "between": "", "blanks": True},
        "in": "body",
        "headers": {"key": "app_key", "signature": "sign"},
    }
    call = sent(partner, auth, {"b": "2", "a": ""})
    said = call.content
    assert isinstance(said, dict)
    text = f"{SECRET}aapp_keyappb2keyk1{SECRET}"
    assert said == {
        "b": "2",
        "a": "",
        "key": "k1",
        "app_key": "app",
        "sign": hashlib.sha1(text.encode()).hexdigest(),  # noqa: S324
    }


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256", "sm3"])
def test_each_digest_signs_with_a_key_or_with_the_secret_and_constants_among_the_parts(
    partner: Partner, digest: str
) -> None:
    auth: dict[str, Json] = {
        "kind": "signature",
        "digest": digest,
        "headers": {"key": "k"},
        "joined": "|",
        "why": WHY,
    }
    call = asked(partner, {**auth, "parts": ["key", "=v2", "path", "query"]})
    assert call.headers["sign"] == mac("app|v2|/api/list|page=1", digest).hex()
    call = asked(partner, {**auth, "digest": f"hmac-{digest}", "parts": ["key", "secret"]})
    assert call.headers["sign"] == mac(f"app|{SECRET}", digest).hex()
    call = asked(partner, {**auth, "parts": ["key", "=appSecret={secret}"]})
    assert (
        call.headers["sign"] == hashlib.new(digest, f"app|appSecret={SECRET}".encode()).hexdigest()
    )


@pytest.mark.parametrize(
    ("auth", "word"),
    [
        ({"kind": "signature", "parts": ["key", "weather"]}, "parts.1"),
        ({"kind": "signature", "digest": "md5", "parts": ["key"]}, "why"),
        ({"kind": "signature", "digest": "hmac-md5", "parts": ["key"], "why": ""}, "why"),
        ({"kind": "signature"}, "parts"),
        ({"kind": "oauth"}, "auth"),
    ],
)
def test_a_recipe_that_names_an_unknown_part_or_a_weak_digest_without_a_reason_is_refused(
    partner: Partner, auth: dict[str, Json], word: str
) -> None:
    with pytest.raises(FlowError) as caught:
        connector(partner, auth)
    assert word in caught.value.facts["detail"]
    schema = schema_of(RestSystem)  # `hub check` says so too
    options: dict[str, Json] = {"auth": auth, "ping": {"resource": "x"}}
    assert list(
        jsonschema.Draft202012Validator(dict(schema)).iter_errors(options)
    ) or schema.refused(options, {})


def test_a_recipe_that_signs_a_sid_is_refused_for_a_resource_without_one_before_anything_runs() -> (
    None
):
    auth: Json = {"kind": "signature", "parts": ["key"], "constants": {"gjzwfwpt_sid": "{sid}"}}
    connect: dict[str, Json] = {"auth": auth, "ping": {"resource": "x", "sid": "s_1"}}
    assert schema_of(RestSystem).refused(connect, {}) == []
    for options, flow in ((RestRead, READ), (RestWrite, WRITE)):
        schema = schema_of(options)
        assert schema.refused({**flow, "sid": "s_2"}, connect) == []
        assert schema.refused(flow, {**connect, "auth": {"kind": "none"}}) == []
        ((place, words),) = schema.refused(flow, connect)
        assert place == ()
        assert words.startswith("签名方案包含 sid，而这个资源没有写 sid / ")
    assert schema_of(RestSystem).refused({**connect, "ping": {"resource": "x"}}, {})


TOKEN: dict[str, Json] = {
    "kind": "token",
    "resource": "login",
    "user": "username",
    "secret": "password",
    "token": "token",
    "denied_in": {"path": "code", "codes": [401]},
}


def ruoyi(partner: Partner, *, lives: int) -> Callable[[Asked], Reply]:
    """Logs in, and tells in HTTP 200 that a login has expired after so many calls."""
    logins: list[int] = []

    def answer(call: Asked) -> Reply:
        if call.path == "login":
            logins.append(0)
            return Reply({"code": 200, "msg": "操作成功", "token": f"token-{len(logins)}"})
        good = (
            call.headers.get("authorization") == f"Bearer token-{len(logins)}"
            and logins[-1] < lives
        )
        if not good:
            return Reply({"code": 401, "msg": "请求访问：/list，认证失败，无法访问系统资源"})
        logins[-1] += 1
        page = int(call.query["pageNum"])
        return Reply({"code": 200, "msg": "查询成功", "total": 5, "rows": [{"id": page}]})

    return answer


def test_a_login_that_expires_in_mid_sweep_within_http_200_is_renewed_without_loss(
    partner: Partner,
) -> None:
    partner.answer = ruoyi(partner, lives=2)
    made = connector(partner, TOKEN, success={"path": "code", "ok": [200], "text": "msg"})
    paging: Json = {"kind": "page", "parameter": "pageNum", "total": "total"}
    pages = list(made.pages({**READ, "paging": paging}, since=None, resume=None))
    assert [raw.payload for page in pages for raw in page.records] == [
        b'{"id": %d}' % n for n in range(1, 6)
    ]
    assert [call.path for call in partner.asked].count("login") == 3
    assert partner.asked[0].content == {"username": "app", "password": SECRET}


def test_a_login_that_is_refused_at_once_again_is_renewed_but_once(partner: Partner) -> None:
    partner.answer = ruoyi(partner, lives=0)
    with pytest.raises(FlowError) as caught:
        asked(partner, TOKEN)
    assert caught.value.code == "system.credentials"
    assert [call.path for call in partner.asked] == ["login", "list", "login", "list"]


def test_the_answer_that_holds_the_token_is_not_measured_by_the_success_of_data(
    partner: Partner,
) -> None:
    def answer(call: Asked) -> Reply:
        return Reply(
            {"access_token": "t1", "expires_in": "7200"}
            if call.path == "login"
            else {"code": 200, "rows": []}
        )

    partner.answer = answer
    auth: dict[str, Json] = {
        **TOKEN,
        "token": "access_token",
        "form": True,
        "fields": {"grant_type": "password"},
    }
    call = asked(partner, auth, success={"path": "code", "ok": [200]})
    assert call.headers["authorization"] == "Bearer t1"
    assert (
        partner.asked[0]
        .body.decode()
        .startswith("grant_type=password&username=app&password=s3cret-")
    )


def test_the_answer_that_holds_the_token_has_a_success_of_its_own_where_declared(
    partner: Partner,
) -> None:
    partner.answer = lambda _: Reply({"errcode": 40001, "errmsg": "bad", "token": "x"})
    success: Json = {"path": "errcode", "ok": [0], "denied": [40001]}
    with pytest.raises(FlowError) as caught:
        asked(partner, {**TOKEN, "success": success})
    assert (caught.value.code, caught.value.facts["status"]) == ("system.credentials", "40001")
    assert len(partner.asked) == 1


def test_a_token_may_be_asked_for_by_get_or_with_basic_and_be_carried_in_the_query(
    partner: Partner,
) -> None:
    partner.answer = lambda _: Reply({"token": "t&1", "rows": []})
    auth: dict[str, Json] = {
        **TOKEN,
        "method": "GET",
        "basic": True,
        "user": "",
        "secret": "",
        "query": "access_token",
    }
    call = asked(partner, auth)
    assert call.query == {"page": "1", "access_token": "t&1"}
    login = partner.asked[0]
    assert (login.method, login.query) == ("GET", {})
    assert (
        base64.b64decode(login.headers["authorization"].removeprefix("Basic ")).decode()
        == f"app:{SECRET}"
    )


def test_basic_authentication_goes_with_every_call(partner: Partner) -> None:
    call = asked(partner, {"kind": "basic"})
    assert (
        base64.b64decode(call.headers["authorization"].removeprefix("Basic ")).decode()
        == f"app:{SECRET}"
    )


def test_content_travels_enciphered_with_sm4_both_ways(partner: Partner) -> None:
    sm4 = Sm4("0123456789abcdef", "", system="eia")

    def answer(call: Asked) -> Reply:
        if call.method == "POST":
            said = call.content
            assert isinstance(said, dict)
            assert sm4.deciphered(str(said["data"])) == '{"key":"k1","name":"某公司"}'.encode()
        return Reply(
            {"code": 200, "data": sm4.enciphered('{"rows":[{"name":"某"}]}'.encode()), "total": 1}
        )

    partner.answer = answer
    connect: dict[str, Json] = {
        "envelope": {"content": "data", "cipher": "sm4-cbc", "key": "{sm4}"},
        "base64": "data",
    }
    sent(partner, {"kind": "none"}, {"name": "某公司"}, **connect)
    made = connector(partner, {"kind": "none"}, **connect)
    paging: Json = {"kind": "page", "parameter": "page", "total": "total"}
    pages = made.pages({**READ, "records": "data.rows", "paging": paging}, since=None, resume=None)
    assert [raw.payload.decode() for page in pages for raw in page.records] == ['{"name":"某"}']


@pytest.mark.parametrize("key", ["short", "{secret}"])
def test_a_key_of_another_length_is_refused_without_being_shown(partner: Partner, key: str) -> None:
    with pytest.raises(FlowError) as caught:
        sent(
            partner,
            {"kind": "none"},
            {},
            envelope={"content": "data", "cipher": "sm4-cbc", "key": key},
        )
    assert caught.value.code == "system.not_configured"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "headers", "query": {"apikey": "{secret}"}},
        {"kind": "headers", "headers": {"X-Api-Key": "{secret}"}},
        {**TOKEN, "query": "access_token"},
    ],
    ids=["query", "header", "token"],
)
def test_no_secret_is_logged_told_or_sent_after_a_redirect(
    partner: Partner, auth: dict[str, Json], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[HubError] = []
    texts: list[str] = []
    with answering() as elsewhere:
        for status in (302, 307, 401, 404, 500):
            away = {"Location": f"http://127.0.0.1:{elsewhere.port}/api/list"}
            partner.answer = lambda call, status=status, away=away: (  # type: ignore[misc]
                Reply({"token": "t0ken"})
                if call.path == "login"
                else Reply({}, status=status, headers=away)
            )
            with pytest.raises(HubError) as caught:
                asked(partner, auth)
            told.append(caught.value)
        partner.answer = lambda call: (
            Reply({"token": "t0ken"})
            if call.path == "login"
            else Reply(
                {"msg": f"bad key {SECRET} {call.query.get('access_token', '')}"}, status=400
            )
        )
        outcomes = list(connector(partner, auth).send(WRITE, [Outgoing("k1", "upsert", {})]))
        texts = [caplog.text, repr(outcomes), *map(repr, told), *map(str, told)]
        assert outcomes[0].state == "rejected"
        assert "bad key ***" in outcomes[0].text
        assert elsewhere.asked == []
    assert not [text for text in texts if SECRET in text or "t0ken" in text]

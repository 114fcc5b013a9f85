"""核验一码贯通的字段证明 · check a proof of one field: `python3 verify_proof.py PROOF.json --key NAME`.
比对留存的两个检查点 · two checkpoints that one has kept:
`python3 verify_proof.py compare A B --key NAME --links FILE`.

Needs Python 3.10 or newer and nothing else: neither the hub nor a network nor a package. SM3,
Ed25519 and SM2 are written out below from GB/T 32905, RFC 8032 and GB/T 32918, so that they can be
read. docs/proof.md tells the format.

  --key NAME         the hub's public key as it is published (ed25519:... or sm2:...); a proof by
    another is refused
  --checkpoint FILE  what a partner has kept (OneCode-Checkpoint, one a line); a chain that differs
    from it is refused

  --links FILE       of `compare`: the seals between the two, as `hub checkpoint --from A --to B`
    gives them

Exit status 0: it holds, made by the key that was given. 1: it does not. 2: it could not be read. 3:
consistent in itself, and something is missing to prove more: the key (whoever forged all of it
could do so too), or seals between.
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import sys
from collections.abc import Callable
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

FORMAT = "onecode-proof/1"
LINKS = "onecode-links/1"
UNPROVEN = (
    "自身一致，未证明出自谁：请以 --key 给出公布的公钥 · Consistent in itself, not proven whose: give the published key"
    " (--key)."
)
STATEMENT = b"onecode-statement\n"
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,6})?")


T = TypeVar("T")

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What steers a terminal, turns the direction of a line, or cannot be seen: a value that holds it
could write another verdict over ours.
"""


class Refused(Exception):  # noqa: N818 -- what it says
    """The proof does not hold; why, in Chinese and English."""


def seen(value: T) -> T:
    """A value of a file with all of its texts fit to be printed in one line."""
    made: Any = value
    if isinstance(value, str):
        made = UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), value)
    elif isinstance(value, dict):
        made = {seen(name): seen(one) for name, one in value.items()}
    elif isinstance(value, list):
        made = [seen(one) for one in value]
    return made


# --- SM3 (GB/T 32905)
# ---------------------------------------------------------------------------------------------

_SM3_START = bytes.fromhex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e")
_WORD = 0xFFFFFFFF


def _turn(word: int, by: int) -> int:
    by %= 32
    return ((word << by) | (word >> (32 - by))) & _WORD


def sm3(message: bytes) -> bytes:
    """The SM3 hash."""
    padded = (
        message + b"\x80" + bytes((55 - len(message)) % 64) + (8 * len(message)).to_bytes(8, "big")
    )
    state = [int.from_bytes(_SM3_START[at : at + 4], "big") for at in range(0, 32, 4)]
    for start in range(0, len(padded), 64):
        state = _sm3_block(state, padded[start : start + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def _sm3_block(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16  # noqa: PLR2004 -- the standard's rounds
        constant = 0x79CC4519 if early else 0x7A879D8A
        ss1 = _turn((_turn(a, 12) + e + _turn(constant, j)) & _WORD, 7)
        ss2 = ss1 ^ _turn(a, 12)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & g)
        tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & _WORD
        tt2 = (gg + h + ss1 + w[j]) & _WORD
        a, b, c, d = tt1, a, _turn(b, 9), c
        e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
    return [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905 -- all of eight


# --- Ed25519 (RFC 8032, section 5.1)
# ------------------------------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _edwards_x(y: int, sign: int) -> int:
    """The x that belongs to a y, of this sign."""
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        raise ValueError
    return _P - x if x % 2 != sign else x


def _edwards_add(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _edwards_times(factor: int, point: tuple[int, ...]) -> tuple[int, ...]:
    total: tuple[int, ...] = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _edwards_add(total, point)
        point = _edwards_add(point, point)
        factor >>= 1
    return total


def _edwards_point(raw: bytes) -> tuple[int, ...]:
    number = int.from_bytes(raw, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if len(raw) != 32 or y >= _P:  # noqa: PLR2004 -- 256 bits
        raise ValueError
    x = _edwards_x(y, sign)
    return x, y, 1, x * y % _P


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key made this signature over this message."""
    try:
        key, started = _edwards_point(public), _edwards_point(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= _L:  # noqa: PLR2004 -- 512 bits
        return False
    base_y = 4 * pow(5, _P - 2, _P) % _P
    base_x = _edwards_x(base_y, 0)
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left = _edwards_times(s, (base_x, base_y, 1, base_x * base_y % _P))
    right = _edwards_add(started, _edwards_times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % _P == 0


# --- SM2 (GB/T 32918.2) with SM3 and the standard's own identity
# --------------------------------------------------

_Q = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A = _Q - 3
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_IDENTITY = b"1234567812345678"


def _curve_add(one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % _Q == 0:
            return None
        slope = (3 * one[0] * one[0] + _A) * pow(2 * one[1], _Q - 2, _Q)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], _Q - 2, _Q)
    x = (slope * slope - one[0] - two[0]) % _Q
    return x, (slope * (one[0] - x) - one[1]) % _Q


def _curve_times(factor: int, point: tuple[int, int] | None) -> tuple[int, int] | None:
    total = None
    while factor:
        if factor & 1:
            total = _curve_add(total, point)
        point = _curve_add(point, point)
        factor >>= 1
    return total


def sm2_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key made this signature over this message."""
    if len(public) != 64 or len(signature) != 64:  # noqa: PLR2004 -- 512 bits
        return False
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if (
        not (0 < r < _N and 0 < s < _N and x < _Q and y < _Q)
        or (y * y - x * x * x - _A * x - _B) % _Q
    ):
        return False
    curve = b"".join(number.to_bytes(32, "big") for number in (_A, _B, *_G))
    z = sm3((8 * len(_IDENTITY)).to_bytes(2, "big") + _IDENTITY + curve + public)
    e = int.from_bytes(sm3(z + message), "big")
    t = (r + s) % _N
    point = _curve_add(_curve_times(s, _G), _curve_times(t, (x, y)))
    return t != 0 and point is not None and (e + point[0]) % _N == r


def holds(by: str, signature: bytes, message: bytes) -> bool:
    """Whether the key of this name made this signature."""
    kind, _, raw = by.partition(":")
    public = bytes.fromhex(raw)
    return {"ed25519": ed25519_holds, "sm2": sm2_holds}[kind](public, signature, message)


# --- the proof
# ------------------------------------------------------------------------------------------


def written(value: object) -> bytes:
    """JSON as the hub writes it before it hashes or signs: no blanks, sorted keys, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def climb(digest: bytes, steps: list[dict[str, str]]) -> bytes:
    """From a leaf along its neighbours to the root."""
    for step in steps:
        beside = bytes.fromhex(step["digest"])
        digest = sm3(b"\x01" + (beside + digest if step["side"] == "left" else digest + beside))
    return digest


def refuse_unless(truth: bool, zh: str, en: str) -> None:  # noqa: FBT001 -- reads as a sentence
    if not truth:
        raise Refused(zh, en)


def check(proof: dict[str, Any], *, key: str = "", kept: str = "") -> list[tuple[str, str]]:
    """What is remarkable though the proof holds, as (Chinese, English); Refused when it does not
    hold.
    """
    refuse_unless(proof["format"] == FORMAT, "格式未知", "the format is unknown")
    says, payload = proof["statement"], base64.b64decode(proof["payload"], validate=True)
    content = hashlib.sha256(payload).digest()
    refuse_unless(
        content.hex() == says["payload_sha256"],
        "报文与声明不符",
        "the payload is not the one spoken of",
    )
    _check_batch(proof, content)
    chains = _check_chain(proof)
    refuse_unless(
        says["batch"] == str(proof["batch"]["id"]) and says["flow"] == proof["batch"]["flow"],
        "声明与批次不符",
        "the statement speaks of another batch",
    )
    _check_rule(proof)
    _check_source(says, payload)
    keys = _check_signatures(proof, key)
    notes = []
    if not key:
        notes.append(
            (
                "未给出公钥，请与公布的公钥比对：" + " ".join(keys),
                "compare these keys with the published ones",
            )
        )
    if proof["batch"]["contract"] != says["contract"]:
        notes.append(
            (
                "该值由到达之后的新规则重新映射而得，规则文本由声明担保，不在该批次的封签内",
                (
                    "the value was mapped anew by a later rule, which the statement vouches for "
                    "and this seal does not"
                ),
            )
        )
    if kept:
        notes.append(_check_kept(chains, kept))
    return notes


def _check_batch(proof: dict[str, Any], content: bytes) -> None:
    batch = proof["batch"]
    leaf = sm3(b"\x00" + bytes.fromhex(proof["salt"]) + content)
    refuse_unless(leaf.hex() == proof["leaf"], "叶与报文不符", "the leaf is not the payload's")
    refuse_unless(
        climb(leaf, proof["path"]).hex() == batch["root"],
        "路径到不了批次根",
        "the path does not lead to the batch's root",
    )
    text = written(
        [
            batch["id"],
            batch["run"],
            batch["flow"],
            batch["counts"],
            batch["root"],
            batch["contract"],
        ]
    )
    refuse_unless(
        climb(sm3(b"\x00" + text), proof["seal_path"]).hex() == proof["chain"]["links"][0]["root"],
        "批次不在封签之内",
        "the batch is not in the seal",
    )


def _check_chain(proof: dict[str, Any]) -> dict[int, str]:
    """The hash of the chain after each seal, made anew."""
    digest, made = bytes.fromhex(proof["chain"]["previous"]), {}
    for link in proof["chain"]["links"]:
        digest = sm3(b"\x02" + digest + bytes.fromhex(link["root"]) + link["sealed_at"].encode())
        made[link["seal"]] = digest.hex()
    end = proof["checkpoint"]
    refuse_unless(
        made.get(end["seal"]) == end["chain"] == digest.hex(),
        "链到不了检查点",
        "the chain does not reach the checkpoint",
    )
    return made


def _check_rule(proof: dict[str, Any]) -> None:
    says, contract = proof["statement"], proof["contract"]
    refuse_unless(
        hashlib.sha256(contract.encode()).hexdigest() == says["contract"],
        "契约文本与其散列不符",
        "the contract is not the one of this hash",
    )
    mapping = json.loads(contract)["mapping"]
    refuse_unless(
        written(mapping["fields"].get(says["field"])).decode() == says["rule"],
        "映射规则与契约不符",
        "the rule is not the one of the contract",
    )
    refuse_unless(
        (mapping.get("format", "json"), mapping.get("encoding", "utf-8"))
        == (says["payload_format"], says["payload_encoding"]),
        "报文格式与契约不符",
        "the payload's format is not the contract's",
    )


def _check_source(says: dict[str, Any], payload: bytes) -> None:
    """That every source value spoken of stands in the payload."""
    cells = {
        _plain(cell)
        for cell in _cells(payload.decode(says["payload_encoding"]), says["payload_format"])
    }
    for path, value in says["source"].items():
        parts = [value] if value is not None else []
        if value is not None and value[:1] in "[{":
            parts = list(_inside(json.loads(value, parse_float=str, parse_int=str)))
        refuse_unless(
            all(_plain(part) in cells for part in parts),
            f"报文中没有 {path} 的值",
            f"the payload has no such {path}",
        )


def _cells(text: str, form: str) -> list[str]:
    if form == "csv":
        return [
            cell
            for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
            for cell in row
        ]
    if form == "xml":
        return [
            said or ""
            for one in ET.fromstring(text).iter()  # noqa: S314 -- no entities: the hub takes none
            for said in (one.text, *one.attrib.values())
        ]
    return list(_inside(json.loads(text, parse_float=str, parse_int=str)))


def _inside(value: object) -> list[str]:
    """Every single value inside a JSON value, JSON in text included."""
    if isinstance(value, dict):
        return [cell for part in value.values() for cell in _inside(part)]
    if isinstance(value, list):
        return [cell for part in value for cell in _inside(part)]
    if isinstance(value, bool) or value is None:
        return [json.dumps(value)]
    text = str(value)
    try:
        opened = (
            json.loads(text, parse_float=str, parse_int=str)
            if text[:1] in ("{", "[", '"')
            else None
        )
    except ValueError:
        opened = None
    return [text, *(_inside(opened) if opened is not None else [])]


def _plain(text: str) -> str:
    """Numbers written in one way, whatever their length, blanks around left out: 5157.20 is 5157.2,
    007 is not 7.
    """
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return text
    return str(Decimal(text).normalize(Context(prec=len(text) + 1)))


def _check_signatures(proof: dict[str, Any], key: str) -> list[str]:
    """That chain and statement are signed by the same keys; give their names."""
    chain = bytes.fromhex(proof["checkpoint"]["chain"])
    made = [(one, chain) for one in proof["checkpoint"]["signatures"]]
    made += [(one, STATEMENT + written(proof["statement"])) for one in proof["signatures"]]
    for one, message in made:
        refuse_unless(
            holds(one["by"], bytes.fromhex(one["signature"]), message),
            f"签名不符：{one['by']}",
            f"a signature is wrong: {one['by']}",
        )
    names = [
        {one["by"] for one in part}
        for part in (proof["checkpoint"]["signatures"], proof["signatures"])
    ]
    both = sorted(names[0] & names[1])
    refuse_unless(
        bool(both), "检查点与声明不是同一密钥签名", "chain and statement are not signed by one key"
    )
    refuse_unless(
        not key or key in both, "不是公布的公钥所签", "it is not signed by the published key"
    )
    return both


def _check_kept(chains: dict[int, str], kept: str) -> tuple[str, str]:
    """Beside what a partner has kept: one of its checkpoints must lie on this chain, and none may
    differ from it.
    """
    met = 0
    for line in filter(None, map(str.strip, kept.splitlines())):
        one = json.loads(line)
        if one["seal"] in chains:
            refuse_unless(
                chains[one["seal"]] == one["chain"],
                f"与对方留存的检查点 {one['seal']} 不符：账本已被改写",
                (
                    f"differs from the partner's checkpoint {one['seal']}: the ledger has been "
                    f"rewritten"
                ),
            )
            met += 1
    refuse_unless(
        met > 0,
        "链上没有对方留存的检查点；出具证明时指定该检查点",
        "no checkpoint of the partner's is on this chain; ask for the proof up to one of them",
    )
    return (
        f"与对方留存的 {met} 个检查点一致",
        f"agrees with {met} checkpoints that the partner kept",
    )


def told(proof: dict[str, Any], notes: list[tuple[str, str]], *, key: str) -> str:
    """What is proven, and what is not, in both languages; without a key nothing is."""
    proof = seen(proof)
    says, first = proof["statement"], proof["chain"]["links"][0]
    record, sealed = says["record"], first["sealed_at"]
    lines = [
        "核验通过 · The proof holds." if key else UNPROVEN,
        "",
        (
            f"  {record['entity']} {record['key']} v{record['version']}  {says['field']} "
            f"({says['title']['zh']})"
        ),
        f"  = {says['value']}",
        f"  {says['system']} · {says['source_key']} · {says['position']} · {sealed}",
        *(f"  {path} = {value}" for path, value in says["source"].items()),
        f"  {says['rule']}",
        "",
        "已证明 · Proven:"
        if key
        else "仅在上列公钥确属中枢时成立 · True only if the keys below are the hub's:",
        f"  - 该报文逐字节在批次 {says['batch']} 中到达，不晚于封签时间 {sealed}（中枢时钟），此后未被改动。",
        (
            f"    This payload, byte for byte, was in batch {says['batch']} by the time of its "
            f"seal, and is unchanged."
        ),
        "  - 映射规则取自散列相符的契约文本；所列来源值确在报文之中。",
        "    The rule stands in the contract of that hash; the source values stand in the payload.",
        "  - 持有上述密钥的中枢声明：按该规则由该报文得出该值。",
        "    The hub that holds the key states that this rule made this value of this payload.",
        "",
        "未证明 · Not proven:",
        "  - 来源系统说的是实情；报文确由该系统发出（由中枢声明）。",
        (
            "    That the source told the truth, or that it was the one that sent this (the hub "
            "says so)."
        ),
        "  - 该值今天仍然有效；没有别的报文与之相左。",
        "    That the value still stands today, or that nothing else contradicts it.",
        "  - 公钥属于谁：请与公布的公钥比对（--key）；账本是否整体重写：请与对方留存的检查点比对（--checkpoint）。",
        "    Whose key it is (--key), and that not all of the ledger was made anew (--checkpoint).",
    ]
    if notes:
        lines += ["", "说明 · Notes:", *(f"  - {seen(zh)}\n    {seen(en)}" for zh, en in notes)]
    return "\n".join(lines)


# --- two checkpoints
# ----------------------------------------------------------------------------------------------


def checkpoint_of(text: str) -> dict[str, Any]:
    """The last checkpoint of what one has kept, one a line."""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    one: dict[str, Any] = json.loads(lines[-1])
    return one


def compare(
    a: dict[str, Any], b: dict[str, Any], links: dict[str, Any] | None, *, key: str = ""
) -> tuple[int, str]:
    """Whether the later of two checkpoints goes on from the earlier one: exit status, and what it
    is in words.
    """
    if a["seal"] > b["seal"]:
        a, b = b, a
    for one in (a, b):
        _check_made(one, key)
    if a["seal"] == b["seal"]:
        refuse_unless(
            a["chain"] == b["chain"],
            f"分叉：编号 {a['seal']} 的两个检查点不同，都有签名",
            f"forked: there are two different checkpoints {a['seal']}, both signed",
        )
        return _said(key, "相同", "equal")
    if links is None:
        return (
            3,
            "缺口：需要其间的封签（--links） · Gap: the seals between the two are needed (--links)",
        )
    refuse_unless(links["format"] == LINKS, "格式未知", "the format is unknown")
    return _walk(a, b, links, key)


def _check_made(one: dict[str, Any], key: str) -> None:
    pairs = [
        (one.get("signed_by"), one.get("signature")),
        (one.get("sm2_by"), one.get("sm2_signature")),
    ]
    made = {by: signature for by, signature in pairs if by and signature}
    refuse_unless(
        bool(made), f"检查点 {one['seal']} 没有签名", f"checkpoint {one['seal']} is not signed"
    )
    for by, signature in made.items():
        refuse_unless(
            holds(by, bytes.fromhex(signature), bytes.fromhex(one["chain"])),
            f"检查点 {one['seal']} 签名不符",
            f"the signature of checkpoint {one['seal']} is wrong",
        )
    refuse_unless(
        not key or key in made, "不是公布的公钥所签", "it is not signed by the published key"
    )


def _walk(a: dict[str, Any], b: dict[str, Any], links: dict[str, Any], key: str) -> tuple[int, str]:
    """Along the seals between the two."""
    digest, at = bytes.fromhex(links["previous"]), links["after"]
    met = {at: digest.hex()}
    lost = ""
    for link in links["links"]:
        digest = sm3(b"\x02" + digest + bytes.fromhex(link["root"]) + link["sealed_at"].encode())
        met[link["seal"]] = digest.hex()
        lost = _restored(link, a) or lost
    if met.get(b["seal"], b["chain"]) != b["chain"]:
        raise Refused(
            "分叉：其间的封签到不了后一检查点",
            "forked: the seals do not lead to the later checkpoint",
        )
    if b["seal"] not in met:
        return 3, "缺口：其间的封签未到后一检查点 · Gap: the seals end before the later checkpoint"
    if met.get(a["seal"]) == a["chain"]:
        return _said(key, "延续", "extends")
    if lost:
        return 3, lost
    if a["seal"] in met:
        raise Refused(
            "分叉：后一检查点不是由前一检查点延续而来",
            "forked: the later one does not go on from the earlier one",
        )
    if at < a["seal"]:
        raise Refused(
            "分叉：链上没有前一检查点的编号",
            "forked: the chain has no seal of the earlier one's number",
        )
    return (
        3,
        "缺口：其间的封签不从前一检查点开始 · Gap: the seals do not begin at the earlier checkpoint",
    )


def _restored(link: dict[str, Any], a: dict[str, Any]) -> str:
    """What a link says that declares a restoration in which this checkpoint was lost."""
    head = link.get("head")
    if not head or head["kind"] != "restored":
        return ""
    leaf = sm3(
        b"\x00"
        + written(
            ["seal", link["seal"], head["kind"], head["acts"], head["acts_root"], head["says"]]
        )
    )
    says = seen(head["says"])
    if (
        climb(leaf, head["path"]).hex() != link["root"]
        or not says["after"] < a["seal"] < link["seal"]
    ):
        return ""
    return (
        f"前一检查点在声明的恢复中丢失（{says['by']}：{says['reason']}；恢复到封签 {says['after']}） · The earlier one"
        " was lost in a restoration that the hub declares"
        f" ({says['by']}: {says['reason']}; back to seal {says['after']})"
    )


def _said(key: str, zh: str, en: str) -> tuple[int, str]:
    return (0, f"{zh} · {en}") if key else (3, f"{zh} · {en}\n{UNPROVEN}")


def main() -> int:
    """Check one file, or two checkpoints."""
    if sys.argv[1:2] == ["compare"]:
        return main_compare(sys.argv[2:])
    parser = argparse.ArgumentParser(
        description="核验一码贯通的字段证明 · check a proof of one field"
    )
    parser.add_argument("proof", help="证明文件 · the file of the proof")
    parser.add_argument("--key", default="", help="公布的公钥 · the published key")
    parser.add_argument("--checkpoint", help="对方留存的检查点 · what a partner has kept")
    asked = parser.parse_args()

    def work() -> tuple[int, str]:
        proof = json.loads(Path(asked.proof).read_text(encoding="utf-8"))
        kept = Path(asked.checkpoint).read_text(encoding="utf-8") if asked.checkpoint else ""
        return PROVEN_OR_NOT[bool(asked.key)], told(
            proof, _checked(proof, asked.key, kept), key=asked.key
        )

    return _answer(work)


def main_compare(arguments: list[str]) -> int:
    """Compare two checkpoints."""
    parser = argparse.ArgumentParser(
        prog="verify_proof.py compare", description="比对两个检查点 · two checkpoints"
    )
    parser.add_argument("one", help="留存的一个检查点 · one that was kept")
    parser.add_argument("other", help="另一个 · another one")
    parser.add_argument("--key", default="", help="公布的公钥 · the published key")
    parser.add_argument("--links", help="其间的封签 · the seals between the two")
    asked = parser.parse_args(arguments)

    def work() -> tuple[int, str]:
        one, other = (
            checkpoint_of(Path(name).read_text(encoding="utf-8"))
            for name in (asked.one, asked.other)
        )
        links = json.loads(Path(asked.links).read_text(encoding="utf-8")) if asked.links else None
        try:
            return compare(one, other, links, key=asked.key)
        except INCOMPLETE as error:
            raise Incomplete(repr(error)) from None

    return _answer(work)


class Incomplete(Exception):  # noqa: N818 -- what it says
    """Something is missing in what was read."""


INCOMPLETE = (
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ET.ParseError,
)
PROVEN_OR_NOT = {True: 0, False: 3}


def _checked(proof: dict[str, Any], key: str, kept: str) -> list[tuple[str, str]]:
    try:
        return check(proof, key=key, kept=kept)
    except INCOMPLETE as error:
        raise Incomplete(repr(error)) from None


def _answer(work: Callable[[], tuple[int, str]]) -> int:
    """Say what came out, on standard error where it does not hold."""
    try:
        status, words = work()
    except Refused as refused:
        print(
            "核验不通过 · The proof does not hold: {}。{}.".format(*map(seen, refused.args)),
            file=sys.stderr,
        )
        return 1
    except Incomplete as error:
        print(
            f"核验不通过：内容残缺 · The proof does not hold: it is not whole ({seen(str(error))}).",
            file=sys.stderr,
        )
        return 1
    except (OSError, ValueError, RecursionError) as error:
        print(f"无法读取 · cannot be read: {seen(str(error))}", file=sys.stderr)
        return 2
    print(words)
    return status


if __name__ == "__main__":
    sys.exit(main())

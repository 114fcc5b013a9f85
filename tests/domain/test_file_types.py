"""What a file is: by its first bytes, whatever it is called; archives are opened within bounds."""

import io
import zipfile

import pytest

from hub.domain.file_types import ENTRIES, judged
from hub.errors import Fault
from sandbox.declared.papers import paper

PDF, OFD, PNG = (paper(kind, "x") for kind in ("pdf", "ofd", "png"))
EVERY = ("pdf", "ofd", "png")


def archive(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries:
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


ROOT = ("OFD.xml", b'<?xml version="1.0"?><ofd:OFD/>')
ENTITY = ("OFD.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><ofd:OFD/>')
SOUND = archive(ROOT, ("Doc_0/Document.xml", b"<x/>"))
REFUSED = {
    "nothing": (b"", "a.pdf", "attachment.empty"),
    "a login page under a name of a paper": (
        b"\xef\xbb\xbf\n <HTML><body>login</body></HTML>",
        "a.pdf",
        "attachment.page",
    ),
    "a page behind a comment": (b"<!-- x --><!DOCTYPE html><p>", "a.pdf", "attachment.page"),
    "a program": (b"MZ\x90\x00", "a.pdf", "attachment.type_denied"),
    "a picture called a paper": (PNG, "licence.PDF", "attachment.type_lies"),
    "a paper called a picture": (PDF, "licence.jpeg", "attachment.type_lies"),
    "an archive": (archive(("a.pdf", PDF)), "a.ofd", "attachment.archive"),
    "another archive": (b"Rar!\x1a\x07\x00", "a", "attachment.archive"),
    "a packed stream": (b"\x1f\x8b\x08\x00", "a.pdf", "attachment.archive"),
    "an OFD that leads out": (
        archive(ROOT, ("../../etc/passwd", b"x")),
        "a.ofd",
        "attachment.archive",
    ),
    "an OFD from a root": (archive(ROOT, ("/etc/passwd", b"x")), "a.ofd", "attachment.archive"),
    "an OFD for another system": (
        archive(ROOT, ("C:\\x\\..\\y", b"x")),
        "a.ofd",
        "attachment.archive",
    ),
    "an OFD that swells": (archive(ROOT, ("a", bytes(30_000_000))), "a", "attachment.archive"),
    "an OFD of too many": (
        archive(ROOT, *((f"a{n}", b"") for n in range(ENTRIES))),
        "a",
        "attachment.archive",
    ),
    "an OFD with entities": (archive(ENTITY), "a.ofd", "attachment.archive"),
    "an OFD that says something else": (
        archive(("OFD.xml", b"<html/>")),
        "a.ofd",
        "attachment.archive",
    ),
    "an OFD cut off": (SOUND[:-30], "a.ofd", "attachment.archive"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_paper_is_refused_under_any_name(name: str) -> None:
    content, called, code = REFUSED[name]
    found = judged(content, types=EVERY, most=10_000_000, name=called)
    assert isinstance(found, Fault)
    assert found.code == code


def test_an_ofd_with_a_spoilt_entry_or_one_locked_is_refused() -> None:
    spoilt = bytearray(SOUND)
    spoilt[60] ^= 0xFF
    locked = bytearray(SOUND)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    for content in (spoilt, locked):
        found = judged(bytes(content), types=EVERY, most=10_000, name="a.ofd")
        assert isinstance(found, Fault)
        assert found.code == "attachment.archive"


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (OFD, "ofd"), (PNG, "png")])
def test_a_sound_paper_is_what_it_is(content: bytes, kind: str) -> None:
    for called in ("x", f"x.{kind}", "证照/2026/1", "x.scan"):
        assert judged(content, types=EVERY, most=len(content), name=called) == kind
    larger = judged(content, types=EVERY, most=len(content) - 1, name="x")
    assert isinstance(larger, Fault)
    assert larger.code == "attachment.too_large"

"""Small true files: a PDF, an OFD, a PNG, each made from a text, the same text giving the same
bytes.
"""

import io
import struct
import zipfile
import zlib
from typing import Literal

PaperKind = Literal["pdf", "ofd", "png"]
STAMP = (2026, 10, 1, 0, 0, 0)


def paper(kind: str, text: str) -> bytes:
    """Make a file of a kind."""
    return {"pdf": _pdf, "ofd": _ofd, "png": _png}[kind](text)


def _pdf(text: str) -> bytes:
    """One page with one line; letters that its font lacks are told by their number."""
    line = f"BT /F1 12 Tf 72 720 Td ({text.encode('unicode_escape').decode()}) Tj ET"
    bodies = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        f"<< /Length {len(line)} >>\nstream\n{line}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Font << /F1 5 0 R >> >>",
    )
    out, places = "%PDF-1.4\n", list[int]()
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(bodies) + 1
    end = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {count}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def _ofd(text: str) -> bytes:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    files = {
        "OFD.xml": f'{head}<ofd:OFD {space} Version="1.0"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{zlib.crc32(text.encode()):032x}</ofd:DocID></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{head}<ofd:Document {space}><ofd:CommonData><ofd:PageArea>"
        "<ofd:PhysicalBox>0 0 210 "
        "297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData></ofd:Document>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content)
    return out.getvalue()


def _png(text: str) -> bytes:
    """Eight by eight grey points."""
    shade = zlib.crc32(text.encode()).to_bytes(4, "big") * 2
    rows = b"".join(b"\x00" + shade for _ in range(8))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )

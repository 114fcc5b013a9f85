"""Files that outlive a full disk and a system call that takes less than it was given."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli.out import write_wanted
from hub.durable import append_line, replace_file
from hub.errors import FlowError

FULL = """
import resource, signal, sys
from pathlib import Path
from hub.cli.out import write_wanted
from hub.durable import append_line, replace_file
from hub.errors import FlowError
resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))  # the system writes eight bytes, then refuses
try:
    {act}
except OSError:
    sys.exit(3)
except FlowError as error:
    sys.exit(3 if error.facts['reason'] == 'EFBIG' else 4)
"""


def on_a_full_disk(act: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL.format(act=act)], check=False, cwd=Path(__file__).parents[2]
    )
    assert done.returncode == 3


def test_a_file_is_the_old_one_or_the_new_one(tmp_path: Path):
    place = tmp_path / "sent.json"
    replace_file(place, b"old", beside=".sent.new")
    on_a_full_disk(f"replace_file(Path({str(place)!r}), b'x' * 99, beside='.sent.new')")
    assert (place.read_bytes(), os.listdir(tmp_path)) == (b"old", ["sent.json"])  # noqa: PTH208 -- likewise
    replace_file(place, b"new", beside=".sent.new")
    assert (place.read_bytes(), os.listdir(tmp_path)) == (b"new", ["sent.json"])  # noqa: PTH208 -- names alone


def test_a_file_that_somebody_asked_for_is_written_whole_or_said_not_to_be(tmp_path: Path):
    place, link = tmp_path / "proof.json", tmp_path / "link"
    link.symlink_to(place)
    write_wanted(link, b"old")
    on_a_full_disk(f"write_wanted(Path({str(link)!r}), b'x' * 99)")
    assert (place.read_bytes(), len(os.listdir(tmp_path)), link.is_symlink()) == (b"old", 2, True)  # noqa: PTH208 -- likewise
    with pytest.raises(FlowError) as said:
        write_wanted(Path("/dev/full"), b"x")
    assert (said.value.code, said.value.facts["reason"]) == ("file.not_written", "ENOSPC")
    write_wanted(Path("/dev/null"), b"x")
    assert not Path("/dev/null").is_file()


def test_a_line_that_was_cut_off_spoils_no_line_after_it(tmp_path: Path):
    place = tmp_path / "checkpoints"
    append_line(place, "one")
    on_a_full_disk(f"append_line(Path({str(place)!r}), 'second and long')")
    append_line(place, "third")
    assert place.read_text().splitlines() == ["one", "seco", "third"]


def test_what_the_system_takes_in_parts_is_written_whole(tmp_path: Path, monkeypatch):
    whole = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: whole(handle, content[:3]))
    append_line(tmp_path / "a", "a line of many bytes")
    replace_file(tmp_path / "b", b"a body of many bytes", beside="b.new")
    assert (tmp_path / "a").read_text() == "a line of many bytes\n"
    assert (tmp_path / "b").read_bytes() == b"a body of many bytes"


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        append_line(tmp_path / "no" / "a", "x")

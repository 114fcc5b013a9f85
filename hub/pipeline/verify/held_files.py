"""Check of the store: every file that is held lies there whole, and nothing else does."""

import time

from hub.db import files
from hub.pipeline.file_store import FileStore
from hub.pipeline.verify.found import VerifyContext

KIND, TABLE = "held files", "hub.file"
FILE = "sha256 bytes"
AT_ONCE = 1_000
DAY = 86_400.0
"""What a process that died has left beside the store is taken away after a day."""


def check_files(work: VerifyContext) -> None:
    """Each held file against its digest and length, and each file on disk against the table.

    One at a time: however many there are, one is in memory.
    """
    store, after, known = FileStore(work.settings.files_folder), "", set[str]()
    store.clear_unfinished(before=time.time() - DAY)
    on_disk = set(store.names())
    while True:
        with work.database.read() as tx:
            held = files.walk(tx, after, most=AT_ONCE)
        if not held:
            break
        for one in held:
            content = store.read(one.sha256)
            if one.sha256 not in on_disk:
                work.note(KIND, TABLE, one.sha256, "held.lost")
            elif content is None or len(content) != one.bytes:
                work.note(KIND, TABLE, one.sha256, "held.differs")
            known.add(one.sha256)
        work.count("held files", len(held))
        after = held[-1].sha256
    with work.database.read() as tx:
        late = set(files.held(tx, sorted(on_disk - known)))
    for sha256 in sorted(on_disk - known - late):
        work.note(KIND, TABLE, sha256, "held.nobodys")

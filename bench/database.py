"""A PostgreSQL for measurements: its own port and data, with the settings that `make up` starts."""

import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy import postgres


@contextmanager
def server(kept: Path | None = None, *, settings: Sequence[str] = ()) -> Iterator[postgres.Cluster]:
    """Start a server for as long as the block lasts; data in `kept` outlive it."""
    postgres.home().mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=postgres.home(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data = kept or Path(folder) / "data"
        cluster = postgres.Cluster(
            data=data, port=free_port(), password="bench", settings=(*postgres.SETTINGS, *settings)
        )
        cluster.initialise()
        process = cluster.start(Path(folder) / "log")
        try:
            yield cluster
        finally:
            postgres.stop(process)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

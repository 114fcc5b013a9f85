"""A contender: dlt, which loads the raw fields and no more: no validation, mapping, history or
provenance.

Runs in the environment of `requirements-bench.lock`.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import connectorx  # noqa: F401 - dlt loads it late, and imports are no part of the time
import dlt
import pyarrow as pa
from dlt.extract.resource import DltResource
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from dlt.sources.sql_database import sql_table

from bench.worker import work

PAGE = 1_000
UPSERT = {"disposition": "merge", "strategy": "upsert"}
TUNED = {
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "4",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "50000",
    "DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}


def pages(web: str, since: int) -> Iterator[list[dict[str, Any]]]:
    """The source over REST, by dlt's own client."""
    client = RESTClient(
        web, paginator=JSONResponseCursorPaginator(cursor_path="data.next", cursor_param="cursor")
    )
    yield from client.paginate(
        "items", params={"since": since, "size": PAGE}, data_selector="data.list"
    )


def rest(asked: argparse.Namespace, since: int) -> DltResource:
    """Over REST as the manual shows it."""
    return dlt.resource(
        pages(asked.web, since),
        name="items",
        primary_key="spsxslbm",
        write_disposition=asked.disposition,
    )


def arrow(asked: argparse.Namespace, since: int) -> DltResource:
    """Over REST, each page as an Arrow table, so that no row is looked at alone."""
    tables = (pa.Table.from_pylist(page) for page in pages(asked.web, since))
    return dlt.resource(
        tables, name="items", primary_key="spsxslbm", write_disposition=asked.disposition
    )


def table(asked: argparse.Namespace, since: int) -> DltResource:
    """From a table, by one of dlt's backends."""
    options: dict[str, Any] = {"backend": asked.backend, "chunk_size": 50_000}
    if asked.backend == "connectorx":
        options["backend_kwargs"] = {"conn": asked.table, "return_type": "arrow"}
    found = sql_table(
        asked.table.replace("postgresql://", "postgresql+psycopg2://"),
        table="items",
        query_adapter_callback=(lambda query, items: query.where(items.c.lsh >= since))
        if since
        else None,
        reflection_level="full",
        **options,
    )
    found.apply_hints(primary_key="spsxslbm", write_disposition=asked.disposition)
    return found


SOURCES: dict[str, Callable[[argparse.Namespace, int], DltResource]] = {
    "rest": rest,
    "arrow": arrow,
    "table": table,
}


def main() -> None:
    """Open a pipeline and wait to be told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--web", required=True)
    parser.add_argument("--table", default="")
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--source", choices=SOURCES, required=True)
    parser.add_argument("--backend", default="connectorx")
    parser.add_argument("--format", help="what files it loads")
    parser.add_argument("--disposition", default="merge", choices=["merge", "append", "upsert"])
    asked, _ = parser.parse_known_args()
    if asked.disposition == "upsert":
        asked.disposition = UPSERT
    if asked.source != "rest":
        os.environ.update(TUNED)
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "bench",
            destination=dlt.destinations.postgres(asked.database),
            dataset_name="loaded",
            pipelines_dir=folder,
        )

        def load(since: int) -> str:
            pipeline.run(SOURCES[asked.source](asked, since), loader_file_format=asked.format)
            counts = pipeline.last_trace.last_normalize_info.row_counts
            return f"{counts.get('items', 0)} loaded"

        whole, new = (lambda: load(0)), (lambda: load(asked.records + 1))
        work({"first": whole, "again": whole, "changed": new})


if __name__ == "__main__":
    main()

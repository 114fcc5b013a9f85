"""Routes of files that records name: opened by who holds the grant, and how fetching stands."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from hub.api.access import Visiting
from hub.api.problems import PROBLEMS
from hub.api.request_bodies import Number
from hub.services import files
from hub.services.files import FilesStanding, RecordFiles

routes = APIRouter(responses=PROBLEMS)

SEALED = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
"""A file is foreign content: nothing of it runs as ours, and no cache keeps it."""


@routes.get("/v1/files")
def files_standing(visit: Visiting) -> FilesStanding:
    """附件取回情况：应取、已存、转交、失败、待取 · how fetching stands, and what failed."""
    return files.standing(visit)


@routes.get("/v1/files/{sha256}", response_class=Response)
def file_opened(
    visit: Visiting,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    record: Annotated[Number, Query(description="记录编号 · the record that names it")],
) -> Response:
    """打开记录的附件 · the file of a record, for who holds the grant on the field that names it."""
    found = files.opened(visit, sha256, record=record)
    way = "inline" if found.inline else "attachment"
    said = {"Content-Disposition": f'{way}; filename="{found.name}"'}
    return Response(found.content, media_type=found.media, headers=SEALED | said)


@routes.get("/v1/projects/{code}/files")
def project_files(visit: Visiting, code: Annotated[str, Path(max_length=100)]) -> list[RecordFiles]:
    """项目各记录的附件 · the files of a project's records."""
    return files.of_project(visit, code)

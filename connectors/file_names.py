"""Names of files as records give them: never a way out of the folder in which files lie."""

from hub.errors import AttachmentError

LONGEST = 1_000


def refuse_path(value: str) -> None:
    """RecordError (attachment.name) for what leads out of a folder, or is no name."""
    parts = value.split("/")
    wrong = not value.isprintable() or not value.strip("/ ") or len(value) > LONGEST
    if wrong or ".." in parts or "." in parts or "\\" in value or "%" in value:
        raise AttachmentError("attachment.name")

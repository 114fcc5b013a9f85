"""Settings: limits of one reading of a source, and thresholds for changes of its shape."""

from hub.settings.section import section, setting


@section
class ReadingLimits:
    """How much one reading of a source may take; what lies before a limit is kept, and the next
    goes on from there.
    """

    pages: int = setting(
        100_000,
        "HUB_RUN_PAGES",
        "so many pages one reading takes, and so many without a record one after the other "
        "([flow.pages_many](errors.md#flowpages_many), our own choice)",
    )
    empty: int = setting(10_000, "HUB_RUN_EMPTY_PAGES")
    bytes: int = setting(
        50_000_000_000,
        "HUB_RUN_BYTES",
        (
            "bytes of the records of one reading ([flow.bytes_many](errors.md#flowbytes_many), "
            "our own choice)"
        ),
    )


@section
class ShapeBounds:
    """From where on a change counts."""

    sample: int = setting(
        200,
        "HUB_SHAPE_SAMPLE",
        "so many decoded records of a batch are looked at; so many codes of a source field are "
        "remembered ([flow/hold.md](flow/hold.md))",
    )
    least: int = setting(
        2,
        "HUB_SHAPE_LEAST",
        "a field is gone when so many records in a row lack it that used to have it, or that "
        "are new where so many others, to this share, have it",
    )
    sure: int = setting(20, "HUB_SHAPE_SURE")
    formerly: float = setting(0.9, "HUB_SHAPE_FORMERLY")
    empty: int = setting(
        20,
        "HUB_SHAPE_EMPTY",
        "so many records must lack a value that was usual",
    )
    share: float = setting(
        0.2,
        "HUB_SHAPE_SHARE",
        "so large a share of a batch, and so many records, with codes never met before hold it",
    )
    codes: int = setting(50, "HUB_SHAPE_CODES")
    sweep: int = setting(
        100,
        "HUB_SHAPE_SWEEP",
        "so many records in the last complete list make an empty one strange",
    )
    known: int = setting(500, "HUB_SHAPE_KNOWN")
    batches: int = setting(
        50,
        "HUB_HELD_BATCHES",
        "so many batches of a flow are held at most; then its reading ends",
    )
    told_seconds: int = setting(
        604_800,
        "HUB_SHAPE_TOLD_SECONDS",
        "how long a change that holds nothing stays an alert",
    )

"""What the words of contract files mean, and what stands for one that is left out: for
docs/contracts.md.
"""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "system": {
        "title": ("", "What the system is called"),
        "title.zh": ("", "In Chinese"),
        "title.en": ("", "In English"),
        "department": ("", "Whose it is"),
        "department.zh": ("", "In Chinese"),
        "department.en": ("", "In English"),
        "connector": (
            "",
            (
                "What it speaks: `rest`, `soap`, `files`, `odbc`, `sql`, `sql_exchange`, `inbox`, "
                "`outbox`, or one of your own"
            ),
        ),
        "connect": (
            "",
            (
                "Options of the connector, or of several by their names "
                "([connectors.md](connectors.md))"
            ),
        ),
        "pool": ("", "How much may go on with it at once"),
        "pool.slots": ("", "Flows of this system that may run at the same time"),
        "freshness": ("", "How old its data may grow before that is told: 30m, 2h, 1d"),
        "every": ("", "How often its flows run"),
        "timezone": ("`Asia/Shanghai`", "IANA name of the zone of its wall clocks"),
        "owner": ("", "Whom to ask; stands beside its failures"),
        "variants": (
            "",
            "Titles (zh, en) of what stands behind the entity in the names of its mappings",
        ),
        "reconcile": (
            "",
            "When it is compared, and what is done ([reconcile.md](flow/reconcile.md))",
        ),
        "reconcile.at": ("`02:30`", "Time of day of the comparison"),
        "reconcile.lost_push": (
            "`repair`",
            "What is done about a record that the partner has lost",
        ),
        "reconcile.foreign_edit": ("`authority`", "About one that somebody has changed there"),
        "reconcile.missing_here": (
            "`repair`",
            "About one that the partner has and the hub has not",
        ),
        "reconcile.missing_there": (
            "`repair`",
            "About one that the hub has and the partner no longer shows",
        ),
        "file_sources": (
            "",
            (
                "Name -> where files that records name are fetched: `via` and the options of that "
                "way ([fetch.md](flow/fetch.md))"
            ),
        ),
    },
    "pull": {
        "entity": ("", "Name of the schema that its records become"),
        "via": ("the system's `connector`", "Another connector of the same system"),
        "format": ("`json`", "How a payload is written"),
        "encoding": ("`utf-8`", "Its encoding, for XML and CSV"),
        "embedded_json": ("", "Paths of texts that are JSON themselves and are opened"),
        "read": ("", "Options of the connector for reading ([connectors.md](connectors.md))"),
        "version": (
            "each arrival is newer",
            "Path of what tells a newer version from an older one",
        ),
        "version_as": ("`text`", "How versions are compared"),
        "time": ("", "Path of when the source itself says that it is of"),
        "overlap": ("`0`", "How far each run reads back behind the cursor: a duration, or a count"),
        "key": (
            "",
            (
                "Paths of what identifies a record at the partner; of a list of paths the first "
                "filled counts"
            ),
        ),
        "each": ("", "A list in the record whose every element becomes a record"),
        "each.at": ("", "Path of the list"),
        "each.as": ("", "Name of an element in paths"),
        "each.empty": ("`none`", "What a record without elements is: in order, or a fault"),
        "each.most": ("`5000`", "Elements at most; a record with more is set aside"),
        "ignore": ("", "Paths that are left out of the hash"),
        "deleted_when": ("", "Values by path that say that the record is deleted"),
        "skip_when": ("", "By name: values by path that say that a record is left out"),
        "secret": (
            "",
            (
                "**Required.** How the source flags secret records (涉密), or who says that it "
                "holds none"
            ),
        ),
        "secret.field": (
            "",
            "Path of the flag, from the whole record; in a list each element must have it",
        ),
        "secret.open": (
            "",
            "Values that say: not secret. Every other one, and none, is treated as secret",
        ),
        "secret.closed": ("", "Values known to say: secret"),
        "secret.none": ("", "Instead of these: who says that this source holds no secrets"),
        "secret.persons": (
            "",
            "Beside `none`: how the source flags natural persons, who are refused",
        ),
        "secret.persons.field": ("", "Path of the flag, as above"),
        "secret.persons.open": (
            "",
            "Values that say: no natural person. Every other one is refused",
        ),
        "secret.persons.closed": ("", "Values known to say: a natural person"),
        "required": ("", "Fields without which this mapping sets a record aside"),
        "back": (
            "",
            "How rows learn what became of them: options of the connector that writes it",
        ),
        "back.via": ("the connector that reads", "Another connector of the same system"),
        "shape": (
            "`hold` for what may empty values",
            "What is done about each kind of change of the source",
        ),
        "parent": ("`project`", "Entity whose record must be known first; `none` for none"),
        "fields": ("", "Shared field -> `from` (path or paths) with `use` (verbs), or `const`"),
        "files": ("", "Mapped field -> the files that it names ([fetch.md](flow/fetch.md))"),
    },
    "push": {
        "entity": ("", "Name of the schema whose records go out"),
        "via": ("the system's `connector`", "Another connector of the same system"),
        "write": ("", "Options of the connector for writing ([connectors.md](connectors.md))"),
        "write.batch": ("`100`", "Records a call"),
        "when": (
            "every record",
            "Values by path that a record must have; `{present: true}` for any value",
        ),
        "after": (
            "",
            "Entity whose record of the same project the partner must have confirmed first",
        ),
        "form": ("", "Prefilled form that is handed over instead of bare fields"),
        "reader": ("", "Account as which the form is read"),
        "required": ("", "Paths without which a record is withheld"),
        "key": ("", "Fields that identify the record at the partner"),
        "fields": (
            "",
            "The partner's field -> `from` (path or paths) with `use` (verbs), or `const`",
        ),
        "files": ("", "Field whose file goes along -> `name`, `hash` ([fetch.md](flow/fetch.md))"),
    },
}

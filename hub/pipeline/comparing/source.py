"""Reconciliation of a source: lists what the partner holds and compares it with our heads.

Records missing here are taken in. Absence is concluded from a complete listing only.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from hub.contract import Digesting
from hub.db import landing, runs
from hub.db.landing import LandingHead
from hub.db.reconciliation import differences, sightings
from hub.db.reconciliation.differences import Met
from hub.db.reconciliation.sightings import Sighting
from hub.domain.contracts import PullFlow
from hub.domain.cursor import since
from hub.domain.payload import is_unread
from hub.errors import FlowError, RecordError, TransientError
from hub.model import Bucketing, Json, Listed, Page, Raw
from hub.pipeline import apply, connector_boundary, files, secret_records
from hub.pipeline.batch_holding import content_hash
from hub.pipeline.comparing import repair
from hub.pipeline.comparing.comparison import PORTION, Comparison

BUCKETS = 16_384


@dataclass(frozen=True, slots=True)
class DifferingRecord:
    """A record that the partner shows otherwise. landing_id: of our head when compared, if any."""

    key: str
    version: str
    raw: Raw
    landing_id: int | None

    @property
    def found(self) -> dict[str, Json]:
        """Facts of the difference, no values: its position, whether our version is another."""
        return {"position": self.raw.position, "known": self.landing_id is not None}


class SourceComparison:
    """One night's comparison of one pull flow."""

    def __init__(self, work: Comparison[PullFlow]) -> None:
        self._work = work
        self._flow = work.flow
        self._candidates: dict[str, DifferingRecord] = {}
        with work.database.write() as tx:
            self._progress = sightings.begin(tx, work.flow.name)

    def run(self) -> None:
        """Compare within the night's budget and repair; a complete listing settles absences."""
        try:
            complete = self._list()
        except (TransientError, connector_boundary.ReadingFullError):
            # repair what was listed so far: the next night resumes behind it
            self._conclude()
            raise
        except FlowError:
            with self._work.database.write() as tx:
                sightings.move(tx, self._flow.name, {})
            raise
        self._conclude()
        if complete:
            with self._work.database.write() as tx:
                sightings.finish(tx, self._flow.name)
            self._settle_absent()

    @property
    def _compared(self) -> int:
        return self._work.counts.total() + len(self._candidates)

    def _list(self) -> bool:
        """Compare by bucket checksums where offered, else by page; True at the listing's end."""
        connector = self._work.connector
        if isinstance(connector, Digesting):
            by = Bucketing(self._flow.key, self._flow.ignore, BUCKETS)
            theirs = connector_boundary.translated(
                self._flow.system.name, lambda: connector.digests(self._flow.read, by)
            )
            if theirs is not None:
                return self._by_digests(connector, by, theirs)
        return self._by_pages()

    def _by_digests(
        self, connector: Digesting, by: Bucketing, theirs: Mapping[int, tuple[int, int]]
    ) -> bool:
        with self._work.database.read() as tx:
            ours = sightings.digests(tx, self._flow.name)
        unequal = sorted(
            bucket
            for bucket in ours.keys() | theirs.keys()
            if ours.get(bucket) != theirs.get(bucket)
        )
        self._work.count("same", sum(theirs[bucket][0] for bucket in theirs.keys() - set(unequal)))
        least, most = self._compared, self._work.settings.reconcile_records
        contents = connector_boundary.contents(
            connector, self._flow, self._work.settings, by, unequal
        )
        for portion in _portions(contents, min(PORTION, most)):
            if self._compared - least >= most:
                return False
            self._compare(portion)
        with self._work.database.write() as tx:
            sightings.forget_unlisted(tx, self._flow.name, self._progress.sweep, unequal)
        return True

    def _by_pages(self) -> bool:
        place, last = self._progress.place.get("resume"), False
        for page in self._pages(since=None, resume=place):
            last = page.last
            self._compare([Listed(raw) for raw in page.records])
            with self._work.database.write() as tx:
                sightings.move(tx, self._flow.name, {"resume": page.resume})
            if self._compared >= self._work.settings.reconcile_records:
                break
        if last:
            with self._work.database.write() as tx:
                sightings.forget_unlisted(tx, self._flow.name, self._progress.sweep, None)
        return last

    def _pages(self, *, since: str | int | None, resume: Json) -> Iterator[Page]:
        """The partner's pages, decoded as intake decodes them."""
        work, flow = self._work, self._flow
        return connector_boundary.pages(
            work.connector, flow, work.settings, since=since, resume=resume
        )

    def _compare(self, listed: Sequence[Listed]) -> None:
        """Compare a portion with the heads: note equal records, keep others as candidates."""
        flow, work = self._flow, self._work
        hashes = [self._hash(one.raw) for one in listed]
        with work.database.write() as tx:
            known = sightings.heads_with(tx, flow.name, hashes)
            own = landing.heads_by_key(
                tx, flow.name, [key for one in listed if (key := one.raw.withheld)]
            )
            named = {
                digest: self._named(one.raw, digest, own)
                for one, digest in zip(listed, hashes, strict=True)
                if digest not in known
            }
            heads = landing.heads_by_key(tx, flow.name, [key for key, _ in named.values()])
            seen: dict[str, Sighting] = {}
            for one, digest in zip(listed, hashes, strict=True):
                same = known.get(digest)
                sighting = (
                    self._same(one, same) if same else self._other(one, *named[digest], heads)
                )
                seen[sighting.key] = sighting.with_rows_before(seen.get(sighting.key))
            sightings.put(tx, flow.name, self._progress.sweep, seen.values())
            differences.gone(
                tx, flow.name, [key for key, sighting in seen.items() if sighting.basis is not None]
            )
        if work.strange(len(self._candidates), self._compared):
            work.refuse_strangeness(len(self._missing()), self._compared)

    def _same(self, one: Listed, head: LandingHead) -> Sighting:
        self._work.count("mapping_fault" if head.state == "quarantined" else "same")
        return Sighting(
            head.key, head.landing_id, set_back=False, bucket=one.bucket, checksum=one.checksum or 0
        )

    def _other(
        self, one: Listed, key: str, version: str, heads: Mapping[str, LandingHead]
    ) -> Sighting:
        """Sighting of a differing record: a candidate where newer than ours or unknown here."""
        head, rival = heads.get(key), self._candidates.get(key)
        set_back = head is not None and bool(version) and version < head.version
        if set_back or rival is not None:
            self._work.count("superseded")
        if not set_back and (rival is None or version >= rival.version):
            self._candidates[key] = DifferingRecord(
                key, version, one.raw, head.landing_id if head else None
            )
        return Sighting(key, None, set_back=set_back, bucket=one.bucket, checksum=one.checksum or 0)

    def _hash(self, raw: Raw) -> bytes:
        """The content hash by which intake compares records."""
        return content_hash(self._flow, self._work.settings, raw.payload)

    def _named(self, raw: Raw, digest: bytes, standing: Collection[str] = ()) -> tuple[str, str]:
        """(key, version) as intake would store it; standing: keys with a head."""
        stand_in = secret_records.under(raw, apply.stand_in(raw, digest), standing)
        if len(raw.payload) > self._work.settings.payload_bytes and not is_unread(raw.payload):
            return stand_in, ""
        try:
            mapped = self._flow.mapper.map(self._flow.fields(raw.payload))
        except RecordError:
            return stand_in, ""
        mapped = apply.named(self._flow, mapped, stand_in)
        return mapped.key, mapped.version

    def _missing(self) -> list[DifferingRecord]:
        """Candidates that the next pull would not bring by itself."""
        late = self._late
        return (
            []
            if late is None
            else [one for key, one in self._candidates.items() if key not in late]
        )

    @cached_property
    def _late(self) -> set[str] | None:
        """Keys that the next pull reads anyway; None where it reads the whole source."""
        cursor = self._work.run.cursor
        if since(cursor) is None or cursor.get("resume") is not None:
            return None
        work, flow = self._work, self._flow
        with work.database.write() as tx:
            contract = runs.contract_id(tx, flow.name, flow.contract, flow.text)
        pages = files.to_come(
            work.database, flow, work.connector, work.settings, contract=contract, cursor=cursor
        )
        raws = [raw for page in pages for raw in page.records]
        return {self._named(raw, self._hash(raw))[0] for raw in raws} | {
            raw.withheld for raw in raws if raw.withheld
        }

    def _conclude(self) -> None:
        """Store the candidates; take in what is missing here, by the system's rule."""
        missing = self._missing()
        self._work.refuse_strangeness(len(missing), self._compared)
        for one in missing:
            del self._candidates[one.key]
        late = list(self._candidates.values())
        self._candidates.clear()
        self._work.count("lag", len(late))
        self._work.count("missing_here", len(missing))
        with self._work.database.write() as tx:
            if self._late is not None:
                self._work.note(tx, [Met(one.key, "lag", one.found) for one in late])
            open_ = self._work.note(
                tx, [Met(one.key, "missing_here", one.found) for one in missing]
            )
        chosen = [one for one in missing if one.key in open_]
        if chosen and self._work.may_repair(
            self._flow.system.reconcile.missing_here, [one.key for one in chosen]
        ):
            repair.take_in(self._work, chosen)

    def _settle_absent(self) -> None:
        """Settle what a complete listing lacked: set back by its owner, or withdrawn.

        Withdrawn only once the number of listings without it reaches the limit.
        """
        work, flow = self._work, self._flow
        with work.database.read() as tx:
            absent = sightings.absent(tx, flow.name, began=self._progress.began)
            alive = sightings.live(tx, flow.name)
        work.refuse_strangeness(len(absent), alive)
        back, gone = (
            [one for one in absent if one.set_back],
            [one for one in absent if not one.set_back],
        )
        work.count("foreign_edit", len(back))
        work.count("missing_there", len(gone))
        with work.database.write() as tx:
            met = work.note(
                tx, [Met(one.key, "foreign_edit", {"version": one.version}) for one in back]
            )
            times = work.note(tx, [Met(one.key, "missing_there", {}) for one in gone])
            differences.turn(tx, flow.name, list(met), "queued")
        sure = [one for one in gone if times.get(one.key, 0) >= work.settings.reconcile_absences]
        if sure and work.may_repair(flow.system.reconcile.missing_there, [one.key for one in sure]):
            repair.withdraw(work, sure, times)


def _portions(listed: Iterable[Listed], size: int) -> Iterator[list[Listed]]:
    """Portions of at least `size` records; consecutive records of one bucket stay together."""
    portion: list[Listed] = []
    for _, bucket in groupby(listed, key=lambda one: one.bucket):
        portion.extend(bucket)
        if len(portion) >= size:
            yield portion
            portion = []
    if portion:
        yield portion

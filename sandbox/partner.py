"""What every partner of the sandbox is: a part of the world, a protocol, a memory and a fault
switch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from sandbox.faults import FAULTS, FaultSwitch
from sandbox.state import Record, State
from sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line and the environment say to a partner."""

    world: World
    port: int
    user: str
    secret: str
    sftp_port: int | None = None
    database_url: str | None = None
    state: Path | None = None
    host: str = "127.0.0.1"


class UnknownRecordError(LookupError):
    """The partner offers no such resource or record."""

    def __init__(self, resource: str, key: str) -> None:
        super().__init__(f"{resource}: {key}")


class Partner:
    """Base of all partners. A partner module names its class `PARTNER`."""

    name: str
    faults_known: frozenset[str] = frozenset(FAULTS)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.world = settings.world
        self.faults = FaultSwitch(self.faults_known)
        self.state = State(settings.state)

    @property
    def tick(self) -> int:
        return int(self.state.setting("tick") or 0)

    def move_to(self, tick: int) -> None:
        """Let the world move on to a tick; a partner that keeps tables or files overrides this to
        add to them.
        """
        self.state.set_setting("tick", str(tick))

    def mount(self, app: FastAPI) -> None:
        """Add the routes of the protocol, if it is one over HTTP."""

    async def start(self) -> None:
        """Open servers and databases of one's own; called before the HTTP port answers."""

    async def stop(self) -> None:
        """Close them again."""
        self.state.close()

    def resource_at(self, path: str) -> str | None:
        """Name the resource that a path of the protocol stands for: where HTTP faults strike."""
        parts = path.strip("/").split("/")
        return parts[1] if len(parts) > 1 else None

    def shared(self) -> dict[str, int]:
        """Count what is offered now, by resource."""
        raise NotImplementedError

    def received(self, resource: str) -> list[Record]:
        """List what the hub has given, each with how often it was `applied`."""
        return self.state.received(resource)

    def keep_checkpoint(self, text: str) -> None:
        """Keep what the hub says of the end of its ledger: one line a seal, the first word of it
        stands.
        """
        kept = self.checkpoints()
        number = json.loads(text)["seal"]
        if all(json.loads(line)["seal"] != number for line in kept):
            self.state.set_setting("checkpoints", "\n".join([*kept, text]))

    def checkpoints(self) -> list[str]:
        """The ends of the hub's ledger that have come with its deliveries, oldest first."""
        return (self.state.setting("checkpoints") or "").splitlines()

    def edit(self, resource: str, key: str, changes: Mapping[str, object]) -> None:
        """Change a record at the source; a null removes the field. Raises UnknownRecordError."""
        raise NotImplementedError

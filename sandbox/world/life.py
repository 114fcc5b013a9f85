"""The world: one life for each index, built when it is asked for."""

from datetime import datetime

from sandbox.world import (
    agencies,
    clock,
    environment,
    handling,
    project,
    reform,
    results,
    services,
    sites,
    trading,
)
from sandbox.world.chance import Chance, mixed
from sandbox.world.codes import CodeBook
from sandbox.world.life_record import Life
from sandbox.world.plan import plan
from sandbox.world.project import Fate
from sandbox.world.records import Need, Party, Project
from sandbox.world.scene import Scene, approvals

BEYOND = 6  # some projects are over before tick 0
ENDS_ONE_IN = 20
KEPT_LIVES = 1_000
FATES = {0: Fate.VOID, 1: Fate.WITHDRAWN}
ROLES_BY_ITEM = {
    "drawing_review": ("survey", "design"),
    "construction_permit": ("construction", "supervision"),
}


class World:
    """Projects 0 .. size-1, each a pure function of the seed, its index and the tick."""

    def __init__(self, *, seed: int = 1, projects: int = 0) -> None:
        """`projects=0` gives exactly the published codes, right and wrong."""
        self.seed = seed
        self.codes = CodeBook(seed=seed, projects=projects)
        self._lives: dict[tuple[int, int], Life] = {}

    @property
    def size(self) -> int:
        return self.codes.size

    def code(self, index: int) -> str:
        return self.codes.at(index).code

    def index_of(self, code: str) -> int | None:
        """Find a project by its code; without a list, so that a million projects cost nothing."""
        return self.codes.index_of(code)

    def updated_at(self, index: int, *, tick: int) -> datetime:
        """Give the update time of a project's basics without building them."""
        draw = mixed(self.seed, index)
        return clock.changed_at(
            draw, tick=tick, registered=clock.registered_on(self.code(index), draw)
        )

    def project(self, index: int, *, tick: int) -> Project:
        """Give the basics alone."""
        registered, draw = self.codes.at(index), mixed(self.seed, index)
        day = clock.registered_on(registered.code, draw)
        version = clock.changes(draw, tick)
        times = project.Times(
            registered_on=day,
            version=version,
            updated_at=clock.changed_at(draw, tick=tick, registered=day),
            fate=FATES.get(draw // clock.CHANGE_EVERY % ENDS_ONE_IN, Fate.ALIVE)
            if version
            else Fate.ALIVE,
        )
        return project.project(registered, times, seed=self.seed, index=index)

    def needs(self, basics: Project) -> tuple[Need, ...]:
        """Give what a project will want of the utilities."""
        return () if basics.malformed else tuple(services.needs(basics, seed=self.seed))

    def life(self, index: int, *, tick: int) -> Life:
        """Give all that has happened to a project up to a tick; a small world's lives are kept for
        its partners.
        """
        life = self._lives.get((index, tick))
        if life is None:
            life = self._life(index, tick=tick)
            if len(self._lives) >= KEPT_LIVES:
                # in place of an order of age: partners go through all lives of a tick
                self._lives = {}
            if self.size <= KEPT_LIVES:
                self._lives[index, tick] = life
        return life

    def _life(self, index: int, *, tick: int) -> Life:
        basics = self.project(index, tick=tick)
        if basics.malformed:
            return Life(project=basics)
        scene = self._scene(basics, tick)
        begun = list(handling.begun(scene))
        return Life(
            project=basics,
            needs=scene.needs,
            parties=_parties(scene),
            unit_works=tuple(results.unit_works(scene)),
            stages=tuple(handling.stages(scene)),
            items=tuple(handling.item(scene, *one) for one in begun),
            steps=tuple(step for one in begun for step in handling.steps(scene, *one)),
            consultations=tuple(
                opinion for one in begun for opinion in handling.consultations(scene, *one)
            ),
            special_procedures=tuple(
                special for one in begun for special in handling.special_procedures(scene, *one)
            ),
            documents=tuple(
                document for one in begun for document in results.documents(scene, *one)
            ),
            construction_permits=tuple(results.construction_permits(scene)),
            materials=tuple(
                material for one in begun for material in handling.materials(scene, *one)
            ),
            fire_cases=tuple(
                services.fire_case(scene, *one)
                for one in begun
                if one[0].kind.key in services.FIRE_KINDS
            ),
            parcels=tuple(results.parcels(scene)),
            registrations=tuple(results.registrations(scene)),
            connections=tuple(services.connections(scene)),
            completion_filings=tuple(results.completion_filings(scene)),
            eias=tuple(environment.eias(scene)),
            tenders=tuple(trading.tenders(scene)),
            land_deals=tuple(trading.land_deals(scene)),
            orders=tuple(agencies.orders(scene)),
            inspections=tuple(sites.inspections(scene)),
            site_persons=tuple(sites.site_persons(scene)),
            flows=(reform.flow(scene),),
            engineerings=tuple(reform.engineerings(scene)),
            commitments=tuple(
                promise for one in begun for promise in reform.commitments(scene, *one)
            ),
            acceptances=tuple(reform.acceptances(scene)),
            papers=tuple(reform.papers(scene)),
            sales=tuple(reform.sales(scene)),
        )

    def _scene(self, basics: Project, tick: int) -> Scene:
        chance = Chance(self.seed, basics.index, 3)
        situations = () if basics.linear else services.situations(chance, basics.floor_area)
        needs = self.needs(basics)
        utilities = [need.utility for need in needs]
        planned = plan(
            chance, special=bool(situations), with_land=basics.nature == 0, utilities=utilities
        )
        timeline = clock.Timeline.of(
            planned.gaps,
            wanted=min(chance.number(0, len(planned.gaps) + BEYOND), len(planned.gaps)),
            registered=basics.registered_on,
            draw=mixed(self.seed, basics.index, 4),
            tick=tick,
        )
        use = project.use_of(self.codes.at(basics.index), seed=self.seed, index=basics.index)
        return Scene(
            self.seed,
            basics,
            needs,
            planned,
            timeline,
            situations,
            use,
            approvals(planned, timeline),
        )


def _parties(scene: Scene) -> tuple[Party, ...]:
    """Give the units with a role: each joins with the item that first names it."""
    joined = [role for key, roles in ROLES_BY_ITEM.items() if scene.issued(key) for role in roles]
    return (scene.project.owner, *(scene.party(role) for role in joined))

"""What is planted: violations of every built indicator, and near misses of every kind."""

from collections.abc import Callable
from datetime import date, timedelta

from hub.model import Json
from tests.supervision.planting import TODAY, Project, World, handled, passed
from tests.supervision.workdays import DAY, after, at, close, later

Shape = Callable[[World, Project], None]
FAR: dict[str, Json] = {"splclx": 1}
"""A project of government investment: its cap of 85 days leaves room for what runs long."""


def overdue(days: int, minutes: int, outcome: str, **item: Json) -> Shape:
    """An item of 10 days that is passed so many working days, and minutes, after its first."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = (
            close(later(begun, days)) if not minutes else after(close(later(begun, days)), minutes)
        )
        number = passed(world, project, begun, over, **{"sxblsx": 10, **item})
        world.expect(project, "item_overdue", number, outcome)

    return plant


def running(days: int, outcome: str, **item: Json) -> Shape:
    """An item of 10 days that runs since so many working days."""

    def plant(world: World, project: Project) -> None:
        begun = later(TODAY, -days)
        steps = [("1", at(begun, "09:30")), ("3", at(begun, "09:30"))]
        number = world.item(project, steps, **{"sxblsx": 10, **item})
        world.expect(project, "item_overdue", number, outcome)

    return plant


def paused(world: World, project: Project) -> None:
    """Ten days and a supplement over the holiday of October: in time, to the minute."""
    begun = date(2026, 9, 16)
    over = close(
        date(2026, 10, 13)
    )  # 17, 18, 20 to 23 September; 9, 10 (a Saturday), 12, 13 October
    steps = [("1", at(begun, "10:00")), ("3", at(begun, "10:00"))]
    steps += [("6", close(date(2026, 9, 23))), ("7", at(date(2026, 10, 9), "09:00")), ("11", over)]
    number = world.item(project, steps, sxblsx=10)
    world.document(project, number, over.date())
    world.expect(project, "item_overdue", number, "clear")
    world.expect(project, "repeated_supplement", number, "clear")


def ended_otherwise(status: str) -> Shape:
    """An item of 10 days that ended after 15 and was not passed."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = close(later(begun, 15))
        number = world.item(project, handled(world, begun, (status, over)), sxblsx=10)
        world.expect(project, "item_overdue", number, "none")

    return plant


def never_accepted(world: World, project: Project) -> None:
    begun = world.day()
    number = world.item(project, [("1", world.time(begun)), ("11", close(later(begun, 3)))])
    world.document(project, number, later(begun, 3))
    world.expect(project, "item_overdue", number, "not_judged:sound")


def nobody(world: World, project: Project) -> None:
    """Late, and by an office that nobody knows: seen, and of no unit."""
    begun = world.day()
    over = close(later(begun, 13))
    number = passed(world, project, begun, over, sxblsx=10, spbmmc="某开发区管理委员会")
    world.expect(project, "item_overdue", number, "red", None)


def stage_overdue(days: int, minutes: int, outcome: str, ordinal: str = "3") -> Shape:
    """A stage (3: a limit of 18 days) with one item, ended so long after its beginning."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = (
            close(later(begun, days)) if not minutes else after(close(later(begun, days)), minutes)
        )
        ended = over.replace(tzinfo=None).isoformat()
        stage = world.stage(project, ordinal, at(begun, "09:00"), bjsj=ended)
        passed(world, project, begun, over, blspslbm=stage, sxblsx=60)
        world.expect(project, "stage_overdue", stage, outcome)

    return plant


def stage_idle(world: World, project: Project) -> None:
    """All that was filed has ended, the stage has not: it waits for the applicant."""
    begun = later(TODAY, -30)
    stage = world.stage(project, "3", at(begun, "09:00"))
    passed(world, project, begun, close(later(begun, 5)), blspslbm=stage)
    world.expect(project, "stage_overdue", stage, "none")
    world.expect(project, "long_unfinished_stage", stage, "none")


def stage_runs(world: World, project: Project) -> None:
    begun = later(TODAY, -20)
    stage = world.stage(project, "3", at(begun, "09:00"))
    steps = [("1", at(begun, "09:30")), ("3", at(begun, "09:30"))]
    world.item(project, steps, blspslbm=stage, sxblsx=60)
    world.expect(project, "stage_overdue", stage, "red")


def stage_without_limit(world: World, project: Project) -> None:
    begun = world.day()
    over = close(later(begun, 25))
    stage = world.stage(
        project, "3", at(begun, "09:00"), bjsj=over.replace(tzinfo=None).isoformat()
    )
    passed(world, project, begun, over, blspslbm=stage, sxblsx=60)
    world.expect(project, "stage_overdue", stage, "not_judged:limit_days")


def project_overdue(days: int, minutes: int, outcome: str) -> Shape:
    """A project (its cap is 65 days) of one item, finished at its source on the day after it."""

    def plant(world: World, project: Project) -> None:
        begun = world.day("2026-01-05", "2026-05-15")
        over = (
            close(later(begun, days)) if not minutes else after(close(later(begun, days)), minutes)
        )
        passed(world, project, begun, over, sxblsx=None)
        finished = f"{over.date() + DAY}T00:00:00"
        row = next(row for row in world.rows["project"] if row["xmdm"] == project.code)
        row |= {"xmsfwqbj": 1, "xmwqbjsj": finished}
        world.expect(project, "project_overdue", project.code, outcome, None)

    return plant


def project_without_cap(world: World, project: Project) -> None:
    project_overdue(70, 0, "not_judged:limit_days")(world, project)


def consulted(days: int | None, minutes: int, outcome: str, *, asked: bool = True) -> Shape:
    """A department that is asked (it has 5 days) answers so long after; None: it has not yet."""

    def plant(world: World, project: Project) -> None:
        begun = later(TODAY, -8) if days is None else world.day()
        over = None
        if days is not None:
            over = close(later(begun, days))
            over = after(over, minutes) if minutes else over
        if over is None:
            number = world.item(
                project, [("1", at(begun, "09:30")), ("3", at(begun, "09:30"))], sxblsx=60
            )
        else:
            number = passed(world, project, begun, close(later(over.date(), 1)), sxblsx=60)
        world.consultation(project, number, at(begun, "10:00") if asked else None, over)
        unit = project.unit("environment")[0]
        world.expect(project, "consultation_overdue", number, outcome, unit)

    return plant


def instant(minutes: int, outcome: str, status: str = "11", **item: Json) -> Shape:
    """An item that is ended so many worked minutes after it was accepted, over noon or night."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        moment = at(begun, world.random.choice(("09:05", "11:50", "14:10", "17:20")))
        over = after(moment, minutes)
        number = world.item(project, [("1", moment), ("3", moment), (status, over)], **item)
        world.document(project, number, over.date())
        world.expect(project, "instant_approval", number, outcome)

    return plant


def whole_days(world: World, project: Project) -> None:
    """A source that says days for moments: no minutes can be told."""
    begun = at(world.day(), "00:00")
    number = world.item(project, [("1", begun), ("3", begun), ("11", begun)])
    world.document(project, number, begun.date())
    world.expect(project, "instant_approval", number, "not_judged:work_minutes")


def returned(
    gaps: tuple[int, ...], outcome: str, *, statuses: str = "13", codes: str = "", offices: str = ""
) -> Shape:
    """Items of one project returned one after another, so many days apart.

    codes, offices: a digit for each item; the same digit: the same standard item, the same office.
    """

    def plant(world: World, project: Project) -> None:
        first = date(2025, 10, 9)  # a Thursday on which offices were open
        some = ("housing", "land")
        day, code, office = first, "0070001", "housing"
        last = ""
        for n, gap in enumerate((0, *gaps)):
            day += timedelta(days=gap)
            code = f"007000{codes[n]}" if codes else "0070001"
            office = some[int(offices[n])] if offices else "housing"
            status = "4" if statuses == "4" and n == 0 else statuses
            moment = at(day, "10:00")
            steps = [("1", moment), ("3", moment), (status, after(moment, 70))]
            world.item(project, steps, office=office, dybzspsxbm=code, sxblsx=60)
            last = f"{project.code}|{project.unit(office)[0]}|{code}"
        world.expect(project, "repeated_return", last, outcome, project.unit(office)[0])

    return plant


def returned_unknown(lacks: str) -> Shape:
    def plant(world: World, project: Project) -> None:
        changes = {"standard_code": {"dybzspsxbm": None}, "unit": {"spbmmc": "某开发区管理委员会"}}
        begun = world.day()
        for days in (1, 9):
            moment = at(later(begun, days), "10:00")
            steps = [("1", moment), ("3", moment), ("13", after(moment, 90))]
            world.item(project, steps, **{"dybzspsxbm": "0090001"} | changes[lacks])
        unit = "" if lacks == "unit" else project.unit()[0]
        code = "" if lacks == "standard_code" else "0090001"
        subject = f"{project.code}|{unit}|{code}"
        world.expect(project, "repeated_return", subject, f"not_judged:{lacks}", unit or None)

    return plant


def supplements(times: int, *, accepted: bool, twice_said: bool = False) -> Shape:
    """Supplements asked for so often, before or after acceptance; twice_said: the source says the
    asking once more before the applicant has answered.
    """

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        steps = [("1", at(begun, "09:30"))]
        steps += [("3", at(begun, "10:00"))] if accepted else []
        day = begun
        for _ in range(times):
            steps.append(("6", at(later(day, 1), "09:30")))
            if twice_said:
                steps.append(("6", at(later(day, 1), "15:00")))
            steps.append(("7", at(later(day, 2), "09:30")))
            day = later(day, 2)
        steps += [] if accepted else [("3", at(day, "10:30"))]
        over = close(later(day, 4))
        number = world.item(project, [*steps, ("11", over)], sxblsx=15)
        world.document(project, number, over.date())
        level = {1: "clear", 2: "yellow", 3: "red"}[times]
        world.expect(project, "repeated_supplement", number, level)
        world.expect(project, "repeated_pause", number, level if accepted else "none")

    return plant


def certificate(days: int | None, outcome: str, hour: str = "10:00", **item: Json) -> Shape:
    """A document that is issued so many working days after its item was passed; None: none known."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = at(later(begun, 3), hour)
        number = world.item(project, handled(world, begun, ("11", over)), **item)
        if days is not None:
            world.document(project, number, later(over.date(), days))
        world.expect(project, "certificate_late", number, outcome)

    return plant


def procedures(times: int, outcome: str, *, told: str = "") -> Shape:
    """Special procedures after acceptance. told: when a record tells of each beside the steps."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        steps = [("1", at(begun, "09:30")), ("3", at(begun, "10:00"))]
        day, starts = begun, []
        for _ in range(times):
            starts.append(at(later(day, 1), "14:00"))
            steps += [("9", starts[-1]), ("10", at(later(day, 3), "09:30"))]
            day = later(day, 3)
        over = close(later(day, 3))
        number = world.item(project, [*steps, ("11", over)])
        world.document(project, number, over.date())
        for start in starts if told else ():
            world.procedure(project, number, at(start.date(), told), 20)
        world.expect(project, "repeated_pause", number, outcome)

    return plant


def long_pause(days: int, minutes: int, outcome: str, limit: int | None = 10) -> Shape:
    """A special procedure of 10 days that takes so long."""

    def plant(world: World, project: Project) -> None:
        begun = world.day("2026-01-05", "2026-07-31")
        start = at(later(begun, 1), "10:00")
        ends = close(later(start.date(), days))
        ends = after(ends, minutes) if minutes else ends
        over = close(later(ends.date(), 2))
        steps = [("1", at(begun, "09:30")), ("3", at(begun, "10:00")), ("9", start), ("10", ends)]
        number = world.item(project, [*steps, ("11", over)])
        world.document(project, number, over.date())
        if limit is not None or outcome == "told":
            world.procedure(project, number, start, limit)
        world.expect(project, "long_pause", number, outcome)

    return plant


def still(days: int, minute: int, outcome: str, *, waits: str = "") -> Shape:
    """An item of which nothing has been heard for so many working days, and minutes less."""

    def plant(world: World, project: Project) -> None:
        last = close(later(TODAY, -days)) + timedelta(minutes=-1 if minute else 0)
        last = after(last, 2) if minute else last  # a minute of the next working day
        begun = later(last.date(), -1)
        steps = [("1", at(begun, "09:30")), ("3", at(begun, "09:30")), (waits or "8", last)]
        number = world.item(project, steps, sxblsx=150)
        world.expect(project, "long_unfinished", number, outcome)

    return plant


def still_stage(days: int, outcome: str) -> Shape:
    def plant(world: World, project: Project) -> None:
        last = close(later(TODAY, -days))
        begun = later(last.date(), -1)
        stage = world.stage(project, "1", at(begun, "09:00"))
        steps = [("1", at(begun, "09:30")), ("3", at(begun, "09:30")), ("8", last)]
        number = world.item(project, steps, sxblsx=150, blspslbm=stage)
        world.expect(project, "long_unfinished_stage", stage, outcome)
        if outcome == "yellow":
            world.expect(project, "long_unfinished", number, outcome)

    return plant


def answered(days: int | None, minutes: int, outcome: str, status: str = "3") -> Shape:
    """An application that is answered so many working days after receipt; None: not yet."""

    def plant(world: World, project: Project) -> None:
        if days is None:
            number = world.item(project, [("1", at(later(TODAY, -7), "10:00"))])
            world.expect(project, "prereview_long", number, outcome)
            return
        begun = world.day()
        answer = close(later(begun, days))
        answer = after(answer, minutes) if minutes else answer
        over = close(later(answer.date(), 5))
        steps = [("1", at(begun, "10:00")), (status, answer)]
        steps += [("11", over)] if status == "3" else []
        number = world.item(project, steps)
        if status == "3":
            world.document(project, number, over.date())
        world.expect(project, "prereview_long", number, outcome)

    return plant


def compressed(prepared: int, used: int, minutes: int, outcome: str, **item: Json) -> Shape:
    """Received, asked at once for a supplement that is there the next day, prepared for days,
    then accepted and passed in `used` days of the ten it may take.
    """

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        accepted = at(later(begun, prepared + 1), "10:00")
        over = close(later(accepted.date(), used))
        over = after(over, minutes) if minutes else over
        steps = [("1", at(begun, "10:00")), ("6", at(begun, "10:00"))]
        steps += [("7", at(later(begun, 1), "10:00")), ("3", accepted), ("11", over)]
        number = world.item(project, steps, **{"sxblsx": 10, **item})
        world.document(project, number, over.date())
        world.expect(project, "surface_compression", number, outcome)

    return plant


def before(accepted: date, issued: date, outcome: str) -> Shape:
    """A document dated so, of an item accepted on that day."""

    def plant(world: World, project: Project) -> None:
        over = close(later(accepted, 3))
        number = world.item(project, handled(world, accepted, ("11", over)))
        paper = world.document(project, number, issued)
        world.expect(project, "outside_before", paper, outcome)

    return plant


def stray(world: World, project: Project) -> None:
    """A document of an item that nobody has shared: nothing is said of it."""
    begun = world.day()
    paper = world.document(project, f"SL{world.number()}", begun)
    world.expect(project, "outside_before", paper, "none")


def paper_of_unaccepted(world: World, project: Project) -> None:
    begun = world.day()
    number = world.item(project, [("1", world.time(begun)), ("11", close(later(begun, 3)))])
    paper = world.document(project, number, begun)
    world.expect(project, "outside_before", paper, "not_judged:accepted_at")


def rounds(round_: int | None, outcome: str, *, over: bool = True) -> Shape:
    def plant(world: World, project: Project) -> None:
        begun = world.day()
        ended = close(later(begun, 4)) if over else None
        number = world.acceptance(project, at(begun, "10:00"), ended, yslc=round_)
        world.expect(project, "acceptance_rounds", number, outcome)
        world.expect(project, "acceptance_days", number, "clear" if over else "red")

    return plant


def accepted_in(days: int, minutes: int, outcome: str) -> Shape:
    """A joint acceptance (the deployment says 12 days) that takes so long."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = close(later(begun, days))
        over = after(over, minutes) if minutes else over
        number = world.acceptance(project, at(begun, "10:00"), over)
        world.expect(project, "acceptance_days", number, outcome)

    return plant


def acceptance_unknown(world: World, project: Project) -> None:
    number = world.acceptance(project, None, close(world.day()))
    world.expect(project, "acceptance_days", number, "not_judged:accepted_at")


def entered(days: int, minutes: int, outcome: str) -> Shape:
    """A step that is entered so long after it happened."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        over = close(later(begun, 3))
        number = world.item(project, handled(world, begun, ("11", over)))
        world.document(project, number, over.date())
        late = close(later(over.date(), days))
        late = after(late, minutes) if minutes else late
        row = world.rows["step"][-1]
        row["gxsj"] = late.replace(tzinfo=None).isoformat()
        world.expect(project, "late_entry", number, outcome)

    return plant


def side_by_side(spans: tuple[tuple[int, int], ...], outcome: str) -> Shape:
    """A stage of several items, each from one day to another."""

    def plant(world: World, project: Project) -> None:
        begun = world.day()
        last = max(until for _, until in spans)
        over = close(later(begun, last))
        ended = over.replace(tzinfo=None).isoformat()
        stage = world.stage(project, "3", at(begun, "09:00"), bjsj=ended)
        for since, until in spans:
            steps = [(s, at(later(begun, since), "09:30")) for s in ("1", "3")]
            steps.append(("11", at(later(begun, until), "16:00")))
            number = world.item(project, steps, blspslbm=stage)
            world.document(project, number, later(begun, until))
        world.expect(project, "nominal_parallel", stage, outcome)

    return plant


THURSDAY, FRIDAY, MONDAY = date(2026, 5, 21), date(2026, 5, 22), date(2026, 5, 25)
SATURDAY, WORKED_SATURDAY, AFTER_IT = date(2026, 5, 23), date(2026, 10, 10), date(2026, 10, 12)
IMMEDIATE, BY_COMMITMENT = {"bjlx": "即办件"}, {"sxgzcnzspqk": "1"}
UNKNOWN_KIND = {"bjlx": None}
PLANTS: dict[str, tuple[Shape, dict[str, Json]]] = {
    "overdue by a minute": (overdue(10, 1, "red"), {}),
    "overdue by half": (overdue(15, 0, "red"), {}),
    "overdue by more than half": (overdue(15, 1, "grave"), {}),
    "in time to the minute": (overdue(10, 0, "clear"), {}),
    "in time, early": (overdue(6, 0, "clear"), {}),
    "in time over a holiday": (paused, {}),
    "overdue without a limit": (overdue(20, 0, "not_judged:limit_days", sxblsx=None), {}),
    "overdue, never accepted": (never_accepted, {}),
    "overdue by nobody known": (nobody, {}),
    "running over": (running(12, "red"), {}),
    "running far over": (running(16, "grave"), {}),
    "running, nearly over": (running(9, "yellow"), {}),
    "running, eight of ten": (running(8, "yellow"), {}),
    "running, seven of ten": (running(7, "none"), {}),
    "running without a limit": (running(12, "not_judged:limit_days", sxblsx=None), {}),
    **{f"over, ended by {s}": (ended_otherwise(s), {}) for s in ("2", "5", "13", "14", "15")},
    "stage in time": (stage_overdue(18, 0, "clear"), {}),
    "stage a minute over": (stage_overdue(18, 1, "red"), {}),
    "stage far over": (stage_overdue(27, 1, "grave"), {}),
    "stage beside the others": (stage_overdue(30, 0, "none", "5"), {}),
    "stage idle": (stage_idle, {}),
    "stage running": (stage_runs, {}),
    "stage without a limit": (stage_without_limit, {"jsddxzqh": "140108"}),
    "project in its cap": (project_overdue(65, 0, "clear"), {}),
    "project a minute over": (project_overdue(65, 1, "red"), {}),
    "project far over": (project_overdue(98, 0, "grave"), {}),
    "project without a cap": (project_without_cap, {"jsddxzqh": "140108"}),
    "answer in time": (consulted(5, 0, "clear"), {}),
    "answer a minute late": (consulted(5, 1, "red"), {}),
    "answer twice as late": (consulted(10, 1, "grave"), {}),
    "no answer": (consulted(None, 0, "red"), {}),
    "answer to what is not known": (consulted(9, 0, "not_judged:accepted_at", asked=False), {}),
    "29 minutes": (instant(29, "red"), {}),
    "30 minutes": (instant(30, "yellow"), {}),
    "59 minutes": (instant(59, "yellow"), {}),
    "60 minutes": (instant(60, "clear"), {}),
    "two minutes, at once by rule": (instant(2, "excluded:immediate_list", **IMMEDIATE), {}),
    "two minutes, by commitment": (instant(2, "excluded:immediate_list", **BY_COMMITMENT), {}),
    "five minutes, kind unknown": (instant(5, "not_judged:handling_kind", **UNKNOWN_KIND), {}),
    "five minutes, refused": (instant(5, "none", "13"), {}),
    "whole days": (whole_days, {}),
    "returned twice": (returned((40,), "yellow"), {}),
    "returned three times": (returned((40, 60), "red"), {}),
    "not taken, then refused": (returned((40,), "yellow", statuses="5"), {}),
    "returned twice, a year to the day": (returned((365,), "yellow"), {}),
    "returned twice, a year and a day": (returned((366,), "clear"), {}),
    "returned twice, then once later": (returned((40, 366), "yellow"), {}),
    "returned once": (returned((), "clear"), {}),
    "returned twice, two items": (returned((40,), "clear", codes="12"), {}),
    "returned twice, two offices": (returned((40,), "clear", offices="01"), {}),
    "withdrawn twice": (returned((40,), "none", statuses="14"), {}),
    "returned, item unknown": (returned_unknown("standard_code"), {}),
    "returned by nobody known": (returned_unknown("unit"), {}),
    "one supplement": (supplements(1, accepted=True), {}),
    "two supplements": (supplements(2, accepted=True), {}),
    "three supplements": (supplements(3, accepted=True), {}),
    "two supplements before acceptance": (supplements(2, accepted=False), {}),
    "one supplement, said twice": (supplements(1, accepted=True, twice_said=True), {}),
    "document on the fifth day": (certificate(5, "clear"), {}),
    "document on the sixth day": (certificate(6, "yellow"), {}),
    "document on the sixth day after a late end": (certificate(6, "yellow", "17:30"), {}),
    "document on the tenth day": (certificate(10, "yellow", "09:00"), {}),
    "document on the eleventh day": (certificate(11, "red"), {}),
    "document on the same day": (certificate(0, "clear"), {}),
    "document that nobody shares": (certificate(None, "not_judged:certificate_days"), {}),
    "one procedure": (procedures(1, "clear"), {}),
    "two procedures": (procedures(2, "yellow"), {}),
    "three procedures": (procedures(3, "red"), {}),
    "one procedure, also told of": (procedures(1, "clear", told="14:00"), {}),
    "one procedure, told of an hour before": (procedures(1, "clear", told="13:00"), {}),
    "one procedure, told of by its day": (procedures(1, "clear", told="00:00"), {}),
    "one procedure, told of later that day": (procedures(1, "clear", told="16:00"), {}),
    "procedure in its days": (long_pause(10, 0, "clear"), {}),
    "procedure a minute over": (long_pause(10, 1, "yellow"), {}),
    "procedure twice over": (long_pause(20, 1, "red"), {}),
    "procedure of unknown days": (
        long_pause(15, 0, "not_judged:procedure_limit_days", None),
        {},
    ),
    "still for 30 days": (still(30, 0, "yellow"), FAR),
    "still for 30 days less a minute": (still(30, 1, "clear"), FAR),
    "still for 60 days": (still(60, 0, "red"), FAR),
    "still, the applicant's turn": (still(35, 0, "none", waits="6"), FAR),
    "stage still for 31 days": (still_stage(29, "clear"), FAR),
    "stage still for 30 days": (still_stage(30, "yellow"), FAR),
    "answered on the fifth day": (answered(5, 0, "clear"), {}),
    "answered a minute later": (answered(5, 1, "yellow"), {}),
    "answered on the tenth day and a minute": (answered(10, 1, "red"), {}),
    "not answered for seven days": (answered(None, 0, "yellow"), {}),
    "asked for more on the fourth day": (answered(4, 0, "clear", "6"), {}),
    "prepared for five days": (compressed(5, 2, 0, "yellow"), {}),
    "prepared for four days": (compressed(4, 2, 0, "none"), {}),
    "prepared, then a minute more": (compressed(5, 2, 1, "clear"), {}),
    "prepared, no limit": (compressed(5, 1, 0, "not_judged:limit_days", sxblsx=None), {}),
    "dated a working day before": (before(MONDAY, FRIDAY, "yellow"), {}),
    "dated two working days before": (before(MONDAY, THURSDAY, "red"), {}),
    "dated on the Saturday before": (before(MONDAY, SATURDAY, "clear"), {}),
    "dated on a worked Saturday": (before(AFTER_IT, WORKED_SATURDAY, "yellow"), {}),
    "dated on the day": (before(MONDAY, MONDAY, "clear"), {}),
    "document of an unknown item": (stray, {}),
    "document of an item never accepted": (paper_of_unaccepted, {}),
    "accepted at once": (rounds(1, "clear"), {}),
    "two rounds": (rounds(2, "yellow"), {}),
    "three rounds": (rounds(3, "red"), {}),
    "rounds unknown": (rounds(None, "not_judged:round"), {}),
    "rounds that go on": (rounds(2, "none", over=False), {}),
    "acceptance in its days": (accepted_in(12, 0, "clear"), {}),
    "acceptance a minute over": (accepted_in(12, 1, "red"), {}),
    "acceptance of unknown beginning": (acceptance_unknown, {}),
    "entered a day later": (entered(1, 0, "clear"), {}),
    "entered a day and a minute later": (entered(1, 1, "yellow"), {}),
    "entered three days and a minute later": (entered(3, 1, "red"), {}),
    "items one after another": (side_by_side(((0, 3), (4, 7)), "counted"), {}),
    "items at one time": (side_by_side(((0, 3), (2, 7)), "clear"), {}),
    "one item alone": (side_by_side(((0, 3),), "none"), {}),
}
"""Name -> what makes it, and what its project says otherwise than others."""
VIOLATIONS = (
    *(
        "overdue by a minute",
        "stage a minute over",
        "project a minute over",
        "answer a minute late",
    ),
    *("29 minutes", "returned twice", "two supplements", "document on the eleventh day"),
    *("two procedures", "procedure a minute over", "still for 30 days", "stage still for 30 days"),
    *("answered a minute later", "prepared for five days", "dated two working days before"),
    *("two rounds", "acceptance a minute over", "entered a day and a minute later"),
    *("items one after another",),
)
"""One of each indicator, planted once more for each exclusion."""

FLOODED, FLOODED_BEFORE = ("520381", "赤水市"), ("520382", "仁怀市")
IMPORTED, IMPORTED_BEFORE = ("522625", "镇远县"), ("522626", "岑巩县")
EXCLUDED: tuple[tuple[str, tuple[str, str] | None, dict[str, Json]], ...] = (
    ("out_of_scope", None, {"splclx": 9}),
    ("void_project", None, {"sjyxbs": 0}),
    ("test_data", None, {"xmmc": "测试项目"}),
    ("", None, {"xmmc": "某检验检测测试中心建设项目"}),
    ("special_works", None, {}),
    ("force_majeure", FLOODED, {}),
    ("", FLOODED_BEFORE, {}),
    ("history_import", IMPORTED, {}),
    ("", IMPORTED_BEFORE, {}),
)
"""By which exclusion, where, and what its projects say; "": a near miss of the one before."""


def sow(world: World, names: tuple[str, ...] | None = None) -> World:
    """Plant these, each in a project of its own; all of them, and each exclusion, where none are
    named.
    """
    for name in names or tuple(PLANTS):
        shape, changes = PLANTS[name]
        shape(world, world.project(**changes))
    for kind, place, about in () if names else EXCLUDED:
        for name in VIOLATIONS:
            shape, changes = PLANTS[name]
            project = world.project(kind, place=place, **{**changes, **about})
            world.named += [project.code] if kind == "special_works" else []
            shape(world, project)
    return world

"""What a hostile review tried, and what must hold all the same."""

from hub.errors import FlowError
from tests.pipeline.conftest import Small, contracts_of
from tests.pipeline.partners import Desk, Source
from tests.pipeline.small import FILES


def test_one_lone_poison_delivery_does_not_hold_back_those_after_it(small: Small):
    push = "mappings/desk/project.push.yaml"
    small.contracts = contracts_of(FILES | {push: FILES[push].replace("batch: 2", "batch: 1")})
    for n, name in enumerate("毒乙丙", 1):  # one by one, so that the record ids rise
        small.pull(
            "pull.plan.project",
            Source(
                [{"id": f"p{n}", "code": f"2405-520502-04-01-1{n:05}", "name": name, "at": "1"}]
            ),
        )

    class Chokes(Desk):
        def send(self, write, items):
            if any(item.body["mc"] == "毒" for item in items):
                raise FlowError("system.protocol", reason="answer makes no sense")
            return super().send(write, items)

    desk = Chokes()
    for _ in range(12):
        try:
            small.push("push.desk.project", desk)
        except FlowError:
            small.wait_while("select from hub.delivery where state = 'retrying' and due > now()")
    assert sorted(body["mc"] for body in desk.bodies()) == ["丙", "乙"]

"""Problems of the contract files, file by file, and what is disabled by them."""

from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.contracts import Contracts
from hub.domain.documents import ContractProblem
from hub.errors import Fault


@dataclass(frozen=True, slots=True)
class Mistake:
    """One contract file: its first problem, how many it has, the flows and forms disabled by it."""

    problem: ContractProblem
    count: int
    flows: tuple[str, ...]
    forms: tuple[str, ...]

    @property
    def fault(self) -> Fault:
        """The problem as a message: what is wrong, what is disabled, the cure."""
        facts = self.problem.explained
        names = self.flows + tuple(f"forms/{name}" for name in self.forms)
        if not names:
            return Fault("", "contract.mistaken", facts)
        return Fault("", "contract.disabled", facts | {"disabled": ", ".join(names)})


def mistakes(contracts: Contracts) -> list[Mistake]:
    """Every file with problems, by name."""
    by_file: dict[str, list[ContractProblem]] = {}
    for problem in contracts.problems:
        by_file.setdefault(problem.file, []).append(problem)
    return [
        Mistake(
            found[0],
            len(found),
            tuple(flow for flow, told in sorted(contracts.disabled.items()) if _about(told, file)),
            tuple(
                form
                for form, told in sorted(contracts.disabled_forms.items())
                if _about(told, file)
            ),
        )
        for file, found in by_file.items()
    ]


def _about(problems: Iterable[ContractProblem], file: str) -> bool:
    return any(problem.file == file for problem in problems)

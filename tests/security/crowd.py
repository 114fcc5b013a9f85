"""How long others wait for their answers while a crowd signs in: the web process on a real socket.

`python -m tests.security.crowd [--people 60] [--times 60]`: median and longest of each route,
before and meanwhile.
"""

import argparse
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from threading import Thread

import requests

from hub import auth
from hub.auth import sessions
from hub.console import csrf
from hub.console.middleware import COOKIE
from hub.wiring import Hub
from tests.browser.site import serving
from tests.filled import Filled, fill
from tests.postgres import running_server

ROUTES = ("/healthz", "/v1/forms", "/account")
"""Answered by nobody's leave, by the API for a token, and by the console for a session."""


class Crowd:
    """People of the same moment who sign in with a password that is not theirs. statuses: of their
    answers so far.
    """

    def __init__(self, address: str, people: int) -> None:
        self.statuses: list[int] = []
        self._people = [
            Thread(target=self._sign_in, args=(address, n), daemon=True) for n in range(people)
        ]

    def come(self) -> None:
        """All at once."""
        for one in self._people:
            one.start()

    @property
    def waiting(self) -> int:
        """How many have no answer yet."""
        return sum(one.is_alive() for one in self._people)

    def _sign_in(self, address: str, number: int) -> None:
        secret = secrets.token_hex(16)
        sent = {
            "name": f"person{number}",
            "password": "not-the-password",
            "form": csrf.token(secret),
        }
        cookies = {csrf.COOKIE: secret}
        with requests.Session() as own:
            own.trust_env = False
            try:
                answer = own.post(
                    f"{address}/login",
                    sent,
                    cookies=cookies,
                    headers={"Origin": address},
                    timeout=300,
                )
            except requests.ConnectionError:  # the server has ended
                return
        self.statuses.append(answer.status_code)


class Asking:
    """Somebody who is signed in, and a program with a token."""

    def __init__(self, hub: Hub, address: str) -> None:
        with hub.database.write() as tx:
            token = auth.open_account(tx, "somebody", "administrator", department="")
            session = sessions.open_session(tx, "somebody")
        self._address, self._session = address, requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.cookies.set(COOKIE, session)

    def once(self, route: str) -> float:
        """Milliseconds until a route has answered well."""
        begun = time.monotonic()
        answer = self._session.get(f"{self._address}{route}", timeout=120, allow_redirects=False)
        answer.raise_for_status()
        if answer.is_redirect:
            raise requests.HTTPError(route)
        return 1000 * (time.monotonic() - begun)


@contextmanager
def served() -> Iterator[tuple[Filled, str]]:
    """A filled hub and the address of its web process."""
    with running_server() as server, server.database() as url:
        world = Filled(url)
        world.hub.migrate()
        fill(world)
        world.environ["HUB_SIGN_INS_A_MINUTE"] = "1000"
        with serving(world) as address:
            yield world, address
        world.hub.close()


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=60)
    options.add_argument("--times", type=int, default=60)
    chosen = options.parse_args()
    with served() as (world, address):
        asking = Asking(world.hub, address)
        for route in ROUTES:
            asking.once(route)
        print(  # noqa: T201
            "before",
            _told({route: [asking.once(route) for _ in range(chosen.times)] for route in ROUTES}),
        )
        crowd = Crowd(address, chosen.people)
        crowd.come()
        found: dict[str, list[float]] = {route: [] for route in ROUTES}
        begun = time.monotonic()
        while crowd.waiting:
            for route in ROUTES:
                found[route].append(asking.once(route))
        print(f"during, {time.monotonic() - begun:.1f} s", _told(found))  # noqa: T201
        print(  # noqa: T201
            "answers",
            {status: crowd.statuses.count(status) for status in sorted(set(crowd.statuses))},
        )


def _told(found: Mapping[str, Sequence[float]]) -> str:
    return "; ".join(
        f"{route} median {median(took):.0f} ms, longest {max(took):.0f} ms ({len(took)})"
        for route, took in found.items()
    )


if __name__ == "__main__":
    main()

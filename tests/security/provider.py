"""A real identity provider (Canaille), with people in it: run by the Python of .tools/idp, PORT and
CALLBACK given.

`python provider.py PORT HUB` serves http://127.0.0.1:PORT for the client `hub`, whose address is
HUB.
"""

import sys
import threading

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend
from joserfc import jwk
from werkzeug.serving import make_server

CLIENT, SECRET, PASSWORD = "hub", "secret-of-the-hub", "correct-horse-battery"
PEOPLE = {"known": (), "grouped": ("hub-audit",), "outsider": ("gardeners",)}


def main() -> None:
    """Serve until told to stop."""
    port, hub = int(sys.argv[1]), sys.argv[2]
    host = f"127.0.0.1:{port}"
    app = create_app(
        {
            "SECRET_KEY": "of no use to anybody",
            "SERVER_NAME": host,
            "PREFERRED_URL_SCHEME": "http",
            "WTF_CSRF_ENABLED": False,
            "TESTING": True,
            "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "LOGGING": {"version": 1}},
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [jwk.RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)]
            },
        },
        init_backend=MemoryBackend,
        env_file="",
    )
    with app.app_context():
        backend = Backend.instance
        people = {name: _person(backend, name) for name in PEOPLE}
        for group in {group for groups in PEOPLE.values() for group in groups}:
            members = [people[name] for name, groups in PEOPLE.items() if group in groups]
            backend.save(models.Group(display_name=group, members=members))
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="hub",
            client_uri=hub,
            redirect_uris=[f"{hub}/oidc/back"],
            post_logout_redirect_uris=[f"{hub}/login"],
            scope=["openid", "profile", "groups"],
            grant_types=["authorization_code"],
            response_types=["code"],
            token_endpoint_auth_method="client_secret_basic",  # noqa: S106 -- the name of a method
        )
        backend.save(client)
        client.audience = [client]
        backend.save(client)
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    server.serve_forever()


def _person(backend: Backend, name: str) -> models.User:
    person = models.User(
        user_name=name,
        display_name=name,
        formatted_name=name,
        family_name=name,
        emails=[f"{name}@example.org"],
        password=PASSWORD,
    )
    backend.save(person)
    return person


def _stop_with_parent(server: object) -> None:
    sys.stdin.read()
    server.shutdown()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()

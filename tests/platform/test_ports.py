"""A port that a test holds is nobody else's, and free for the server that is told it."""

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.site import PORTS
from tests.ports import reserve_port, reserve_ports


def test_nobody_answers_at_a_reserved_port_until_its_server_listens():
    port = reserve_port()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with HTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler) as server:
        socket.create_connection(server.server_address, timeout=5).close()


def test_a_reserved_port_is_given_to_nobody_who_asks_for_any():
    held = {reserve_port() for _ in range(200)}
    assert len(held) == 200
    with socket.create_server(("127.0.0.1", 0), backlog=500) as server:
        callers = [socket.create_connection(server.getsockname(), timeout=5) for _ in range(500)]
        given = {caller.getsockname()[1] for caller in callers}
        for caller in callers:
            caller.close()
    assert not given & held


def test_two_sites_get_ports_that_do_not_meet_and_at_which_the_stack_finds_nobody():
    first, second = (reserve_ports(PORTS.values()) for _ in range(2))
    taken = [{base + offset for offset in PORTS.values()} for base in (first, second)]
    assert not taken[0] & taken[1]
    with HTTPServer(("127.0.0.1", first + PORTS["api"]), BaseHTTPRequestHandler) as server:
        assert server.server_port == first + PORTS["api"]

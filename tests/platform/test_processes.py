"""Programs are forked from a process that has imported what they need, and are processes like any
other.
"""

import os
import signal

from tests.processes import Program, ran


def test_a_program_finds_what_it_needs_imported_already():
    done = ran("tests.preloaded", environ=os.environ)
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_what_a_program_says_and_how_it_ends_is_told_apart():
    done = ran("hub", "nothing", environ={**os.environ, "HUB_LANG": "en"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing" in done.stderr
    killed = Program(
        "sandbox", "serve", "nothing", environ=os.environ, output=os.open(os.devnull, os.O_WRONLY)
    )
    killed.kill()
    assert killed.wait(20) in (-signal.SIGKILL, 2)

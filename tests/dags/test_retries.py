"""What Airflow does about a failed task hangs on the family of its error."""

import json

import pytest

from tests.dags.airflow_process import output_of


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return json.loads(
        output_of("retries.py", home=tmp_path_factory.mktemp("airflow")).splitlines()[-1]
    )


@pytest.mark.parametrize(
    ("case", "action", "seconds"),
    [
        ("transient, first try", "retry", 10),
        ("transient, second try", "retry", 30),
        ("transient, ninth try", "retry", 600),
        ("transient, asked to wait longer", "retry", 120),
        ("transient, asked to wait shorter", "retry", 30),
        ("flow", "fail", None),
        ("held", "fail", None),
        ("record", "fail", None),
        ("unexpected", "default", None),
    ],
)
def test_retries_follow_the_error_tree(answers, case, action, seconds):
    assert answers[case] == [action, seconds]

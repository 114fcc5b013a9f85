import json

from hub.domain.schedule import flows_document
from tests.domain import sample


def test_the_document_says_what_dags_need_and_is_always_the_same():
    text = flows_document(sample.contracts())
    assert text == flows_document(sample.contracts())
    work = json.loads(text)["systems"]["work"]
    assert (work["pool_slots"], work["every_seconds"]) == (2, 300)
    assert work["pulls"] == [{"flow": "pull.work.permit", "entity": "permit"}]
    assert work["pushes"] == [{"flow": "push.work.permit", "entity": "permit", "receipts": True}]

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.survivorship import Claim, settle, settle_all
from hub.model import STEWARD
from tests.domain import sample

PROJECT = sample.contracts().entities["project"]


def claim(system, key="1", *, version="1", landing=1, flow=None, **values):
    return Claim(system, flow or f"pull.{system}.project", key, version, landing, values)


systems = st.sampled_from(["plan", "work", "stranger", STEWARD])
values = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | st.sampled_from(["a", "b"])
        for name in ("name", "start", "area", "stopped_on")
    },
)
claims = st.lists(
    st.builds(
        lambda system, key, version, said: claim(system, key, version=version, **said),
        systems,
        st.sampled_from("123"),
        st.sampled_from(["", "1", "2"]),
        values,
    ),
    max_size=6,
    unique_by=lambda one: (one.flow, one.source_key),
).map(lambda many: [replace(one, landing_id=at) for at, one in enumerate(many)])


@given(claims.flatmap(lambda many: st.tuples(st.just(many), st.permutations(many))))
def test_the_order_of_claims_never_matters(pair):
    assert settle(PROJECT, pair[0]) == settle(PROJECT, pair[1])


@given(claims, values)
def test_a_system_without_a_say_changes_nothing(many, said):
    assert settle(
        PROJECT, [*many, claim("stranger", "9", version="9", landing=99, **said)]
    ) == settle(PROJECT, many)


@given(claims)
def test_every_value_comes_from_the_claim_that_provenance_names(many):
    settled = settle(PROJECT, many)
    assert settled.provenance.keys() == settled.values.keys()
    for name, landing in settled.provenance.items():
        assert many[landing].values[name] == settled.values[name]


@given(claims)
def test_a_field_is_empty_only_if_nobody_with_a_say_fills_it(many):
    settled = settle(PROJECT, many)
    for name in ("name", "start", "area"):
        filled = [
            one for one in many if one.values.get(name) is not None and one.system != "stranger"
        ]
        assert (name in settled.values) is bool(filled)


@given(claims, values)
def test_a_late_claim_changes_only_fields_that_it_fills(many, said):
    before = settle(PROJECT, many).values
    after = settle(
        PROJECT, [*many, claim("plan", "9", version="9", landing=99, flow="other", **said)]
    ).values
    for name in before.keys() | after.keys():
        if said.get(name) is None:
            assert before.get(name) == after.get(name)


@given(claims)
def test_a_lone_claim_is_merged_like_any_other(many):
    for one in many:
        twin = replace(one, source_key="other", landing_id=one.landing_id, values={})
        assert settle(PROJECT, [one]) == replace(
            settle(PROJECT, [one, replace(twin, system="stranger", flow="x")])
        )


def test_rank_decides_before_version():
    settled = settle(
        PROJECT,
        [
            claim("work", version="9", name="new", area="1"),
            claim("plan", landing=2, name="old", area="2"),
        ],
    )
    assert (settled.values["name"], settled.values["area"]) == ("old", "1")


def test_the_newest_version_decides_within_a_system_and_then_the_first_key():
    older, newer, twin = (
        claim("plan", "1", name="a"),
        claim("plan", "3", version="2", name="b"),
        claim("plan", "2", version="2", name="c"),
    )
    assert settle(PROJECT, [older, newer, twin]).values["name"] == "c"


def test_a_missing_value_never_beats_a_value():
    assert settle(PROJECT, [claim("plan", version="9"), claim("work", name="a")]).values == {
        "name": "a"
    }


def test_a_missing_value_that_asserts_empties_the_field():
    stopped = claim("work", stopped_on="2026-01-01")
    assert settle(PROJECT, [claim("plan"), stopped]).values == {}
    assert settle(PROJECT, [claim("plan", flow="pull.plan.other"), stopped]).values == {
        "stopped_on": "2026-01-01"
    }


def test_a_person_outranks_every_system_and_ends_the_disagreement():
    said = [claim("plan", name="a"), claim("work", landing=2, name="b")]
    assert settle(PROJECT, said).disagreements == {"name": (("plan", "a"), ("work", "b"))}
    settled = settle(PROJECT, [*said, claim(STEWARD, landing=3, name="c")])
    assert (settled.values["name"], settled.provenance["name"], settled.disagreements) == (
        "c",
        3,
        {},
    )


def test_systems_that_say_the_same_do_not_disagree():
    assert settle(PROJECT, [claim("plan", name="a"), claim("work", name="a")]).disagreements == {}


def test_a_record_without_its_required_fields_is_incomplete():
    assert settle(PROJECT, [claim("plan", name="a")]).incomplete == ("project_code",)
    assert settle(PROJECT, []).incomplete == ("project_code", "name")


def test_a_masked_value_never_beats_a_real_one_and_is_no_disagreement():
    best, other = PROJECT.fields["name"].authority[:2]
    masked = claim(best, version="9", landing=1, name="贵州**有限公司")
    real = claim(other, version="1", landing=2, name="贵州鼎盛有限公司")
    settled = settle(PROJECT, [masked, real])
    assert (settled.values["name"], settled.provenance["name"]) == ("贵州鼎盛有限公司", 2)
    assert "name" not in settled.disagreements


def test_a_masked_value_stands_where_nobody_says_more_and_leaves_the_field_lacking():
    best, other = PROJECT.fields["name"].authority[:2]
    alone = settle(PROJECT, [claim(best, name="张*")])
    both = settle(PROJECT, [claim(best, name="张*"), claim(other, "2", name="张*")])
    assert alone.values["name"] == both.values["name"] == "张*"
    assert ("name" in alone.incomplete) is ("name" in PROJECT.required)
    assert alone.incomplete == both.incomplete


masked = st.sampled_from(["赵**", "***", "138****1234"])


@given(
    st.lists(
        st.builds(
            lambda system, flow, version, said: claim(
                system, version=version, flow=f"pull.{system}.{flow}", **said
            ),
            systems,
            st.sampled_from(["project", "decision"]),
            st.sampled_from(["", "1", "2"]),
            st.fixed_dictionaries(
                {},
                optional={
                    name: st.none() | masked | st.sampled_from(["a", "b"])
                    for name in ("name", "start", "area", "stopped_on")
                },
            ),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda one: (one.flow, one.source_key),
    ).map(lambda many: [replace(one, landing_id=at + 1) for at, one in enumerate(many)])
)
def test_many_records_at_once_settle_as_each_alone(many):
    """Two records of the same systems share what depends on these alone, and nothing more."""
    other = [replace(one, values={"name": "c"}, landing_id=one.landing_id + 9) for one in many]
    alone = {"one": settle(PROJECT, many), "other": settle(PROJECT, other)}
    assert settle_all(PROJECT, {"one": many, "other": other}) == alone
    assert [*settle_all(PROJECT, {"one": many})["one"].values] == [*alone["one"].values]

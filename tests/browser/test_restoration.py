"""After a restoration: what is uncertain, and what stands at a target beyond ours, decided with a
real browser.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Console, is_usable, picture, settles

WATER = "push.water.project"
CODES = [f"2099-520201-60-05-00000{n}" for n in (1, 2, 3)]
UNCERTAIN = """
    insert into hub.record (entity, key) values ('project', '{0}'), ('project', '{1}')
        on conflict do nothing;
    insert into golden.project (record_id, project_code, name, version, batch_id, incomplete,
        provenance)
    select r.id, r.key, '某项目', 1, g.batch_id, g.incomplete, g.provenance
      from hub.record r cross join (select * from golden.project limit 1) g
     where r.key in ('{0}', '{1}') on conflict do nothing;
    insert into hub.delivery (flow, record_id, dirty, state, uncertain, note)
    select 'push.water.project', id, false, 'blocked', true,
        '{{"code": "delivery.uncertain", "facts": {{}}}}'
      from hub.record where key in ('{0}', '{1}')
    on conflict (flow, record_id) do update
       set word = null, word_version = null, uncertain = true, state = 'blocked',
           note = excluded.note
"""
SURPLUS = """
    insert into hub.difference (flow, key, class, state, found, first_run, last_run, record_id)
    select 'push.water.project', n.key, 'surplus_there', 'queued', jsonb_build_object('key', n.key),
        1, 1,
           case n.key when '{1}' then (select min(id) from hub.record where entity = 'project') end
      from (values ('{0}'), ('{1}')) as n (key)
"""
FOUND = ["5a3c00000000" + "0001" + "0123456789" + end for end in ("aaaaaa", "bbbbbb")]


def press(page: Page, words: str, *, reason: str) -> None:
    page.get_by_label("理由").first.fill(reason)
    page.locator("#main").get_by_role("button", name=words, exact=True).first.click()


def tells(page: Page, words: str) -> None:
    """A notification with `words` comes, beside those that came before and still stand."""
    expect(page.locator(".q-notification").filter(has_text=words).first).to_be_visible()


def words_of(console: Console) -> set[object]:
    rows = console.world.rows(f"select word from hub.delivery where flow = '{WATER}' and uncertain")  # noqa: S608 -- own
    return {row["word"] for row in rows}


@pytest.mark.parametrize(
    ("button", "word"),
    [("待确认的全部视为已送达", "sent"), ("待确认的全部推送", "send")],
    ids=["sent", "send"],
)
def test_what_is_uncertain_is_decided_by_a_press_and_a_reason(
    console: Console, button: str, word: str
):
    console.world.execute(UNCERTAIN.format(*CODES))
    page = console.open(f"/deliveries?flow={WATER}")
    expect(page.locator("#main")).to_contain_text("恢复")
    is_usable(page)
    picture(page, "administrator-uncertain")
    press(page, button, reason="")
    tells(page, "理由")
    press(page, button, reason="对方已核实")
    settles(lambda: words_of(console), {word})
    expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)


def test_only_administrators_have_the_buttons(console: Console):
    console.world.execute(UNCERTAIN.format(*CODES))
    console.world.execute("delete from hub.difference")
    console.world.execute(SURPLUS.format(*FOUND))
    for path in (f"/deliveries?flow={WATER}", "/differences"):
        page = console.open(path, who="audit")
        expect(page.locator("#main table.data tbody tr").first).to_be_visible()
        expect(page.get_by_label("理由")).to_have_count(0)


def test_surplus_is_withdrawn_or_adopted_by_a_press_and_a_reason(console: Console):
    console.world.execute("delete from hub.difference")
    console.world.execute(SURPLUS.format(*FOUND))
    page = console.open("/differences?kind=surplus_there")
    main = page.locator("#main")
    expect(main).to_contain_text(FOUND[0])
    is_usable(page)
    picture(page, "administrator-surplus")
    press(page, "撤回对方多出的", reason="来源已删除")
    tells(page, "没有选择")  # nothing is ticked
    page.locator("input[name=pick]").first.check()
    press(page, "重新认领对方多出的", reason="来源已删除")
    tells(page, "撤回")  # its record is unknown here: only that is left
    press(page, "撤回对方多出的", reason="来源已删除")
    settles(
        lambda: console.world.rows("select found_key, by from hub.surplus_withdrawal"),
        [{"found_key": FOUND[0], "by": "admin"}],
    )
    expect(main).not_to_contain_text(FOUND[0])
    page.locator("input[name=pick]").first.check()
    press(page, "重新认领对方多出的", reason="仍是我们的")
    expect(main).not_to_contain_text(FOUND[1])
    asked = (
        "select d.state from hub.delivery d where d.flow = 'push.water.project' and d.uncertain "
        "and d.note is null"
    )
    settles(lambda: console.world.rows(asked), [{"state": "due"}])

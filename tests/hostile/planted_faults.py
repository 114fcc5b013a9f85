"""Faults to plant in the hub: what is wrong, where, by which text, and the ordinary tests that must
notice it.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """function: where it is, as module.function or module.STATEMENT. tests: ordinary tests that
    must notice it.

    under: faults of the bench that every life has which is to notice it.
    """

    function: str
    what: str
    right: str
    wrong: str
    tests: tuple[str, ...] = ()
    under: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        return self.function.rpartition(".")[0]

    @property
    def path(self) -> Path:
        """The module's file below the checkout; of a package, where its own code stands."""
        place = Path(*self.module.split("."))
        package = (Path(__file__).parents[2] / place).is_dir()
        return place / "__init__.py" if package else place.with_suffix(".py")


SURVIVORS = (
    Fault(
        "hub.pipeline.outgoing._withdrawal",
        "what was delivered twice is never withdrawn",
        "if mark.confirmed_key is None or mark.confirmed_body is None:",
        "if mark.confirmed_key is None or mark.confirmed_body is None or mark.serial > 1:",
        (
            "tests/pipeline/test_key_faults.py::test_what_was_delivered_twice_is_withdrawn_and_goes_out_again_when_it_comes_back_as_it_was",
        ),
    ),
    Fault(
        "hub.db.deliveries.outbox.SETTLE",
        "a verdict is matched without its key",
        " and d.key is not distinct from n.key\n           and case n.state\n",
        "\n           and case n.state\n",
        ("tests/pipeline/test_key_faults.py::test_a_verdict_on_an_earlier_key_settles_nothing",),
        under=("late_receipt", "crossed"),
    ),
    Fault(
        "hub.db.deliveries.outbox.SETTLE",
        "a held body is kept after a withdrawal",
        "when d.action = 'upsert' then d.body end\n          from json_to_recordset",
        "when d.action = 'upsert' then d.body else d.held_body end\n          from json_to_recordset",
        (
            "tests/pipeline/test_key_faults.py::test_what_was_delivered_twice_is_withdrawn_and_goes_out_again_when_it_comes_back_as_it_was",
        ),
    ),
    Fault(
        "hub.pipeline.delivery.send",
        "an answer that makes no sense counts as confirmed",
        '{item.key: Outcome(item.key, "unknown", code=error.code) for item in some}',
        '{item.key: Outcome(item.key, "confirmed") for item in some}',
        (
            (
                "tests/pipeline/test_key_faults.py::"
                "test_an_answer_that_makes_no_sense_confirms_and_refuses_nothing"
            ),
        ),
        under=("poison",),
    ),
    Fault(
        "hub.db.runs.end_dead",
        "a run that lives is aborted by another",
        "gone = [row[0] for row in rows if processes.is_gone(row[3])]",
        "gone = [row[0] for row in rows]",
        ("tests/pipeline/test_stopped.py::test_a_live_run_is_not_ended_by_another",),
        under=("threads",),
    ),
)
"""What an earlier round did not notice."""

OURS = (
    # taking in
    Fault(
        "hub.pipeline.apply._in_order",
        "of several payloads of a key in one batch the first counts",
        "if held is None or arrival.order > held.order:",
        "if held is None:",
        ("tests/pipeline/test_intake.py::test_of_one_key_in_one_batch_the_newest_version_counts",),
        under=("page_shifts",),
    ),
    Fault(
        "hub.pipeline.apply._in_order",
        "an older version replaces a newer one",
        "if head is not None and _older(arrival, head):",
        "if False:",
        ("tests/pipeline/test_intake.py::test_an_older_version_is_kept_and_never_applied",),
        under=("stale_replica",),
    ),
    Fault(
        "hub.pipeline.apply._written",
        "what is current waits on",
        "    landing.stop_waiting(tx, flow.name, keys)\n",
        "",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_child_waits_for_its_project_and_is_released_by_its_arrival"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.apply._written",
        "what its source deleted stands",
        "[*made.deleted, *apart])",
        "[*apart])",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_delete_marker_withdraws_the_record_and_its_return_keeps_the_id"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.apply.carry_out",
        "the first record that is touched is not merged",
        "split(sorted(touched), MERGED)",
        "split(sorted(touched)[1:], MERGED)",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_changed_record_makes_a_new_version_and_keeps_the_old_one"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.apply._written",
        "a repaired record stays in quarantine",
        (
            '    landing.close(tx, flow.name, done, stage="intake", state=context.closing, '
            "run_id=context.run_id)\n"
        ),
        "",
        ("tests/pipeline/test_intake.py::test_a_corrected_record_overtakes_its_entry",),
        under=("bad_record",),
    ),
    Fault(
        "hub.pipeline.apply._sourced",
        "of two new source records of one project only one is merged",
        "key in new and at.key not in made.known and (times is None or times[key] == 1)",
        "key in new and at.key not in made.known",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_two_new_source_records_of_one_project_in_one_batch_are_merged"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.apply._tell",
        "new records lend nobody their project code",
        "    crosswalk.learn_new(tx, context.contracts, context.flow, fresh)\n",
        "",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_record_without_a_code_takes_it_from_a_record_that_it_names"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.intake._written",
        "what a batch itself takes back has no outcome",
        '    plan.fates.update(dict.fromkeys(back_again, "superseded"))\n',
        "",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_value_that_comes_back_within_a_batch_stands_at_its_end"
            ),
        ),
        under=("page_shifts",),
    ),
    Fault(
        "hub.pipeline.intake._written",
        "what was held and came again in order is held on",
        "    batch_holding.overtake(tx, waiting, shown, run_id=work.run.id)\n",
        "",
        (
            (
                "tests/pipeline/test_held_batches.py::"
                "test_a_source_that_goes_back_to_its_shape_overtakes_what_is_held"
            ),
        ),
        under=("drift_retyped",),
    ),
    Fault(
        "hub.pipeline.intake._apply",
        "the cursor does not move",
        "    runs.set_cursor(tx, flow.name, after)\n",
        "",
        ("tests/pipeline/test_intake.py::test_a_sweep_that_breaks_off_goes_on_where_it_was",),
    ),
    Fault(
        "hub.domain.cursor.moved",
        "nothing is read again within the overlap",
        'back(_complete(top, cursor.get("broke_at")), overlap)',
        "top",
        (
            (
                "tests/domain/test_cursor.py::"
                "test_nothing_is_skipped_however_late_it_shows_and_wherever_sweeps_break_off"
            ),
        ),
        under=("late_commit",),
    ),
    Fault(
        "hub.domain.cursor.moved",
        "where a sweep broke off is forgotten",
        '_complete(top, cursor.get("broke_at"))',
        "top",
        (
            (
                "tests/domain/test_cursor.py::"
                "test_nothing_is_skipped_however_late_it_shows_and_wherever_sweeps_break_off"
            ),
        ),
        under=("late_commit", "source_hangs"),
    ),
    Fault(
        "hub.domain.cursor.moved",
        "the watermark moves in the middle of a sweep",
        "    if not last:\n",
        "    if False:\n",
        (
            (
                "tests/domain/test_cursor.py::"
                "test_in_the_middle_of_a_sweep_the_watermark_stays_where_it_was"
            ),
        ),
        under=("source_hangs",),
    ),
    # merging
    Fault(
        "hub.domain.survivorship.settle",
        "the oldest statement of a system counts",
        "key=lambda claim: claim.version, reverse=True",
        "key=lambda claim: claim.version",
        (
            (
                "tests/domain/test_survivorship.py::"
                "test_the_newest_version_decides_within_a_system_and_then_the_first_key"
            ),
        ),
    ),
    Fault(
        "hub.domain.survivorship._said_by",
        "the least authority has the last word",
        "for system in (STEWARD, *field.authority) if system in best",
        "for system in (STEWARD, *reversed(field.authority)) if system in best",
        ("tests/domain/test_survivorship.py::test_rank_decides_before_version",),
    ),
    Fault(
        "hub.domain.survivorship.settle",
        "a value is said to come from another payload",
        "provenance[name] = winner.landing_id",
        "provenance[name] = ordered[0].landing_id",
        (
            (
                "tests/domain/test_survivorship.py::"
                "test_every_value_comes_from_the_claim_that_provenance_names"
            ),
        ),
    ),
    Fault(
        "hub.db.records.put_golden",
        "no version is kept in the history",
        "for was, row in replaced if was.version != row.version], order",
        "for was, row in replaced if False], order",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_changed_record_makes_a_new_version_and_keeps_the_old_one"
            ),
        ),
    ),
    Fault(
        "hub.db.records._keep_history",
        "a version in the history is empty",
        "                body,\n",
        "                Jsonb({}),\n",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_changed_record_makes_a_new_version_and_keeps_the_old_one"
            ),
        ),
    ),
    Fault(
        "hub.db.records.disagreements.put_disagreements",
        "a disagreement that is over stays open",
        '{"records": list(record_ids), ',
        '{"records": [], ',
        ("tests/pipeline/test_intake.py::test_a_disagreement_closes_when_the_systems_agree_again",),
    ),
    Fault(
        "hub.db.records.disagreements.put_disagreements",
        "a disagreement that is alone is not told",
        "as_rows(rows)",
        "as_rows(rows[1:])",
        ("tests/pipeline/test_intake.py::test_a_disagreement_closes_when_the_systems_agree_again",),
    ),
    # finding the project
    Fault(
        "hub.pipeline.crosswalk.call_back",
        "who borrowed by a number keeps a project that it no longer names",
        "there = _borrowers(contracts) if changed else {}",
        "there = {}",
        ("tests/pipeline/test_hostile_intake.py::test_a_lent_project_code_follows_its_lender",),
    ),
    Fault(
        "hub.pipeline.replay.release",
        "the first flow with something to release is passed over",
        "        flows = landing.releasable_flows(tx)\n",
        "        flows = landing.releasable_flows(tx)[1:]\n",
        (
            (
                "tests/pipeline/test_intake.py::"
                "test_a_child_waits_for_its_project_and_is_released_by_its_arrival"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.replay.replay",
        "a refused delivery is not sent again when somebody replays it",
        "        marked = quarantine.mark_due(tx, selection)\n",
        "        marked = 0\n",
        ("tests/pipeline/test_delivery.py::test_a_replayed_refusal_is_resolved_when_it_arrives",),
        under=("half_rejected",),
    ),
    Fault(
        "hub.pipeline.crosswalk._home",
        "of several projects that a number names one is taken",
        "if len(common) == 1 and sure:",
        "if common and sure:",
        ("tests/pipeline/test_intake.py::test_a_link_that_names_two_projects_is_left_to_a_person",),
    ),
    Fault(
        "hub.pipeline.comparing.source._settle_absent",
        "what one listing lacks is deleted at once",
        "times.get(one.key, 0) >= work.settings.reconcile_absences",
        "times.get(one.key, 0) >= 1",
        (
            (
                "tests/pipeline/test_reconcile.py::"
                "test_a_record_is_deleted_when_two_complete_listings_in_a_row_do_not_show_it"
            ),
        ),
    ),
    # handing over
    Fault(
        "hub.pipeline.outgoing.next_key",
        "a value that comes back (A, B, A) bears its first key",
        "ordinal=mark.serial + 1",
        "ordinal=1",
        ("tests/pipeline/test_delivery.py::test_a_value_that_comes_back_is_sent_again",),
    ),
    Fault(
        "hub.pipeline.outgoing.decide",
        "what was sent, and refused, counts as held by the target",
        "if shaped.body == mark.held_body and not stale:",
        "if shaped.body == mark.body and not stale:",
        (
            (
                "tests/pipeline/test_hostile_delivery.py::"
                "test_a_refusal_ends_when_the_record_returns_to_what_the_target_holds"
            ),
        ),
        under=("half_rejected",),
    ),
    Fault(
        "hub.pipeline.outgoing.decide",
        "what the target holds already goes out again",
        "if shaped.body == mark.held_body and not stale:",
        "if False:",
        (
            (
                "tests/pipeline/test_delivery.py::"
                "test_a_change_of_what_the_target_does_not_take_sends_nothing"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.outgoing.decide",
        "a record goes out before its project",
        "if around.parents is not None and code not in around.parents:",
        "if False:",
        (
            (
                "tests/pipeline/test_delivery.py::"
                "test_a_child_is_blocked_until_its_parent_is_confirmed_there"
            ),
        ),
        under=("half_rejected",),
    ),
    Fault(
        "hub.pipeline.delivery._write_down",
        "what was never sent counts as confirmed",
        'outcomes.get(key) or Outcome(key, "unknown", code=fault.code if fault else "")',
        'outcomes.get(key) or Outcome(key, "confirmed")',
        (
            "tests/pipeline/test_portions.py::test_a_partner_that_goes_away_between_portions_wears_out_nothing_and_gets_all_once",
        ),
        under=("target_hangs",),
    ),
    Fault(
        "hub.pipeline.delivery._batches",
        "what is to go out alone does not go out",
        "    yield from ([item] for item in items if item.key in prepared.alone)\n",
        "",
        (
            (
                "tests/pipeline/test_one_delivery.py::"
                "test_a_record_that_spoils_every_batch_it_is_in_ends_alone_and_the_others_arrive"
            ),
        ),
        under=("poison",),
    ),
    Fault(
        "hub.pipeline.receipts._verdict",
        "a refusal counts as accepted",
        'accepted = receipt.state == "accepted"',
        "accepted = True",
        ("tests/pipeline/test_delivery.py::test_a_receipt_that_refuses_puts_the_delivery_aside",),
        under=("half_rejected",),
    ),
    Fault(
        "hub.db.deliveries.outbox.TAKE",
        "what a dead worker was sending is never sent",
        "            or (state = 'sending' and held_until < now())\n",
        "",
        (
            "tests/pipeline/test_one_delivery.py::test_a_delivery_that_stood_as_sending_past_its_attempts_ends_and_its_next_version_goes_out",
        ),
        under=("killed",),
    ),
    Fault(
        "hub.db.deliveries.outbox.MARK",
        "a change of what was delivered once is not delivered",
        "update hub.delivery d set dirty = true from there t",
        "update hub.delivery d set dirty = d.dirty from there t",
        ("tests/pipeline/test_delivery.py::test_a_value_that_comes_back_is_sent_again",),
    ),
    Fault(
        "hub.db.deliveries.outbox.FREEZE",
        "a change that comes while an attempt is repeated is forgotten",
        "case when n.fresh then false else d.dirty end",
        "false",
        (
            (
                "tests/pipeline/test_delivery.py::"
                "test_a_frozen_body_is_repeated_before_the_newest_goes_out"
            ),
        ),
        under=("lost_answer",),
    ),
    Fault(
        "hub.db.deliveries.outbox.SETTLE",
        "a late refusal counts against what has been confirmed",
        "when 'rejected' then d.state = any(%(in_flight)s)",
        "when 'rejected' then d.state in ('sending', 'awaiting_receipt', 'retrying', 'confirmed')",
        (
            (
                "tests/pipeline/test_hostile_delivery.py::"
                "test_a_late_refusal_of_what_another_worker_confirmed_opens_nothing"
            ),
        ),
    ),
    Fault(
        "hub.db.deliveries.outbox.CLOSE",
        "that a target needed nothing makes the hub forget what it holds",
        "then coalesce(n.held_body, d.held_body)",
        "then n.held_body",
        (
            (
                "tests/pipeline/test_delivery.py::"
                "test_a_change_of_what_the_target_does_not_take_sends_nothing"
            ),
        ),
    ),
    Fault(
        "hub.db.deliveries.outbox.CONFIRMED_PARENTS",
        "a child goes to a target from which its project was withdrawn",
        " and d.held_body is not null",
        "",
        (
            (
                "tests/pipeline/test_hostile_races.py::"
                "test_a_child_goes_to_no_target_from_which_its_parent_was_withdrawn"
            ),
        ),
    ),
    Fault(
        "hub.db.deliveries.outbox.AWAITED",
        "the verdict on what was given up is not asked for",
        "state in ('awaiting_receipt', 'retrying', 'dead') and key",
        "state in ('awaiting_receipt', 'retrying') and key",
        ("tests/pipeline/test_hostile_dead.py::test_the_verdict_on_a_dead_delivery_is_asked_for",),
    ),
    Fault(
        "hub.pipeline.outgoing.decide",
        "what a target is no longer to have stays there",
        "withdrawal = _withdrawal(keys, mark, golden) if unwanted else None",
        "withdrawal = None",
        (
            (
                "tests/pipeline/test_hostile_delivery.py::"
                "test_what_is_no_longer_to_be_had_is_taken_back"
            ),
        ),
    ),
    Fault(
        "hub.pipeline.delivery.send",
        "one poisonous batch ends the run",
        "if failed_before or error.code in NOBODYS_RECORD:",
        "if True:",
        (
            (
                "tests/pipeline/test_hostile_poison.py::"
                "test_one_lone_poison_delivery_does_not_hold_back_those_after_it"
            ),
        ),
    ),
    # who else is at work
    Fault(
        "hub.pipeline.run_lifecycle.write",
        "a run that is over writes on",
        "            runs.claim(tx, self._run)\n",
        "            pass\n",
        ("tests/pipeline/test_intake.py::test_a_run_that_was_overtaken_cannot_write",),
        under=("overtaken",),
    ),
    Fault(
        "hub.db.runs.ABORT",
        "a run that says again that it lives is aborted all the same",
        "\n           and (id = any(%(gone)s) or coalesce(lease_until < clock_timestamp(), true))",
        "",
        (
            (
                "tests/pipeline/test_hostile_races.py::"
                "test_a_run_that_says_again_that_it_lives_is_not_ended"
            ),
        ),
    ),
    Fault(
        "hub.db.deliveries.outbox.HOLD_ON",
        "what another worker has taken over is sent too",
        " and d.attempt = n.attempt\n       and d.state = 'sending'",
        "\n       and d.state = 'sending'",
        (
            (
                "tests/pipeline/test_hostile_delivery.py::"
                "test_what_another_worker_has_taken_over_is_not_sent_by_the_first_as_well"
            ),
        ),
    ),
    Fault(
        "hub.db.records.lock_entity",
        "two flows of one entity merge at the same time",
        "    tx.execute(LOCK_ENTITY, (entity,))\n",
        "    pass\n",
        (
            (
                "tests/pipeline/test_hostile_races.py::"
                "test_two_flows_that_merge_one_record_at_once_both_count"
            ),
        ),
        under=("threads",),
    ),
)

WORLDS = (
    # hung workers
    Fault(
        "hub.db.database.settings",
        "who stands still in a transaction keeps what it holds thirty times as long",
        '"idle_in_transaction_session_timeout": self.idle,',
        '"idle_in_transaction_session_timeout": self.idle * 30,',
        (
            "tests/pipeline/test_stopped.py::test_nobody_waits_for_a_stopped_worker_and_it_writes_nothing_when_it_wakes",
        ),
        under=("hung",),
    ),
    Fault(
        "hub.db.runs.CLAIM",
        "a sleeper whose run is over writes on when it wakes",
        "select state = 'running', set_config(",
        "select true, set_config(",
        (
            "tests/pipeline/test_stopped.py::test_nobody_waits_for_a_stopped_worker_and_it_writes_nothing_when_it_wakes",
        ),
        under=("hung",),
    ),
    # clocks
    Fault(
        "hub.db.facts.clocks.CLOCKS",
        "a limit that is used up to its last day is exceeded",
        "when u.used > r.red * u.units then 'red'",
        "when u.used >= r.red * u.units then 'red'",
        ("tests/services/test_worked_axis.py::test_the_axis_and_the_pure_clock_agree_to_a_second",),
        under=("clocks",),
    ),
    Fault(
        "hub.pipeline.run_lifecycle._end",
        "a run leaves the clocks of what it changed as they were",
        "        facts.refresh(database)\n",
        "        pass\n",
        ("tests/pipeline/test_facts.py::test_a_run_leaves_the_clocks_of_what_it_changed",),
        under=("clocks",),
    ),
    Fault(
        "hub.domain.workdays._national",
        "a weekend that is worked is none",
        "return day in workdays or (",
        "return (",
        (
            "tests/domain/test_clock.py::test_national_holidays_do_not_count_and_weekends_made_up_for_do",
        ),
        under=("clocks",),
    ),
    # who reads
    Fault(
        "hub.services.projects.records_of",
        "the access log does not say which records were shown",
        "context.saw([row.record_id for row in known], project_code=project_code)",
        "context.saw([], project_code=project_code)",
        (
            "tests/api/test_access.py::test_every_read_leaves_its_row_with_account_purpose_project_and_records",
        ),
        under=("read",),
    ),
    Fault(
        "hub.domain.rights.holds",
        "a grant for some regions opens all of them",
        "near = not self.regions or ground.region.startswith(self.regions)",
        "near = True",
        ("tests/auth/test_rows.py::test_postgresql_and_python_agree_on_what_a_reader_is_shown",),
        under=("read",),
    ),
    Fault(
        "hub.db.access.accounts.END_GRANT",
        "a grant that was ended goes on",
        "set ended_at = now() where id = %s and ended_at is null",
        "set ended_at = null where id = %s and ended_at is null",
        ("tests/auth/test_rows.py::test_what_has_ended_shows_nothing_at_the_next_look",),
        under=("read",),
    ),
    Fault(
        "hub.api.access.send",
        "who was refused stands in the access log as one who was answered",
        "read = self.visit.row(self._route, refused=refused)",
        "read = self.visit.row(self._route, refused=False)",
        ("tests/api/test_access.py::test_a_department_without_a_grant_in_force_reads_nothing",),
        under=("read",),
    ),
    # alerts
    Fault(
        "hub.db.alerts.CLOSE",
        "an alert stays open though its cause is gone",
        "where closed_at is null and not cause = any(%s)",
        "where closed_at is null and not cause = any(%s) and false",
        (
            "tests/services/test_alerts.py::test_an_alert_closes_when_its_cause_is_gone_and_opens_anew_when_it_comes_back",
        ),
        under=("watched",),
    ),
    Fault(
        "hub.db.alerts.FAILING",
        "a flow that failed once and has run since is told of",
        "order by r.id desc limit 1) l",
        "order by r.state = 'complete', r.id desc limit 1) l",
        ("tests/services/test_alerts.py::test_a_failed_run_is_an_alert_until_the_flow_completes",),
        under=("watched", "source_hangs"),
    ),
    Fault(
        "hub.services.alerts._shapes",
        "nobody is told of held batches",
        "for flow in held.flows(tx):",
        "for flow in held.flows(tx)[1:]:",
        ("tests/services/test_alerts.py::test_what_flows_hold_keeps_nobody_from_being_told",),
        under=("watched", "drift_retyped"),
    ),
    # held batches
    Fault(
        "hub.pipeline.held_decisions._apply",
        "the first record of a held batch that is accepted is lost",
        "held.payloads(tx, batch.batch_id) if row.salt is not None]",
        "held.payloads(tx, batch.batch_id) if row.salt is not None][1:]",
        (
            "tests/pipeline/test_held_batches.py::test_an_accepted_batch_is_applied_and_its_shape_is_known_from_then_on",
        ),
        under=("held_decided", "drift_retyped"),
    ),
    Fault(
        "hub.pipeline.held_decisions._write_down",
        "a decision about a held batch stands under its reason instead of a name",
        "        by=word.by,\n        reason=word.reason,\n        decision=landing_id,",
        "        by=word.reason,\n        reason=word.reason,\n        decision=landing_id,",
        (
            "tests/pipeline/test_held_batches.py::test_a_dropped_batch_is_never_applied_and_says_who_and_why",
        ),
        under=("held_decided", "drift_retyped"),
    ),
    # restored databases
    Fault(
        "hub.db.restorations.UNCERTAIN",
        "a restored database trusts what it knows of its targets",
        "set uncertain = true, word = null, word_version = null where not ",
        "set uncertain = false, word = null, word_version = null where not ",
        (
            "tests/pipeline/test_restoration.py::test_a_loaded_dump_is_seen_and_what_a_target_has_already_is_not_sent_again",
        ),
        under=("restored",),
    ),
    Fault(
        "hub.pipeline.surplus._beyond_ours",
        "what stands at a target and nobody knows any more is not found",
        "return [*met, *(_beyond(held) for held in left.values() if not held.ended)]",
        "return []",
        (
            "tests/pipeline/test_restore_drill.py::test_what_stands_at_a_target_and_is_unknown_here_is_surplus_until_a_person_decides",
        ),
        under=("restored",),
    ),
)
"""One life is enough for what a whole life is about: what worlds of their own must notice."""

FAULTS = (*SURVIVORS, *OURS, *WORLDS)

"""Checkers: pure functions that judge a history. All of them, by name, for scenario files."""

from filaprova.judge.checks.acknowledgement import (
    acknowledgement_mode,
    all_settled,
    kept_to_protocol,
    never_settled,
    queue_already_empty_before_strike,
    redelivered_equals_unacked_at_disconnect,
)
from filaprova.judge.checks.delivery import (
    came_back_to,
    done_then_lost_ack_done_again,
    got_nothing,
    identities_unique,
    left_in_queue_in_order,
    not_by_connecting,
    survivor_received_all,
)
from filaprova.judge.checks.dispatch import (
    fair_dispatch,
    first_subscriber_takes_backlog,
    round_robin_by_subscription,
    shares_even_by_count,
    working_time,
)
from filaprova.judge.checks.durability import (
    broker_was_stopped,
    confirmed_came_back,
    graceful_stop_was_clean,
    queue_gone_after_restart,
    queue_survived_restart,
    tasks_survived_restart,
    transient_tasks_gone,
    unconfirmed_came_back,
)
from filaprova.judge.checks.endings import ended_or_came_back, ended_when_told, nobody_crashed
from filaprova.judge.checks.losses import lost_exactly_pushed_minus_done, nothing_lost
from filaprova.judge.checks.prefetch import prefetch_ineffective, prefetch_respected
from filaprova.judge.checks.publishing import published_as_persistent, publishers_duties_done
from filaprova.judge.checks.queues import (
    declarations_agree,
    declared_as,
    queue_deleted,
    redeclare_refused,
)
from filaprova.judge.checks.repetition import (
    done_twice_exactly_done_by,
    done_twice_within_in_flight,
    none_done_twice,
    received_twice_exactly_in_flight,
)
from filaprova.judge.checks.sent_as_said import sent_as_said
from filaprova.judge.checks.soundness import drained, fault_landed, fully_decoded, struck_mid_task
from filaprova.judge.checks.timing import settled_after_work
from filaprova.judge.checks.witnesses import counts_agree, witnesses_agree

__all__ = [
    "acknowledgement_mode",
    "all_settled",
    "broker_was_stopped",
    "came_back_to",
    "confirmed_came_back",
    "counts_agree",
    "declarations_agree",
    "declared_as",
    "done_then_lost_ack_done_again",
    "done_twice_exactly_done_by",
    "done_twice_within_in_flight",
    "drained",
    "ended_or_came_back",
    "ended_when_told",
    "fair_dispatch",
    "fault_landed",
    "first_subscriber_takes_backlog",
    "fully_decoded",
    "got_nothing",
    "graceful_stop_was_clean",
    "identities_unique",
    "kept_to_protocol",
    "left_in_queue_in_order",
    "lost_exactly_pushed_minus_done",
    "never_settled",
    "nobody_crashed",
    "none_done_twice",
    "not_by_connecting",
    "nothing_lost",
    "prefetch_ineffective",
    "prefetch_respected",
    "published_as_persistent",
    "publishers_duties_done",
    "queue_already_empty_before_strike",
    "queue_deleted",
    "queue_gone_after_restart",
    "queue_survived_restart",
    "received_twice_exactly_in_flight",
    "redeclare_refused",
    "redelivered_equals_unacked_at_disconnect",
    "round_robin_by_subscription",
    "sent_as_said",
    "settled_after_work",
    "shares_even_by_count",
    "struck_mid_task",
    "survivor_received_all",
    "tasks_survived_restart",
    "transient_tasks_gone",
    "unconfirmed_came_back",
    "witnesses_agree",
    "working_time",
]

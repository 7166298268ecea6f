"""Every kind of event that a history may hold, as one type for whoever reads or writes them."""

from __future__ import annotations

from typing import TypeAlias

from filaprova.record.act import (
    BrokerStarted,
    BrokerStopped,
    BrokerStopping,
    Checkpoint,
    Continued,
    Drained,
    FaultLanded,
    Frozen,
    HarnessTrouble,
    HistoryOpened,
    QueueCounted,
    Released,
    Signalled,
    StepEnded,
    StepStarted,
    StrikeMissed,
    Struck,
    WaitedInVain,
    Withheld,
)
from filaprova.record.program import (
    OutputDropped,
    OutputLine,
    ProgramExited,
    ProgramStarted,
    TaskDone,
    TaskReceived,
    TaskSent,
    WorkBegan,
    WorkEnded,
)
from filaprova.record.wire import (
    Bound,
    ChannelClosed,
    ChannelOpened,
    Confirmed,
    ConfirmsSelected,
    ConnectionBlocked,
    ConnectionClosed,
    ConnectionOpened,
    ConnectionUnblocked,
    ConsumerCancelled,
    ConsumerStarted,
    Delivered,
    ExchangeDeclared,
    ExchangeDeleted,
    PollEmpty,
    PrefetchSet,
    Published,
    PublishRefused,
    QueueDeclared,
    QueueDeleted,
    QueuePurged,
    Returned,
    Settled,
    SocketClosed,
    SocketOpened,
    SocketRefused,
    TransactionCommitted,
    TransactionRolledBack,
    TransactionSelected,
    Unbound,
    Undecodable,
)

AnyEvent: TypeAlias = (
    SocketOpened
    | SocketRefused
    | SocketClosed
    | ConnectionOpened
    | ConnectionClosed
    | Undecodable
    | ChannelOpened
    | ChannelClosed
    | QueueDeclared
    | QueueDeleted
    | QueuePurged
    | PrefetchSet
    | ConsumerStarted
    | ConsumerCancelled
    | ConfirmsSelected
    | Published
    | Confirmed
    | PublishRefused
    | Returned
    | Delivered
    | Settled
    | ProgramStarted
    | OutputLine
    | OutputDropped
    | TaskReceived
    | TaskSent
    | TaskDone
    | ProgramExited
    | HistoryOpened
    | StepStarted
    | StepEnded
    | Frozen
    | Continued
    | Struck
    | Released
    | Signalled
    | StrikeMissed
    | BrokerStopping
    | BrokerStopped
    | BrokerStarted
    | QueueCounted
    | Drained
    | FaultLanded
    | Checkpoint
    | HarnessTrouble
    | ConnectionBlocked
    | ConnectionUnblocked
    | ExchangeDeclared
    | ExchangeDeleted
    | Bound
    | Unbound
    | TransactionSelected
    | TransactionCommitted
    | TransactionRolledBack
    | PollEmpty
    | WorkBegan
    | WorkEnded
    | WaitedInVain
    | Withheld
)

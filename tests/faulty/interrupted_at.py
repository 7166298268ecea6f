"""A scenario that is interrupted (Ctrl-C) at the moment that MOMENT names; see test_interrupted.py.

A moment is the call of a function: the signal comes when it is about to begin, or TIMES of it.
"""

from __future__ import annotations

import importlib
import os
import signal
from typing import Any

from filaprova.judge import checks as check
from filaprova.scenario import Scenario

MOMENTS = {
    "the broker boots": "filaprova.brokers.local:await_ready",
    "the live line is drawn": "filaprova.plugin.progress:LiveLine._draw",
    "a program has been started": "filaprova.programs.program:Process.__init__",
    "a worker is frozen": "filaprova.scenario.vocabulary:strike",
    "the server is down": "filaprova.scenario.server:Server.start",
    "the queue is drained": "filaprova.scenario.client:Client.drain",
    "the scenario is judged": "filaprova.plugin.conclusion:_judge",
    "the report is written": "filaprova.plugin.run:write_answers",
    "all is cleaned up": "filaprova.reaper:Reaper.close",
}


def interrupt_at(moment: str) -> None:
    """Interrupt ourselves when the function of this moment is called for the first time."""
    module, _, path = MOMENTS[moment].partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    function = getattr(owner, name)

    def interrupted(*arguments: Any, **named: Any) -> Any:
        setattr(owner, name, function)
        for _ in range(int(os.environ.get("TIMES", "1"))):
            os.kill(os.getpid(), signal.SIGINT)
        return function(*arguments, **named)

    setattr(owner, name, interrupted)


def test_interrupted(scenario: Scenario) -> None:
    """Whatever a scenario can do, in little time."""
    sent = scenario.produce("producer.py", 2)
    scenario.verify("control", check.fully_decoded())
    workers = scenario.start_workers(1, "well_behaved.py", pause_at_task=1)
    scenario.wait_paused(workers)
    scenario.strike(workers, signal.SIGKILL)
    if os.environ["MOMENT"] == "the server is down":
        scenario.stop_broker()
        scenario.start_broker()
    scenario.drain(sent.queue)
    scenario.verify("control", check.drained(queue=sent.queue))


interrupt_at(os.environ["MOMENT"])

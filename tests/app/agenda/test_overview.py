"""How much there is, in a line."""

from datetime import timedelta

from minibot.app.agenda.overview import Overview
from minibot.core.tasks import TaskState
from tests.app.agenda.planning import Planning, make_job, make_task, once
from tests.fakes import START


async def test_jobs_and_tasks_are_counted() -> None:
    planning = Planning()
    overview = Overview(planning.agenda, planning.clock)
    assert overview.describe() == "Planned: 0 jobs; tasks: none"

    later = START + timedelta(hours=1)
    await planning.agenda.add(
        make_job("j1", recurrence=once(later)),
        make_task("t1"),
        make_task("t2", parents=("t1",), state=TaskState.WAITING),
    )

    assert overview.describe() == (
        "Planned: 1 job, the next on Wed 4 Mar, 06:06 UTC; tasks: 1 queued, 1 waiting"
    )

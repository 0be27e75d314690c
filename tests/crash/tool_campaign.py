"""The campaign in which the process dies while tools are at work."""

from collections.abc import Callable
from pathlib import Path

from tests.crash.campaign import Course, Plan, carry_out, judge
from tests.crash.effects import Effects, examine, install_witnesses, read_witnesses, refusals
from tests.crash.errands import SECTIONS, rules
from tests.crash.load import CHATS
from tests.crash.pages import pages
from tests.crash.permission import people_agreeing
from tests.crash.verdict import Verdict
from tests.e2e.forking import forked
from tests.e2e.process import Installation, installed


async def run_tool_campaign(
    folder: Path, plan: Plan, tell: Callable[[str], None] = lambda line: None
) -> tuple[Verdict, Course, Effects]:
    """Carry out a plan, whose load are errands, in an empty folder.

    Args:
        tell: told now and then how far it is.
    """
    async with (
        pages() as read_pages,
        installed(folder, users=CHATS, mode=plan.mode, sections=SECTIONS) as installation,
    ):
        installation.model.rules.extend(rules(read_pages.url))
        await _make_database(installation)
        install_witnesses(installation.database)
        async with people_agreeing(installation) as asked:
            carried_out = await carry_out(installation, plan, tell)
        effects = examine(
            carried_out.sent,
            read_witnesses(installation.data, read_pages.visits),
            texts=[
                seen["text"] or "" for seen in installation.telegram.events if seen["dir"] == "out"
            ],
            refused=refusals(installation.model.records),
            asked=asked,
        )
        return judge(installation, plan, carried_out), carried_out.course, effects


async def _make_database(installation: Installation) -> None:
    minibot = await installation.start(forked)
    await minibot.listening()
    assert await minibot.stop() == 0, minibot.log

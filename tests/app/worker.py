"""Something for a dispatcher to run."""

import asyncio

from minibot.core.inbox import InboxItem, InboxState
from minibot.core.ports import TurnResult
from tests.app.rig import Rig
from tests.fakes import Gate, make_arrival, make_chat


class Worker:
    """Takes items to their end; those whose text is known to `gates` stop there first."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.gates: dict[str, Gate] = {}
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.running: set[int] = set()
        self.most = 0

    async def run(self, item: InboxItem) -> bool:
        text = item.message.text
        self.begun.append(text)
        self.running.add(item.id)
        self.most = max(self.most, len(self.running))
        try:
            if text in self.gates:
                await self.gates[text].pass_through()
            await asyncio.sleep(0)
            await self._rig.storage.ledger.finish(
                TurnResult(item=item, state=InboxState.DONE), claim_first=False
            )
            self.ended.append(text)
            return True
        except asyncio.CancelledError:
            await self._rig.storage.inbox.release(item.id)
            raise
        finally:
            self.running.discard(item.id)

    def hold(self, text: str) -> Gate:
        gate = self.gates[text] = Gate()
        return gate


async def admit(rig: Rig, chat_id: str, *texts: str, urgent: bool = False) -> None:
    chat = make_chat(chat_id)
    await rig.admit([make_arrival(text, text, chat, urgent=urgent) for text in texts])

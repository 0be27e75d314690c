"""Groups that get a new id while something is done for them."""

from minibot.core.events import ChatRekeyed
from tests.app.rig import Rig, in_background
from tests.app.worker import Worker, admit
from tests.fakes import make_arrival, make_chat, settle, until


async def test_what_comes_under_a_new_id_waits_for_the_turn_under_the_old_one() -> None:
    rig = Rig()
    worker = Worker(rig)
    gate = worker.hold("a1")
    dispatcher = rig.dispatcher(worker.run)
    async with in_background(dispatcher.run):
        reserved = dispatcher.reserve(["telegram:-1"])
        arrival = make_arrival("a1", "a1", make_chat("-1"))
        (event,) = await rig.storage.inbox.admit([arrival], claim=reserved.keys())
        assert event.item is not None
        dispatcher.begin(reserved, [event.item])
        await gate.reached.wait()

        await rig.storage.outbox.move_chat(make_chat("-1"), "-1001")
        rig.bus.publish(ChatRekeyed(old=make_chat("-1"), new_chat_id="-1001"))
        await admit(rig, "-1001", "a2")
        await settle()
        assert worker.begun == ["a1"]
        gate.open()
        await until(lambda: worker.ended == ["a1", "a2"])

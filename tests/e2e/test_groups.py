"""In groups minibot speaks when it is spoken to, by those who may."""

from pathlib import Path
from typing import Any

from tests.e2e.process import Installation
from tests.e2e.serving import OWNER, edit, reads, rows, sent, serving, until
from tests.peers.telegram.faults import Fault
from tests.peers.telegram.wire import ApiError, Json

GROUP, OTHER_GROUP, MOVED = -1001, -1002, -100_777


class Upgraded(Fault):
    """What Telegram answers when a group has become a supergroup."""

    def error(self) -> ApiError:
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        return ApiError(400, text, parameters={"migrate_to_chat_id": MOVED})


def write(installation: Installation, text: str, **more: Any) -> Json:
    """Let the owner, or whom `user_id` names, write in the group."""
    spec = {"chat_id": GROUP, "user_id": OWNER, "text": text, **more}
    return installation.telegram.inject(spec)


def answered(installation: Installation) -> list[tuple[int, int | None, str]]:
    """Give where, in answer to what, and what was said in groups."""
    return [
        (
            event["chat_id"],
            event["params"].get("reply_parameters", {}).get("message_id"),
            event["text"],
        )
        for event in sent(installation)
        if event["chat_id"] < 0
    ]


async def test_only_those_who_may_and_mean_the_bot_are_answered(tmp_path: Path) -> None:
    async with serving(tmp_path, users=[OWNER]) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP]}})
        minibot = await installation.start()
        await minibot.listening()
        anonymous = {"user_id": 1087968824, "extra": {"sender_chat": {"id": GROUP}}}

        write(installation, "rid1end to each other")
        write(installation, "rid2end for you", mention=True, user_id=500)
        write(installation, "rid3end for you", mention=True, chat_id=OTHER_GROUP)
        write(installation, "rid4end for you", mention=True, **anonymous)
        write(installation, "rid5end @other_bot and see /etc/hosts")
        write(installation, "/help@other_bot")
        meant = write(installation, "rid6end for you", mention=True)["message_id"]
        first = await reads(installation, GROUP, "ack6end")
        followed = write(installation, "rid7end and?", reply_to=first["message_id"])["message_id"]
        await reads(installation, GROUP, "ack7end")
        named = write(installation, "/whoami@fake_test_bot")["message_id"]
        await reads(installation, GROUP, "You are")
        write(installation, "/status@fake_test_bot")  # never in a group
        topic = {"message_thread_id": 17, "is_topic_message": True}
        write(installation, "rid8end here", mention=True, extra=topic)
        in_topic = await reads(installation, GROUP, "ack8end")

        replies = [(chat, target) for chat, target, _ in answered(installation)]
        assert replies[:3] == [(GROUP, meant), (GROUP, followed), (GROUP, named)]
        assert len(replies) == 4
        assert in_topic["params"]["message_thread_id"] == 17
        conversations = rows(installation, "SELECT key FROM conversations ORDER BY key")
        assert conversations == [(f"telegram:{GROUP}",), (f"telegram:{GROUP}:17",)]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_a_group_with_a_new_id_goes_on_talking(tmp_path: Path) -> None:
    async with serving(tmp_path, users=[OWNER]) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP, OTHER_GROUP]}})
        telegram = installation.telegram
        minibot = await installation.start()
        await minibot.listening()
        installation.say(OWNER)
        assert await installation.answered(1)
        write(installation, "Our dog is Bob, rid901end", mention=True)
        await reads(installation, GROUP, "ack901end")

        # Somebody who may not talk upgrades the group.
        write(installation, "", user_id=500, extra={"migrate_to_chat_id": MOVED})
        telegram.chat(GROUP).kicked = True
        await reads(installation, OWNER, f"{GROUP} became {MOVED}")
        write(installation, "rid902end who is it?", mention=True, chat_id=MOVED)
        await reads(installation, MOVED, "ack902end")
        assert "Our dog is Bob" in str(installation.model.bodies[-1]["messages"])
        assert rows(installation, "SELECT count(*) FROM moved_chats") == [(1,)]

        # A stranger's group leaves nothing.
        write(installation, "", chat_id=-1003, user_id=500, extra={"migrate_to_chat_id": -5})
        installation.say(OWNER)
        assert await installation.answered(4)
        assert rows(installation, "SELECT count(*) FROM moved_chats") == [(1,)]
        assert await minibot.stop() == 0
        assert minibot.accidents() == []


async def test_an_answer_follows_a_group_that_moves_under_it(tmp_path: Path) -> None:
    async with serving(tmp_path, users=[OWNER]) as installation:
        edit(installation, {"channels.telegram": {"allowed_chat_ids": [GROUP]}})
        telegram = installation.telegram
        telegram.chat(MOVED)
        telegram.faults.append(Upgraded(method="sendMessage", chat_id=GROUP))
        minibot = await installation.start()
        await minibot.listening()
        write(installation, "rid903end", mention=True)

        await reads(installation, MOVED, "ack903end")

        assert sent(installation, GROUP) == []
        await until(lambda: "a chat has a new id" in minibot.log)
        assert await minibot.stop() == 0
        assert minibot.accidents() == []

"""Answers presses of buttons under the settings of a chat."""

from minibot.app.channels import ChannelSet
from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.agenda.buttons import CardEditor
from minibot.app.handlers.agenda.cards import Card
from minibot.app.handlers.command import runs_chat
from minibot.app.handlers.group_mode import default_group_mode
from minibot.app.handlers.presses import refused
from minibot.app.handlers.settings_menu import (
    CLOSE,
    PAGES,
    PRESS,
    ROOT,
    Scene,
    page_card,
    pages,
    root_card,
)
from minibot.app.model_chain import ModelChain, answering
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.approvals import Refusal
from minibot.core.errors import StorageError
from minibot.core.messages import Press


class SettingsScenes:
    """Looks at what the settings of a chat are made of."""

    def __init__(self, chats: ChatSettingsBook, chain: ModelChain) -> None:
        self._chats = chats
        self._chain = chain

    def of(self, context: TurnContext) -> Scene:
        message = context.message
        return Scene(
            settings=self._chats.of(context.item.conversation),
            texts=self._chats.texts(message),
            models=[each.title for each in answering(self._chain.standings())],
            group=not message.private,
            default_group_mode=default_group_mode(self._chats, message.chat, context.settings),
        )


class SettingsButton:
    """Opens pages of the settings, and takes what is chosen there.

    In private the chat is the person's own; in a group it is for those who may change it, whoever
    asked for the buttons.
    """

    kind = PRESS

    def __init__(
        self, chats: ChatSettingsBook, scenes: SettingsScenes, channels: ChannelSet
    ) -> None:
        self._chats = chats
        self._scenes = scenes
        self._editor = CardEditor(channels)

    async def __call__(self, context: TurnContext, press: Press, data: str) -> tuple[str, Answer]:
        key, part, value = (*data.split(":", 2), "", "")[:3]
        if not runs_chat(context):
            return refused(Refusal.NOT_YOURS)
        scene = self._scenes.of(context)
        if key in (ROOT, CLOSE):
            card = root_card(scene) if key == ROOT else Card(scene.texts.closed)
            return "", self._editor.show(card, context, press)
        if key not in pages(scene) or not (part.isascii() and part.isdigit() and len(part) < 4):
            return refused(Refusal.UNKNOWN)
        said = ""
        if value:
            try:
                chosen = PAGES[key].chosen(scene, value)
                await self._chats.change(context.item.conversation, **chosen)
            except ValueError:
                return refused(Refusal.UNKNOWN)
            except StorageError as error:
                return scene.texts.failed.format(problem=error), Answer(problem=str(error))
            scene = self._scenes.of(context)
            said = scene.texts.saved
        return said, self._editor.show(page_card(key, scene, int(part)), context, press)

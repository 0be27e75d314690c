"""Commands by which a chat chooses how it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from minibot.app.chat_settings import ChatSettingsBook
from minibot.app.handlers.command import Command, notice, runs_chat
from minibot.app.handlers.group_mode import group_mode
from minibot.app.handlers.settings_buttons import SettingsScenes
from minibot.app.handlers.settings_menu import PAGES, named, root_card
from minibot.app.markdown import closed, literal
from minibot.app.model_chain import ModelChain, ModelStanding, answering
from minibot.app.pipeline import Answer, TurnContext
from minibot.core.chat_settings import LONGEST_PROMPT, GroupMode, Switch
from minibot.core.texts import Texts

RESET = ("reset", "default")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsCommands:
    """Showing and changing the choices of a chat."""

    chats: ChatSettingsBook
    scenes: SettingsScenes
    chain: ModelChain

    def commands(self) -> dict[str, Command]:
        return {
            "settings": Command(run=self._settings, help="choose how I answer in this chat"),
            "model": Command(run=self._model, help="show or choose which language model answers"),
            "prompt": Command(run=self._prompt, help="give this chat instructions of its own"),
            "groupmode": Command(
                run=self._group_mode,
                help="choose which messages of a group I answer",
                in_private=False,
            ),
            "rich": Command(run=self._rich, help="send tables and formulas as such: on or off"),
        }

    async def _settings(self, context: TurnContext, _rest: str) -> Answer:
        if not runs_chat(context):
            return self._owners_only(context)
        card = root_card(self.scenes.of(context))
        return Answer(markdown=card.markdown, buttons=card.buttons)

    async def _model(self, context: TurnContext, rest: str) -> Answer:
        texts, conversation = self._texts(context), context.item.conversation
        standings = answering(self.chain.standings())
        if not rest:
            return Answer(markdown=_listed(standings, self.chats.of(conversation).model, texts))
        if not runs_chat(context):
            return self._owners_only(context)
        if rest.lower() in RESET:
            await self.chats.change(conversation, model="")
            return Answer(markdown=texts.model_reset)
        title = _the_one([each.title for each in standings], rest)
        if not title:
            known = _listed(standings, self.chats.of(conversation).model, texts)
            return notice(f"{texts.model_unknown} {known}")
        await self.chats.change(conversation, model=title)
        return Answer(markdown=texts.model_chosen.format(model=title))

    async def _prompt(self, context: TurnContext, rest: str) -> Answer:
        texts, conversation = self._texts(context), context.item.conversation
        if not rest:
            prompt = self.chats.of(conversation).prompt
            if not prompt:
                return Answer(markdown=texts.prompt_none)
            return Answer(markdown=f"{texts.prompt_shown}\n\n{literal(prompt)}")
        if not runs_chat(context):
            return self._owners_only(context)
        if rest.lower() in RESET:
            await self.chats.change(conversation, prompt="")
            return Answer(markdown=texts.prompt_reset)
        if len(rest) > LONGEST_PROMPT:
            return notice(texts.prompt_too_long.format(length=len(rest), limit=LONGEST_PROMPT))
        await self.chats.change(conversation, prompt=rest)
        return Answer(markdown=texts.prompt_saved)

    async def _group_mode(self, context: TurnContext, rest: str) -> Answer:
        texts = self._texts(context)
        if context.message.private:
            return Answer(markdown=texts.group_only)
        if rest and not runs_chat(context):
            return self._owners_only(context)
        if rest.lower() in tuple(GroupMode):
            mode = GroupMode(rest.lower())
            await self.chats.change(context.item.conversation, group_mode=mode)
        scene = self.scenes.of(context)
        said = texts.group_mode_now.format(value=named(PAGES["group"], scene))
        if group_mode(self.chats, context.message.chat, context.settings) is GroupMode.ALWAYS:
            said = f"{said}\n\n{texts.privacy_mode}"
        return Answer(markdown=said)

    async def _rich(self, context: TurnContext, rest: str) -> Answer:
        if rest and not runs_chat(context):
            return self._owners_only(context)
        if rest.lower() in ("on", "off", "default"):
            await self.chats.change(context.item.conversation, rich=Switch(rest.lower()))
        value = named(PAGES["rich"], self.scenes.of(context))
        return Answer(markdown=self._texts(context).rich_now.format(value=value))

    def _texts(self, context: TurnContext) -> Texts:
        return self.chats.texts(context.message)

    def _owners_only(self, context: TurnContext) -> Answer:
        return notice(self._texts(context).owners_only)


def _listed(standings: Sequence[ModelStanding], chosen: str, texts: Texts) -> str:
    """List the models that answer, in the order in which this chat asks them."""
    if not standings:
        return texts.no_model
    ordered = sorted(standings, key=lambda each: each.title != chosen)
    lines = [texts.models_in_order if len(ordered) > 1 else texts.one_model, ""]
    for number, each in enumerate(ordered, start=1):
        able = [f"{each.context_tokens:,} tokens", "tools" if each.tools else "no tools"]
        able += ["sees pictures"] if each.vision else []
        mark = " ✓" if each.title == chosen else ""
        lines.append(f"{number}. `{each.title}` ({', '.join(able)}){mark}")
    if chosen and ordered[0].title != chosen:
        lines += ["", f"`{chosen}`: {texts.gone}"]
    if len(ordered) > 1:
        lines += ["", texts.model_help]
    return closed("\n".join(lines))


def _the_one(titles: Sequence[str], name: str) -> str:
    """Find the title that is meant: it is the name, or the only one that holds it."""
    sought = name.strip("`").casefold()
    exact = [title for title in titles if sought in (title.casefold(), _bare(title).casefold())]
    near = [title for title in titles if sought in title.casefold()]
    found = exact or near
    return found[0] if len(set(found)) == 1 else ""


def _bare(title: str) -> str:
    return title.partition("/")[2]

"""Questions that are on their way while other models are set."""

import asyncio

from minibot.app.model_chain import ModelChain
from minibot.core.errors import ModelError, ModelUnreachable, ToolsUnsupported
from minibot.core.ports import LanguageModel
from minibot.core.settings import ModelSettings
from tests.app.rig import Rig, plain_request
from tests.app.test_model_chain import settings
from tests.fakes import Gate, ScriptedModel


class Reloading:
    """A chain of a and b, of which a is being asked."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.gate = Gate()
        self.models = {"a": ScriptedModel([self.gate]), "b": ScriptedModel()}
        self.chain = ModelChain(
            self._open, settings("a", "b"), clock=self.rig.clock, bus=self.rig.bus
        )

    def _open(self, model: ModelSettings) -> LanguageModel:
        return self.models[model.base_url.removeprefix("http://")]

    async def ask(self, failure: ModelError, *stay: str) -> str:
        """Ask, have only these models stay meanwhile, and have a fail; gives who answers."""
        await self.chain.open()
        asked = asyncio.create_task(self.chain.ask(plain_request))
        await self.gate.reached.wait()
        await self.chain.follow(settings(*stay))
        self.gate.refuse(failure)
        answered = await asked
        return answered.model.model


async def test_a_question_goes_on_to_a_model_that_is_not_set_any_more() -> None:
    reloading = Reloading()
    assert await reloading.ask(ModelUnreachable(), "a") == "b"
    assert reloading.models["b"].closed == 2, "once for the reload, once behind the question"


async def test_a_question_is_asked_again_of_a_model_that_is_not_set_any_more() -> None:
    reloading = Reloading()
    assert await reloading.ask(ToolsUnsupported(), "b") == "a"
    assert reloading.models["a"].open_streams == 0

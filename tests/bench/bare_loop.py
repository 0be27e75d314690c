"""The least a bot on aiogram and llm-async can be: nothing stored, nothing ordered.

What minibot's speed is held against. Run as a process; its settings are environment variables.
"""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from llm_async.providers.openai import OpenAIProvider


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_BASE"])
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server))
    model = OpenAIProvider("unused", os.environ["MODEL_BASE"])
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def answer(message: Message) -> None:
        question = {"role": "user", "content": message.text or ""}
        reply = await model.acomplete("fake-model", [question])
        assert reply.main_response is not None
        await message.answer(str(reply.main_response.content))

    await dispatcher.start_polling(bot, polling_timeout=30)


if __name__ == "__main__":
    asyncio.run(main())

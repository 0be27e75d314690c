from minibot.app.pipeline import Answer, Handler, Middleware, TurnContext, compose
from tests.app.turn_context import make_context


def marking(name: str, order: list[str]) -> Middleware:
    async def mark(call_next: Handler, context: TurnContext) -> Answer:
        order.append(f"into {name}")
        answer = await call_next(context)
        order.append(f"out of {name}")
        return answer

    return mark


async def test_first_middleware_is_the_outermost() -> None:
    order: list[str] = []

    async def handle(_context: TurnContext) -> Answer:
        order.append("handler")
        return Answer(markdown="done")

    composed = compose(handle, [marking("a", order), marking("b", order)])
    assert (await composed(make_context())).markdown == "done"
    assert order == ["into a", "into b", "handler", "out of b", "out of a"]


async def test_middleware_may_answer_itself() -> None:
    async def answer_itself(_call_next: Handler, context: TurnContext) -> Answer:
        return Answer(markdown=context.message.text)

    async def never(_context: TurnContext) -> Answer:
        raise AssertionError

    assert (await compose(never, [answer_itself])(make_context("me"))).markdown == "me"


async def test_without_middleware_the_handler_is_asked() -> None:
    async def handle(_context: TurnContext) -> Answer:
        return Answer(markdown="done")

    assert await compose(handle, [])(make_context()) == Answer(markdown="done")

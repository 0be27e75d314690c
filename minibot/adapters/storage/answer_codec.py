"""What is kept of an answer as text: the exchange it belongs to, and its account.

Once for every answer, hence as short as it can be: values in a fixed order, without names. What
is added later stands behind what is here and is looked up with a default.
"""

import orjson

from minibot.adapters.storage.codec import dump, from_micros, storable, to_micros
from minibot.core.account import AnswerAccount
from minibot.core.exchanges import Exchange
from minibot.core.llm import Usage


def encode_exchange(exchange: Exchange) -> str:
    """Write all but the item, which is the row it is written into."""
    if not exchange.turns and exchange.questions == (exchange.item,):
        return str(exchange.entries)  # as nearly always: one message, answered once
    return dump([exchange.entries, exchange.questions, exchange.turns])


def decode_exchange(item: int, text: str) -> Exchange | None:
    """Read it back; None when it cannot be read."""
    try:
        fields = orjson.loads(text)
        if isinstance(fields, int):
            return Exchange(item=item, questions=(item,), entries=fields)
        entries, questions, turns = fields
        return Exchange(
            item=item, questions=tuple(questions), turns=tuple(turns), entries=int(entries)
        )
    except (ValueError, TypeError):
        return None


def encode_account(account: AnswerAccount) -> str:
    usage = account.usage
    return dump(
        [
            account.reference,
            to_micros(account.answered_at),
            [storable(each) for each in account.models],
            [storable(each) for each in account.tools],
            [
                usage.input_tokens,
                usage.output_tokens,
                usage.cached_tokens,
                usage.reasoning_tokens,
            ],
            account.cost,
            account.first_seconds,
            account.seconds,
            account.exchanges,
            account.facts,
            account.summary,
            account.prompt,
        ]
    )


def decode_account(text: str) -> AnswerAccount | None:
    """Read it back; None when it cannot be read."""
    try:
        (
            reference,
            answered_at,
            models,
            tools,
            (input_tokens, output_tokens, cached_tokens, reasoning_tokens),
            cost,
            first_seconds,
            seconds,
            exchanges,
            facts,
            summary,
            prompt,
        ) = orjson.loads(text)
        return AnswerAccount(
            reference=reference,
            answered_at=from_micros(answered_at),
            models=tuple(models),
            tools=tuple(tools),
            usage=Usage(
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                cached_tokens=cached_tokens,
                reasoning_tokens=reasoning_tokens,
            ),
            cost=cost,
            first_seconds=first_seconds,
            seconds=seconds,
            exchanges=exchanges,
            facts=facts,
            summary=bool(summary),
            prompt=bool(prompt),
        )
    except (ValueError, TypeError):
        return None

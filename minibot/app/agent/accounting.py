"""What is told of an answer afterwards."""

from minibot.app.agent.turn_state import TurnState
from minibot.core.account import AnswerAccount


def account_of(turn: TurnState) -> AnswerAccount:
    """Write the account of a turn that is over."""
    item, budget = turn.context.item, turn.budget
    now = budget.clock.now()
    heard = turn.first_sign_at
    return AnswerAccount(
        reference=item.reference,
        answered_at=now,
        models=tuple(turn.models),
        tools=tuple(each.call.name for step in turn.steps for each in step.calls),
        usage=budget.usage,
        cost=budget.cost,
        first_seconds=None if heard is None else (heard - item.received_at).total_seconds(),
        seconds=(now - item.received_at).total_seconds(),
        exchanges=turn.exchanges,
        facts=turn.facts.count("\n"),  # a heading, and a line for each
        summary=bool(turn.summary),
        prompt=bool(turn.chat.prompt),
    )

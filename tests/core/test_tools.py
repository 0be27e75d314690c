import pytest

from minibot.core.tools import CALL_TRANSITIONS, CallState, Effect, ToolTraits, needs_approval


@pytest.mark.parametrize(
    ("traits", "clean", "tainted"),
    [
        (ToolTraits(), False, False),
        (ToolTraits(untrusted=True), False, False),
        (ToolTraits(outbound=True), False, True),
        (ToolTraits(effect=Effect.WRITE), False, True),
        (ToolTraits(effect=Effect.DANGEROUS), True, True),
    ],
)
def test_strangers_words_make_effects_ask(traits: ToolTraits, clean: bool, tainted: bool) -> None:
    assert needs_approval(traits, tainted=False) is clean
    assert needs_approval(traits, tainted=True) is tainted


def test_only_what_changes_nothing_may_run_again() -> None:
    repeatable = {effect: ToolTraits(effect=effect).repeatable for effect in Effect}
    assert repeatable == {Effect.READ: True, Effect.WRITE: False, Effect.DANGEROUS: False}


def test_a_call_ends_once() -> None:
    assert set(CALL_TRANSITIONS) == set(CallState)
    assert CALL_TRANSITIONS[CallState.FINISHED] == CALL_TRANSITIONS[CallState.UNKNOWN] == set()

"""What a reaction means."""

from minibot.core.reactions import Verb, verb_of

MEANINGS = {"👎": "retry", "✍️": "remember"}


def test_a_reaction_means_what_the_settings_say() -> None:
    assert verb_of("👎", MEANINGS) is Verb.RETRY
    assert verb_of("👍", MEANINGS) is None
    assert verb_of("", MEANINGS) is None


def test_how_an_emoji_is_to_be_presented_makes_no_difference() -> None:
    assert verb_of("✍", MEANINGS) is Verb.REMEMBER
    assert verb_of("👎\ufe0f", MEANINGS) is Verb.RETRY

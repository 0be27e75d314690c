"""What minibot itself says, whatever the language. What a field holds is Markdown.

In braces stands what is filled in; every language has the same of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One language."""

    name: str
    """Of the language, in itself."""
    commands: Mapping[str, str]
    """What each command does, in a few words, by its name; in English the commands say so."""

    hello: str
    hello_to: str
    greeting: str
    more_help: str
    also_understand: str
    unknown_command: str
    passed_on: str

    button_unknown: str
    button_not_yours: str
    button_decided: str
    button_expired: str

    settings: str
    """The heading over all."""
    model: str
    prompt: str
    temperature: str
    streaming: str
    verbosity: str
    during_turn: str
    group_mode: str
    rich: str
    language: str

    about_model: str
    about_temperature: str
    about_streaming: str
    about_verbosity: str
    about_during_turn: str
    about_group_mode: str
    about_rich: str
    about_language: str

    default: str
    switched_on: str
    switched_off: str
    brief: str
    normal: str
    detailed: str
    queue: str
    steer: str
    interrupt: str
    addressed: str
    always: str
    silent: str
    own_language: str
    none: str
    gone: str
    """Behind a model that the settings do not name any more."""

    back: str
    close: str
    closed: str
    saved: str
    failed: str
    owners_only: str
    """In a group, to somebody who may not change its settings."""

    models_in_order: str
    one_model: str
    no_model: str
    model_chosen: str
    model_reset: str
    model_unknown: str
    model_help: str

    prompt_none: str
    prompt_shown: str
    prompt_saved: str
    prompt_reset: str
    prompt_too_long: str

    group_only: str
    group_mode_now: str
    privacy_mode: str
    """What Telegram must be told before all messages of a group arrive."""
    rich_now: str
    rich_refused: str
    """In one line, when Telegram did not take a rich message."""
    whole_answer: str
    """Under the file of an answer that is too long for messages."""

    retry_nothing: str
    undo_nothing: str
    not_your_exchange: str
    """To somebody who wants to redo or take back what another person asked."""
    undone: str
    undone_work: str
    """Of what nobody had asked for at that moment."""
    undone_mark: str
    """In the place of a message that cannot be deleted."""
    stays_done: str
    """Above what was done with tools for an answer that was taken back."""
    not_incognito: str
    notes_off: str

    why_nothing: str
    why_incognito: str
    why_heading: str
    why_models: str
    why_tools: str
    why_tokens: str
    why_cost: str
    why_no_price: str
    why_time: str
    why_time_unheard: str
    why_shown: str
    """What of before the model was shown: exchanges, notes, a summary and a prompt of the chat."""
    topic_opened: str
    topic_welcome: str
    """The first message in a topic."""
    topic_titles_itself: str
    topic_in_group: str
    topic_untitled: str
    """The name of a topic until it has one; no Markdown."""
    topic_nowhere: str
    topic_name_too_long: str
    topic_in_doubt: str
    topic_needs_mode: str
    topic_needs_forum: str
    topic_needs_rights: str
    yes: str
    no: str

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

    permission_asked: str
    """Above what would be done. No Markdown, as all that has to do with permissions."""
    permission_reason: str
    permission_shortened: str
    """What is shown of an argument that is too long."""
    permission_once: str
    permission_task: str
    permission_always: str
    permission_no: str
    permitted_once: str
    permitted_task: str
    permitted_always: str
    permission_denied: str
    permission_stopped: str
    permission_expired: str

    model_away: str
    """While a message waits for the model."""
    apology: str
    """Around one of the following reasons."""
    model_denied: str
    model_overfull: str
    model_refused: str
    model_failed: str
    kept_breaking: str
    gave_up: str
    unreadable: str

    stopped: str
    stopped_waiting: str
    nothing_runs: str
    go_on: str
    """The label of a button, as the next one."""
    try_again: str
    going_on: str
    trying_again: str
    done: str

    aside_offer: str
    """What is said of long answers has no Markdown."""
    aside_go: str
    aside_stop: str
    aside_going: str
    set_aside: str
    aside_stopped: str
    aside_done: str
    aside_over: str
    days: str
    """Of how long something took, as the next three."""
    hours: str
    minutes: str
    seconds: str

    cut_short: str
    """Under an answer, as the next two."""
    answer_stopped: str
    stopped_early: str
    picture_unseen: str
    done_by_then: str
    """Above what a turn changed that came to no answer."""
    take_back: str
    """The label of a button, as the next one."""
    take_back_one: str
    """With the number of what it takes back."""

    missed_one: str
    """What is said of missed messages has no Markdown. In private, as the next one."""
    missed_several: str
    missed_one_here: str
    """In a group, as the next one."""
    missed_several_here: str
    missed_when: str
    months: str
    """From January on, as they stand in a date, with blanks between."""
    missed_long_ago: str
    missed_all_beyond: str
    missed_some_beyond: str
    missed_answer_it: str
    missed_answer_them: str
    missed_answer: str
    """The label of a button, as the next one."""
    missed_skip: str
    missed_answered: str
    missed_skipped: str

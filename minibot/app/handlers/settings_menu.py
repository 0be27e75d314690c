"""What a chat can choose by buttons: one page for each choice, and one that leads to them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from minibot.app.handlers.agenda.cards import Card
from minibot.app.markdown import literal
from minibot.core.chat_settings import (
    ChatSettings,
    DuringTurn,
    GroupMode,
    Switch,
    Verbosity,
    read_temperature,
)
from minibot.core.messages import Button
from minibot.core.texts import LANGUAGES, Texts

PRESS = "cs"
"""First part of the data of these buttons: ``cs:<page>:<number>:<value>``, where the number is
that of the part of a long page, and nothing is chosen without a value."""

ROOT = "root"
CLOSE = "close"
DEFAULT = "default"
PART = 8
"""Values that are shown at a time."""

WARM = (0.0, 0.3, 0.7, 1.0, 1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a page is made of."""

    settings: ChatSettings
    texts: Texts
    models: Sequence[str]
    """Titles of those that can be chosen."""
    group: bool
    default_group_mode: GroupMode
    """That of a group, or a topic, which did not choose."""


Chosen = Callable[[Scene, str], Mapping[str, Any]]
"""Turns the value of a button into what is changed. Raises `ValueError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One choice."""

    label: Callable[[Texts], str]
    about: Callable[[Texts], str]
    current: Callable[[ChatSettings], str]
    """Gives the value that is chosen."""
    values: Callable[[Scene], Sequence[tuple[str, str]]]
    """Gives what can be chosen: the value in the button, and its name."""
    chosen: Chosen
    group_only: bool = False


def digest(title: str) -> str:
    """Name a model in few characters."""
    return hashlib.sha256(title.encode()).hexdigest()[:12]


def _models(scene: Scene) -> Sequence[tuple[str, str]]:
    named = [(digest(title), title) for title in scene.models]
    chosen = scene.settings.model
    if chosen and chosen not in scene.models:
        named.append((digest(chosen), f"{chosen} ({scene.texts.gone})"))
    return [(DEFAULT, scene.texts.default), *named]


def _choose_model(scene: Scene, value: str) -> Mapping[str, Any]:
    if value == DEFAULT:
        return {"model": ""}
    for title in (*scene.models, scene.settings.model):
        if digest(title) == value:
            return {"model": title}
    raise ValueError("no such model")


def _temperatures(scene: Scene) -> Sequence[tuple[str, str]]:
    own = scene.settings.temperature
    values = sorted({*WARM, *(() if own is None else (own,))})
    return [(DEFAULT, scene.texts.default), *((f"{each:g}", f"{each:g}") for each in values)]


def _choose_temperature(_scene: Scene, value: str) -> Mapping[str, Any]:
    return {"temperature": None if value == DEFAULT else read_temperature(float(value))}


def _languages(scene: Scene) -> Sequence[tuple[str, str]]:
    named = ((code, each.name) for code, each in LANGUAGES.items())
    return [(DEFAULT, scene.texts.own_language), *named]


def _choose_language(_scene: Scene, value: str) -> Mapping[str, Any]:
    if value != DEFAULT and value not in LANGUAGES:
        raise ValueError("no such language")
    return {"language": "" if value == DEFAULT else value}


_MODES = (
    (GroupMode.ADDRESSED, "addressed"),
    (GroupMode.ALWAYS, "always"),
    (GroupMode.OFF, "silent"),
)


def _group_modes(scene: Scene) -> Sequence[tuple[str, str]]:
    named = {mode: str(getattr(scene.texts, name)) for mode, name in _MODES}
    default = f"{scene.texts.default} ({named[scene.default_group_mode]})"
    return [(GroupMode.DEFAULT.value, default), *((mode.value, named[mode]) for mode in named)]


def _of(*names: tuple[StrEnum, str]) -> Callable[[Scene], Sequence[tuple[str, str]]]:
    """Offer values by the names of their texts."""
    return lambda scene: [(value.value, getattr(scene.texts, name)) for value, name in names]


def _kept_as(name: str, kind: type[StrEnum]) -> Chosen:
    return lambda _scene, value: {name: kind(value)}


_SWITCH = _of((Switch.DEFAULT, "default"), (Switch.ON, "switched_on"), (Switch.OFF, "switched_off"))

PAGES: Mapping[str, Page] = {
    "model": Page(
        label=lambda texts: texts.model,
        about=lambda texts: texts.about_model,
        current=lambda settings: digest(settings.model) if settings.model else DEFAULT,
        values=_models,
        chosen=_choose_model,
    ),
    "warm": Page(
        label=lambda texts: texts.temperature,
        about=lambda texts: texts.about_temperature,
        current=lambda settings: (
            DEFAULT if settings.temperature is None else f"{settings.temperature:g}"
        ),
        values=_temperatures,
        chosen=_choose_temperature,
    ),
    "seen": Page(
        label=lambda texts: texts.streaming,
        about=lambda texts: texts.about_streaming,
        current=lambda settings: settings.streaming.value,
        values=_SWITCH,
        chosen=_kept_as("streaming", Switch),
    ),
    "words": Page(
        label=lambda texts: texts.verbosity,
        about=lambda texts: texts.about_verbosity,
        current=lambda settings: settings.verbosity.value,
        values=_of(
            (Verbosity.BRIEF, "brief"),
            (Verbosity.NORMAL, "normal"),
            (Verbosity.DETAILED, "detailed"),
        ),
        chosen=_kept_as("verbosity", Verbosity),
    ),
    "during": Page(
        label=lambda texts: texts.during_turn,
        about=lambda texts: texts.about_during_turn,
        current=lambda settings: settings.during_turn.value,
        values=_of(
            (DuringTurn.DEFAULT, "default"),
            (DuringTurn.QUEUE, "queue"),
            (DuringTurn.STEER, "steer"),
            (DuringTurn.INTERRUPT, "interrupt"),
        ),
        chosen=_kept_as("during_turn", DuringTurn),
    ),
    "group": Page(
        label=lambda texts: texts.group_mode,
        about=lambda texts: texts.about_group_mode,
        current=lambda settings: settings.group_mode.value,
        values=_group_modes,
        chosen=_kept_as("group_mode", GroupMode),
        group_only=True,
    ),
    "rich": Page(
        label=lambda texts: texts.rich,
        about=lambda texts: texts.about_rich,
        current=lambda settings: settings.rich.value,
        values=_SWITCH,
        chosen=_kept_as("rich", Switch),
    ),
    "lang": Page(
        label=lambda texts: texts.language,
        about=lambda texts: texts.about_language,
        current=lambda settings: settings.language or DEFAULT,
        values=_languages,
        chosen=_choose_language,
    ),
}
"""By the name in the data of their buttons, in the order in which they are shown."""


def named(page: Page, scene: Scene) -> str:
    """Give the name of what is chosen."""
    current = page.current(scene.settings)
    return next((name for value, name in page.values(scene) if value == current), current)


def pages(scene: Scene) -> Mapping[str, Page]:
    """Leave out what nobody can choose here."""
    return {key: page for key, page in PAGES.items() if scene.group or not page.group_only}


def root_card(scene: Scene) -> Card:
    """Show what is chosen, with a button for each choice."""
    texts, shown = scene.texts, pages(scene)
    lines = [f"- {page.label(texts)}: **{literal(named(page, scene))}**" for page in shown.values()]
    prompt = texts.yes if scene.settings.prompt else texts.no
    lines.append(f"- {texts.prompt}: **{prompt}** (`/prompt`)")
    buttons = [_button(page.label(texts), key) for key, page in shown.items()]
    rows: list[tuple[Button, ...]] = [
        tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)
    ]
    rows.append((_button(texts.close, CLOSE),))
    return Card("\n".join((texts.settings, "", *lines)), tuple(rows))


def page_card(key: str, scene: Scene, part: int = 0) -> Card:
    """Show what can be chosen, with a mark at what is."""
    page, texts = PAGES[key], scene.texts
    values = page.values(scene)
    parts = -(-len(values) // PART)
    part = min(max(part, 0), parts - 1)
    current = page.current(scene.settings)
    rows: list[tuple[Button, ...]] = [
        (_button(f"✓ {name}" if value == current else name, key, part, value),)
        for value, name in values[part * PART : (part + 1) * PART]
    ]
    if parts > 1:
        rows.append(
            tuple(
                _button(f"• {each + 1}" if each == part else f"{each + 1}", key, each)
                for each in range(parts)
            )
        )
    back = (_button(texts.back, ROOT), _button(texts.close, CLOSE))
    text = f"**{page.label(texts)}**: {literal(named(page, scene))}\n\n{page.about(texts)}"
    return Card(text, (*rows, back))


def _button(label: str, key: str, part: int = 0, value: str = "") -> Button:
    return Button(label=label, data=f"{PRESS}:{key}:{part}:{value}")

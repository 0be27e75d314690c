"""What people send beside words: fetched, read, and put into words or pictures for the model."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from minibot.app.agent.prompt import cut_middle
from minibot.app.agent.turn_state import UNTRUSTED_OPEN
from minibot.app.channels import ChannelSet
from minibot.app.enclosure_words import (
    WORDLESS_KINDS,
    for_person,
    in_words,
    label_of,
    suffix_of,
)
from minibot.app.pipeline import TurnContext
from minibot.core.errors import MediaUnreadable, SendFailed
from minibot.core.llm import Picture, Utterance
from minibot.core.media import Extract, StoredMedia
from minibot.core.messages import Attachment, AttachmentKind
from minibot.core.owners import owner_of
from minibot.core.ports import Fill, MediaReader, MediaStore, Transcriber, Write
from minibot.core.settings import Media

READABLE = frozenset({AttachmentKind.PHOTO, AttachmentKind.DOCUMENT})
AUDIBLE = frozenset(
    {
        AttachmentKind.VOICE,
        AttachmentKind.AUDIO,
        AttachmentKind.VIDEO,
        AttachmentKind.VIDEO_NOTE,
    }
)
OWN_WORDS = frozenset({AttachmentKind.VOICE, AttachmentKind.VIDEO_NOTE})
"""Recorded by their sender; all other speech may be anybody's."""

KEPT_CHARACTERS = 12_000
"""Of what one message enclosed, that later turns are shown."""

PAST_PICTURES = 4
"""Pictures of earlier messages that are shown again, the newest."""
NOT_AGAIN = "[Not shown again.]"

VIEW = "view"
"""Ends the key of a picture that was made of another file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """Everything that came with one message."""

    lines: tuple[str, ...] = ()
    """For the model, now."""
    kept: tuple[str, ...] = ()
    """For the model, later; shorter."""
    pictures: tuple[Picture, ...] = ()
    untrusted: bool = False
    problems: tuple[str, ...] = ()
    """What could not be read and why, for its person; Markdown."""
    keys: tuple[str, ...] = ()
    """Of the files that were kept for this."""


NOTHING = Enclosed()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where something came from and whose it is."""

    attachment: Attachment
    quoted: bool
    channel: str
    owner: str
    media: Media
    share: int
    """Characters of it that are kept."""

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.attachment.key or self.attachment.file_id}"


class Enclosures:
    """Opens what comes with messages. A file is fetched once, however often its turn runs."""

    def __init__(
        self,
        channels: ChannelSet,
        *,
        store: MediaStore,
        reader: MediaReader,
        transcriber: Transcriber,
    ) -> None:
        self._channels = channels
        self._store = store
        self._reader = reader
        self._transcriber = transcriber

    async def open(self, context: TurnContext) -> Enclosed:
        """Open all that a message and the one it answers carry. What fails is told in words."""
        sources = _sources(context)
        if not sources:
            return NOTHING
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._open(source)) for source in sources]
        opened = [task.result() for task in tasks]
        return Enclosed(
            lines=tuple(line for each in opened for line in each.lines),
            kept=tuple(line for each in opened for line in each.kept),
            pictures=tuple(picture for each in opened for picture in each.pictures),
            untrusted=any(each.untrusted for each in opened),
            problems=tuple(line for each in opened for line in each.problems),
            keys=tuple(key for each in opened for key in each.keys),
        )

    async def discard(self, context: TurnContext, enclosed: Enclosed) -> None:
        """Delete the files of a message."""
        owner = owner_of(context.message, context.settings)
        for key in enclosed.keys:
            await self._store.discard(owner, key)

    async def still_shown(self, past: Sequence[Utterance]) -> Sequence[Utterance]:
        """Leave out of a history the pictures that are gone, and all but the newest few."""
        pictures = [picture for entry in past for picture in entry.pictures]
        if not pictures:
            return past
        present = await self._store.present(pictures)
        left = PAST_PICTURES
        shown: list[Utterance] = []
        for entry in reversed(past):
            if entry.pictures:
                there = [each for each in entry.pictures if each in present][:left]
                left -= len(there)
                entry = _with_pictures(entry, tuple(there))
            shown.append(entry)
        return shown[::-1]

    async def _open(self, source: _Source) -> Enclosed:
        label = label_of(source.attachment, quoted=source.quoted)
        kind = source.attachment.kind
        if kind in WORDLESS_KINDS:
            line = in_words(label, source.attachment.detail)
            return Enclosed(lines=(line,), kept=(line,))
        try:
            if kind in READABLE:
                return await self._read(source, label)
            if kind in AUDIBLE:
                return await self._listen(source, label)
            raise MediaUnreadable("I have no way to look at this")
        except MediaUnreadable as error:
            line = f"[{label}: you cannot open it, because {error}. Tell the person.]"
            problem = for_person(source.attachment, quoted=source.quoted, problem=str(error))
            return Enclosed(lines=(line,), kept=(line,), problems=(problem,))

    async def _read(self, source: _Source, label: str) -> Enclosed:
        attachment = source.attachment
        stored = await self._fetch(source)
        extract = await self._reader.read(
            stored.path,
            name=attachment.name,
            mime_type=attachment.mime_type,
            limits=source.media,
        )
        if extract.mime_type:
            return await self._picture(source, label, stored, extract)
        if not extract.text.strip():
            raise MediaUnreadable("there is no text in it that I could read")
        scope = f", {extract.scope}" if extract.scope else ""
        return _document(source, f"{label}{scope}", extract.text, untrusted=True)

    async def _picture(
        self, source: _Source, label: str, stored: StoredMedia, extract: Extract
    ) -> Enclosed:
        keys = [source.key]
        if extract.picture:
            keys.append(f"{source.key}:{VIEW}")
            stored = await self._store.keep(
                source.owner,
                keys[-1],
                _fill_with(extract.picture),
                suffix=f".{extract.mime_type.rpartition('/')[2]}",
                limits=source.media,
            )
        line = f"[{label}]"
        return Enclosed(
            lines=(line,),
            kept=(line,),
            pictures=(Picture(path=stored.path, mime_type=extract.mime_type),),
            untrusted=True,  # it may be a picture of words
            keys=tuple(keys),
        )

    async def _listen(self, source: _Source, label: str) -> Enclosed:
        transcription = source.media.transcription
        if not transcription.enabled:
            raise MediaUnreadable(
                "no speech recognition is set up here (media.transcription in config.toml)"
            )
        stored = await self._fetch(source)
        suffix = suffix_of(source.attachment)
        words = await self._transcriber.transcribe(
            stored.path, name=f"speech{suffix}", settings=transcription
        )
        if not words.strip():
            raise MediaUnreadable("I heard no words in it")
        own = source.attachment.kind in OWN_WORDS and not source.quoted
        if own:
            line = f"[{label}, as it was understood:]\n{words}"
            return Enclosed(lines=(line,), kept=(line,), keys=(source.key,))
        return _document(source, f"{label}, as it was understood", words, untrusted=True)

    async def _fetch(self, source: _Source) -> StoredMedia:
        attachment, owner = source.attachment, source.owner
        if not attachment.file_id:
            raise MediaUnreadable("nothing tells where it is")
        limit = source.media.max_file_mb * 1024**2
        if attachment.size > limit:
            raise MediaUnreadable(
                f"it has {attachment.size / 1024**2:.1f} MB, and I fetch "
                f"{source.media.max_file_mb} MB at the most"
            )
        if (found := await self._store.find(owner, source.key)) is not None:
            return found
        channel = self._channels.find(source.channel)
        if channel is None:
            raise MediaUnreadable(f"{source.channel} is switched off")

        async def fill(write: Write) -> None:
            await channel.download(attachment, write, max_bytes=limit)

        try:
            return await self._keep(source, fill)
        except SendFailed:
            pass
        try:
            return await self._keep(source, fill)
        except SendFailed:
            raise MediaUnreadable("it could not be fetched just now: send it again") from None

    async def _keep(self, source: _Source, fill: Fill) -> StoredMedia:
        return await self._store.keep(
            source.owner,
            source.key,
            fill,
            suffix=suffix_of(source.attachment),
            limits=source.media,
        )


def _sources(context: TurnContext) -> list[_Source]:
    message = context.message
    if not message.attachments and not message.quoted_attachments:
        return []
    named = [(each, True) for each in message.quoted_attachments]
    named += [(each, False) for each in message.attachments]
    owner = owner_of(message, context.settings)
    return [
        _Source(
            attachment=attachment,
            quoted=quoted,
            channel=message.chat.channel,
            owner=owner,
            media=context.settings.media,
            share=KEPT_CHARACTERS // len(named),
        )
        for attachment, quoted in named
    ]


def _document(source: _Source, heading: str, text: str, *, untrusted: bool) -> Enclosed:
    def framed(shown: str) -> str:
        return f"[{heading}:]\n{UNTRUSTED_OPEN}{shown}\n[End of it.]"

    return Enclosed(
        lines=(framed(text),),
        kept=(framed(cut_middle(text, source.share)),),
        untrusted=untrusted,
        keys=(source.key,),
    )


def _fill_with(data: bytes) -> Fill:
    async def fill(write: Write) -> None:
        await write(data)

    return fill


def _with_pictures(entry: Utterance, pictures: tuple[Picture, ...]) -> Utterance:
    if len(pictures) == len(entry.pictures):
        return entry
    return replace(entry, pictures=pictures, text=f"{entry.text}\n{NOT_AGAIN}")

"""The settings of each message name what hears it."""

import pytest

from minibot.adapters.media.engines import ChosenTranscriber
from minibot.container.media import media_means
from minibot.core.errors import MediaUnreadable
from minibot.core.settings import Transcription
from tests.app.media import FakeTranscriber

LOCAL = Transcription(enabled=True, engine="local", model="small")
ENDPOINT = Transcription(enabled=True)


async def test_the_engine_of_the_settings_hears_it() -> None:
    there, here = FakeTranscriber(), FakeTranscriber()
    chosen = ChosenTranscriber({"endpoint": there, "local": here})
    await chosen.transcribe("x", name="far", settings=ENDPOINT)
    await chosen.transcribe("x", name="near", settings=LOCAL)
    await chosen.close()
    assert (there.heard, here.heard) == (["far"], ["near"])


@pytest.mark.parametrize("settings", [ENDPOINT, LOCAL])
async def test_there_is_one_for_every_engine(settings: Transcription) -> None:
    transcriber = media_means().transcriber
    with pytest.raises(MediaUnreadable, match="not kept any more: send it again"):
        await transcriber.transcribe("/no/such/file", name="x", settings=settings)
    await transcriber.close()

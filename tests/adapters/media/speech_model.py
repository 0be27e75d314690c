"""A recording for everybody, and the model of those who have one."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

SPEECH = Path(__file__).with_name("speech.ogg")
"""A synthetic voice: Good morning. The weather in London is sunny today."""

MODEL = os.environ.get("TEST_WHISPER_MODEL", "")
INSTALLED = find_spec("faster_whisper") is not None

with_model = pytest.mark.skipif(
    not (MODEL and INSTALLED),
    reason="no speech model: install the extra whisper, and name the folder of a Whisper model "
    "in CTranslate2's format in TEST_WHISPER_MODEL",
)

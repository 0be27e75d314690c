"""The library's types are imported without being completed, and what is used works."""

import subprocess
import sys

PROBE = """
import pydantic
before = pydantic.BaseModel.__dict__["model_rebuild"]
from minibot.adapters.channels.telegram import lean_aiogram
assert pydantic.BaseModel.__dict__["model_rebuild"] is before
import aiogram.types
complete = [name for name in aiogram.types.__all__
            if getattr(getattr(aiogram.types, name), "__pydantic_complete__", False)]
print(len(complete))
answer = lean_aiogram.Response[dict].model_validate(
    {"ok": False, "description": "wait", "parameters": {"retry_after": 3}})
assert answer.parameters.retry_after == 3

class Later(pydantic.BaseModel):
    other: "Other"
class Other(pydantic.BaseModel):
    number: int
assert Later.model_rebuild() is True
assert Later(other={"number": 1}).other.number == 1
"""


def test_types_are_not_completed_at_import_and_those_in_use_are_on_demand() -> None:
    probe = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-W", "error", "-c", PROBE], capture_output=True, text=True, check=False
    )

    assert probe.returncode == 0, probe.stderr
    assert int(probe.stdout) < 20

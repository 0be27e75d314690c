import pytest

from minibot.core.stop_words import is_stop_word


@pytest.mark.parametrize(
    "text", ["stop", "Stop!", " STOP. ", "стоп", "停止。", "Halt", "para", "stop it"]
)
def test_a_word_that_stops_is_all_that_is_said(text: str) -> None:
    assert is_stop_word(text)


@pytest.mark.parametrize(
    "text", ["", "stop the music", "bus stop", "/stop", "stopping", "nonstop", "s t o p", "!" * 99]
)
def test_all_else_is_a_message(text: str) -> None:
    assert not is_stop_word(text)

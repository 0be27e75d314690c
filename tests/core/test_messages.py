import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibot.core.messages import ChatRef

names = st.text(st.characters(codec="ascii", exclude_characters=":"), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("chat", "key", "chat_key"),
    [
        (ChatRef(channel="telegram", chat_id="42"), "telegram:42", "telegram:42"),
        (
            ChatRef(channel="telegram", chat_id="-1002", thread_id="17"),
            "telegram:-1002:17",
            "telegram:-1002",
        ),
    ],
)
def test_keys_name_the_conversation_and_the_chat(chat: ChatRef, key: str, chat_key: str) -> None:
    assert (chat.key, chat.chat_key) == (key, chat_key)


@given(names, names, st.one_of(st.just(""), names))
def test_key_is_read_back(channel: str, chat_id: str, thread_id: str) -> None:
    chat = ChatRef(channel=channel, chat_id=chat_id, thread_id=thread_id)
    assert ChatRef.parse(chat.key) == chat


@pytest.mark.parametrize("key", ["", "telegram", "a:b:c:d"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a conversation key"):
        ChatRef.parse(key)

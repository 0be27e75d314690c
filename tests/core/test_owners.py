from minibot.core.owners import belongs_to, moved_owner, owner_of, person_of
from minibot.core.settings import Settings
from tests.fakes import make_chat, make_message, make_settings


def test_a_person_has_a_memory_in_private_and_one_in_each_group() -> None:
    settings = make_settings()
    private = make_message(chat=make_chat("42"))
    group = make_message(chat=make_chat("-100", "7"), private=False)
    assert owner_of(private, settings) == "telegram:42"
    assert owner_of(group, settings) == "telegram:42@-100"
    assert person_of(group, settings) == "telegram:42"


def test_the_settings_say_whose_the_console_is() -> None:
    settings = Settings.model_validate({"tools": {"kv_memory": {"default_owner_id": "family"}}})
    assert owner_of(make_message(chat=make_chat("local", channel="console")), settings) == "family"


def test_memories_belong_to_exactly_one_person() -> None:
    assert belongs_to("telegram:1", "telegram:1")
    assert belongs_to("telegram:1@-5", "telegram:1")
    assert not belongs_to("telegram:11", "telegram:1")
    assert not belongs_to("telegram:1", "telegram:11")


def test_owners_in_a_group_follow_it_to_its_new_id() -> None:
    group = make_chat("-5")
    assert moved_owner("telegram:1@-5", group, "-77") == "telegram:1@-77"
    unmoved = ("telegram:1", "telegram:1@-55", "telegram:-5", "console:1@-5", "primary")
    assert [moved_owner(owner, group, "-77") for owner in unmoved] == list(unmoved)

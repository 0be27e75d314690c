"""No id can reach into another's keys."""

from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minibot.adapters.storage.redis.keys import Keys
from minibot.core.llm import Role, Utterance
from tests.contracts.note_stores import a_note
from tests.contracts.redis_server import RedisCorner
from tests.fakes import FakeClock

KEYS = Keys("minibot:")
NASTY = ("a", "a:state", "a*", "{a}", "a\nb", "%61", "a%3Astate", "", "a:b", "a b", "\ud800", "[a]")

ids = st.text(max_size=12) | st.text(alphabet=":*?[]{}\\%\n\r a@\ud800", max_size=6)


def names_of(id_: str) -> set[str]:
    return {KEYS.entries(id_), KEYS.state(id_), KEYS.notes(id_), KEYS.outcome(id_)}


@given(one=ids, other=ids)
@example(one="a", other="a:state")
@example(one="a", other="*")
@example(one="a%3A", other="a:")
def test_two_ids_have_no_key_in_common(one: str, other: str) -> None:
    shared = names_of(one) & names_of(other)

    assert not shared or one == other


@given(one=ids, other=ids)
@example(one="a", other="*")
def test_key_of_one_is_no_pattern_for_another(one: str, other: str) -> None:
    matching = [
        (name, pattern)
        for name, pattern in product(names_of(one), names_of(other))
        if fnmatchcase(name, pattern)
    ]

    assert not matching or one == other


@given(id_=ids)
def test_key_of_an_id_is_none_of_the_common_keys(id_: str) -> None:
    assert not names_of(id_) & {KEYS.conversations, KEYS.owners}
    assert len(names_of(id_)) == 4


@pytest.mark.parametrize("id_", NASTY)
async def test_what_one_tenant_has_no_other_sees(
    id_: str, corner: RedisCorner, clock: FakeClock
) -> None:
    others = [f"telegram:{other}" for other in NASTY if other != id_]
    mine = f"telegram:{id_}"
    async with corner.open(clock) as stores:
        for other in others:
            await stores.history.append(other, [Utterance(role=Role.USER, text="theirs")])
            await stores.notes.save(a_note("theirs", owner=other))
        await stores.history.append(mine, [Utterance(role=Role.USER, text="mine")], author="7")
        await stores.notes.save(a_note("mine", owner=mine))

        assert [entry.text for entry in await stores.history.recent(mine, 10)] == ["mine"]
        assert (await stores.notes.search(mine, "", limit=10)).total == 1
        await stores.history.put_away(mine)
        await stores.notes.clear(mine)

        for other in others:
            assert [entry.text for entry in await stores.history.recent(other, 10)] == ["theirs"]
            assert (await stores.notes.search(other, "", limit=10)).total == 1

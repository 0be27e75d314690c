from minibot.app.live_settings import LiveSettings
from tests.fakes import make_settings


def test_snapshot_is_replaced_as_a_whole_and_counted() -> None:
    first, second = make_settings(), make_settings(runtime={"environment": "other"})
    live = LiveSettings(first)
    taken = live.current
    assert live.generation == 1
    live.replace(second)
    assert live.current is second
    assert taken is first
    assert live.generation == 2

import asyncio
import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from minibot.adapters.observability import LogPipeline
from minibot.core import log_context
from tests.adapters.observability.conftest import JSON, LOGFMT, PLAIN, Logs
from tests.adapters.observability.secrets import BOT_TOKEN, CANARIES, MODEL_KEY, SHORT

LOG = logging.getLogger("minibot.app.turn")


def assert_clean(text: str) -> None:
    assert text, "nothing was logged, so nothing was proved"
    for canary in CANARIES:
        assert canary not in text
    assert "canary" not in text


def test_every_line_says_when_how_bad_who_and_what(logs: Logs) -> None:
    logs.start(logging=JSON, runtime={"environment": "cellar"})
    LOG.info("Turn finished", extra={"seconds": 1.5, "kind": {"a": 1}})
    line = orjson.loads(logs.text)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "service": "minibot",
        "environment": "cellar",
        "component": "app.turn",
        "message": "Turn finished",
        "seconds": 1.5,
        "kind": "{'a': 1}",
    }


def test_fields_of_the_context_are_on_every_line(logs: Logs, any_format: dict[str, Any]) -> None:
    logs.start(logging=any_format)
    with log_context.bind(request_id="r-1", conversation="telegram:5", user_id="5", job_id="j-9"):
        LOG.info("one")
        logging.getLogger("aiogram").warning("two")
    LOG.info("three")
    one, two, three = logs.lines
    for value in ("r-1", "telegram:5", "j-9"):
        assert value in one
        assert value in two
        assert value not in three


def test_context_and_values_are_those_of_the_call(logs: Logs) -> None:
    logs.start(logging=LOGFMT)
    things = ["early"]
    with log_context.bind(request_id="r-1"):
        LOG.info("Saw %s", things, extra={"also": things})
        things[0] = "late"
    assert "early" in logs.text
    assert "late" not in logs.text
    assert "request_id=r-1" in logs.text


def test_extra_wins_over_context_and_not_over_the_line_itself(logs: Logs) -> None:
    logs.start(logging=JSON)
    with log_context.bind(request_id="outer"):
        LOG.info("m", extra={"request_id": "inner", "level": "fake", "service": "fake"})
    line = orjson.loads(logs.text)
    assert line["request_id"] == "inner"
    assert (line["level"], line["service"]) == ("INFO", "minibot")
    assert (line["level_"], line["service_"]) == ("fake", "fake")


def test_second_call_changes_level_and_format_of_the_same_pipeline(logs: Logs) -> None:
    first = logs.start(logging=LOGFMT, runtime={"log_level": "INFO"})
    LOG.debug("hidden")
    second = logs.start(logging=JSON, runtime={"log_level": "trace"})
    LOG.log(5, "shown")
    assert first is second
    assert [type(handler) for handler in logging.getLogger().handlers] == [LogPipeline]
    (line,) = logs.lines
    assert orjson.loads(line)["level"] == "TRACE"


def test_libraries_are_quiet_unless_everything_is_wanted(logs: Logs) -> None:
    logs.start(runtime={"log_level": "DEBUG"})
    LOG.debug("ours")
    logging.getLogger("aiosqlite").debug("a statement")
    logging.getLogger("aiogram.session").debug("a request")
    assert "ours" in logs.text
    assert "a statement" not in logs.text
    assert "a request" not in logs.text
    logs.start(runtime={"log_level": "TRACE"})
    logging.getLogger("aiosqlite").debug("a statement")
    assert "a statement" in logs.text


def test_libraries_are_never_louder_than_the_level(logs: Logs) -> None:
    logs.start(runtime={"log_level": "ERROR"})
    logging.getLogger("aiogram").warning("not wanted")
    LOG.error("wanted")
    (line,) = logs.lines
    assert "message=wanted" in line


def test_secrets_go_from_message_arguments_and_fields(
    logs: Logs, any_format: dict[str, Any]
) -> None:
    logs.start(logging=any_format)
    for secret in CANARIES:
        LOG.info(f"in the message {secret}")
        LOG.info("in an argument %s %r", secret, {"key": secret})
        LOG.info(
            "in a field", extra={"url": f"https://h/bot{secret}/x?key={secret}", "o": [secret]}
        )
        LOG.info("in JSON %s", orjson.dumps({"error": secret}).decode())
        LOG.info("in the stack", stack_info=True, extra={secret: secret})
    LOG.info("a short one", extra={"webhook_secret": SHORT, "text": f"token={SHORT}"})
    assert_clean(logs.text)
    assert SHORT not in logs.text
    assert "***" in logs.text


def test_secrets_go_from_chained_exceptions(logs: Logs, any_format: dict[str, Any]) -> None:
    logs.start(logging=any_format)
    try:
        try:
            raise ConnectionError(f"cannot reach https://h/bot{BOT_TOKEN}/getMe")
        except ConnectionError as error:
            error.add_note(f"Authorization: Bearer {MODEL_KEY}")
            raise ExceptionGroup("both", [ValueError(MODEL_KEY), LookupError("x")]) from error
    except ExceptionGroup:
        LOG.exception("Turn failed")
    assert_clean(logs.text)
    assert "ConnectionError" in logs.text
    assert "The above exception was the direct cause" in logs.text


def test_secret_number_leaves_json_intact(logs: Logs) -> None:
    pipeline = logs.start(logging=JSON)
    pipeline.redact("x")
    logs.start(logging=JSON, llm={"api_key": "987654321"})
    LOG.info("m", extra={"n": 987654321, "other": 12345678})
    line = orjson.loads(logs.lines[-1])
    assert (line["n"], line["other"]) == ("***", 12345678)


def test_secrets_in_the_settings_need_not_be_named_again(logs: Logs) -> None:
    pipeline = logs.start(
        llm={"api_key": "settings-canary-1"},
        channels={"telegram": {"webhook_secret": "settings-canary-2"}},
    )
    assert pipeline.redact("settings-canary-1 settings-canary-2") == "*** ***"


def test_secrets_before_a_reload_stay_secret(logs: Logs) -> None:
    pipeline = logs.start(llm={"api_key": "old-secret-key"})
    logs.start(llm={"api_key": "new-secret-key"})
    assert pipeline.redact("old-secret-key new-secret-key") == "*** ***"


def test_uncaught_exceptions_are_logged_clean(logs: Logs, any_format: dict[str, Any]) -> None:
    logs.start(logging=any_format)
    error = RuntimeError(f"died of {MODEL_KEY}")
    sys.excepthook(RuntimeError, error, None)
    assert "Uncaught exception" in logs.text
    assert "CRITICAL" in logs.text
    assert_clean(logs.text)


def test_keyboard_interrupt_needs_no_traceback(logs: Logs) -> None:
    logs.start()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    (line,) = logs.lines
    assert 'message="Interrupted from the keyboard"' in line


def test_exceptions_of_threads_are_logged_clean(logs: Logs) -> None:
    logs.start()

    def fail() -> None:
        raise RuntimeError(f"died of {BOT_TOKEN}")

    thread = threading.Thread(target=fail, name="doomed")
    thread.start()
    thread.join()
    assert "thread_name=doomed" in logs.text
    assert "died of" in logs.text
    assert_clean(logs.text)


def test_exceptions_of_finalisers_are_logged_clean(logs: Logs) -> None:
    logs.start()

    class Fragile:
        def __del__(self) -> None:
            raise RuntimeError(f"died of {BOT_TOKEN}")

    fragile = Fragile()
    del fragile
    assert "Exception in a finaliser" in logs.text
    assert_clean(logs.text)


def test_warnings_are_logged_clean(logs: Logs) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.start()
        warnings.warn(f"old key {MODEL_KEY}", DeprecationWarning, stacklevel=1)
        assert "component=py.warnings" in logs.text
        assert_clean(logs.text)
        for handler in list(logging.getLogger().handlers):
            if isinstance(handler, LogPipeline):
                handler.remove()


async def test_errors_of_the_loop_are_logged_clean(logs: Logs) -> None:
    logs.start().watch(asyncio.get_running_loop())

    def fail() -> None:
        raise RuntimeError(f"died of {BOT_TOKEN}")

    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "Unhandled error in the event loop" in logs.text
    assert "died of" in logs.text
    assert_clean(logs.text)


async def test_access_log_is_clean(logs: Logs) -> None:
    logs.start(runtime={"log_level": "TRACE"})

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    async with server, aiohttp.ClientSession() as session:
        url = server.make_url(f"/bot{BOT_TOKEN}/getMe?key={MODEL_KEY}")
        async with session.get(url) as response:
            assert await response.text() == "ok"
    assert "component=aiohttp.access" in logs.text
    assert "getMe" in logs.text
    assert_clean(logs.text)


def test_broken_log_call_is_said_and_raises_nothing(logs: Logs) -> None:
    class Stubborn:
        def __str__(self) -> str:
            raise LookupError("no words")

    logs.start()
    LOG.info("%d things", "three")
    LOG.info("%s", Stubborn())
    LOG.info("m", extra={"thing": Stubborn()})
    assert len(logs.lines) == 3
    assert all("A log call failed" in line and "level=ERROR" in line for line in logs.lines)
    assert "problem=LookupError" in logs.lines[1]


def test_strange_values_are_written(logs: Logs, any_format: dict[str, Any]) -> None:
    logs.start(logging=any_format)
    extra = {"half": "\ud800", "huge": 10**40, "nan": float("nan"), "bytes": b"\xff"}
    LOG.info("half a pair \udfff", extra=extra)
    assert len(logs.lines) == 1
    assert "half a pair" in logs.text
    logs.text.encode()


def test_long_texts_are_cut_and_no_secret_with_them(logs: Logs) -> None:
    logs.start()
    for length in range(36_840, 36_870, 3):
        LOG.info("x" * length + BOT_TOKEN + "y" * 100_000)
    LOG.info("x" * 32_760 + BOT_TOKEN)
    assert all(len(line) < 34_000 for line in logs.lines)
    assert "characters more" in logs.text
    assert "7700112233" not in logs.text


def test_lines_after_closing_are_written_by_the_caller(logs: Logs) -> None:
    pipeline = logs.start()
    pipeline.close()
    LOG.info("late %s", MODEL_KEY)
    assert 'message="late ***"' in logs.stream.getvalue()


def test_removing_leaves_logging_as_it_was(logs: Logs) -> None:
    before = (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook)
    logs.start().remove()
    assert (list(logging.getLogger().handlers), sys.excepthook, threading.excepthook) == before


def test_stream_is_replaced_by_a_later_one(logs: Logs) -> None:
    logs.start(logging=PLAIN)
    LOG.info("first")
    first, later = logs.stream, Logs()
    logs.stream = later.stream
    logs.start(logging=PLAIN)
    LOG.info("second")
    assert "second" in logs.text
    assert "first" in first.getvalue()
    assert "second" not in first.getvalue()


def test_file_gets_the_same_lines_and_stays_through_a_reload(logs: Logs, tmp_path: Path) -> None:
    runtime = {"data_dir": tmp_path}
    pipeline = logs.start(runtime=runtime, logging={"file": {"enabled": True}})
    LOG.info("first %s", MODEL_KEY)
    logs.start(runtime=runtime, logging={"file": {"enabled": False}})
    LOG.info("second")
    pipeline.remove()
    written = (tmp_path / "logs/minibot.log").read_text()
    assert written == logs.stream.getvalue()
    assert 'message="first ***"' in written
    assert "message=second" in written


DYING = """
import logging
import subprocess
from minibot.adapters.observability import configure_logging
from minibot.core.settings import Settings

configure_logging(Settings(), ["exit-canary"])
for number in range(300):
    logging.getLogger("minibot.test").info("line %d", number)
raise SystemExit(3) if {exits} else RuntimeError("died of exit-canary")
"""


def test_nothing_is_lost_when_the_process_ends_without_closing() -> None:
    program = [sys.executable, "-c", DYING.format(exits=True)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert (ended.returncode, ended.stdout) == (3, "")
    assert len(ended.stderr.splitlines()) == 300


def test_death_of_the_process_is_logged_clean() -> None:
    program = [sys.executable, "-c", DYING.format(exits=False)]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert (ended.returncode, ended.stdout) == (1, "")
    last = ended.stderr.splitlines()[-1]
    assert "level=CRITICAL" in last
    assert "died of ***" in last
    assert "exit-canary" not in ended.stderr

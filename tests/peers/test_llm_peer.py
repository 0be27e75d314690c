"""The model server of the tests behaves like the real ones where it matters."""

import asyncio
import json
import struct
import sys
from base64 import b64decode
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.peers.llm import TOKEN_RE
from tests.peers.llm_rig import TOOLS, Rig, contents, open_rig, user


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig() as rig:
        yield rig


async def test_echo_acknowledges_the_last_user_message_and_counts_tokens(rig: Rig) -> None:
    history = [*user("rid1end"), {"role": "assistant", "content": "ack1end"}, *user("q rid42end")]
    status, body = await rig.ask(messages=history)
    choice = body["choices"][0]
    assert (status, choice["finish_reason"]) == (200, "stop")
    assert choice["message"]["content"] == "Echo: ack42end"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0


async def test_trailing_scope_acknowledges_all_unanswered_messages(rig: Rig) -> None:
    await rig.control("config", {"echo_scope": "trailing"})
    _, body = await rig.ask(messages=[*user("rid1end"), *user("rid2end")])
    assert body["choices"][0]["message"]["content"] == "Echo: ack1end ack2end"


async def test_requests_are_recorded_with_their_bodies(rig: Rig) -> None:
    await rig.ask(messages=user("question rid42end"))
    (record,) = (await rig.control("requests?full=1", method="GET"))["requests"]
    assert record["tokens"] == ["rid42end"]
    assert record["outcome"] == "ok"
    assert record["body"]["messages"][0]["content"] == "question rid42end"
    assert record["t_end"] >= record["t_start"]


async def test_chat_stream_comes_in_chunks_with_usage_at_the_end(rig: Rig) -> None:
    await rig.control("config", {"reply_tokens": 30, "tokens_per_s": 400})
    events = await rig.stream(messages=user("rid9end"), stream_options={"include_usage": True})
    assert events[-1] == "[DONE]"
    assert events[-2]["usage"]["completion_tokens"] > 30
    assert events[-3]["choices"][0]["finish_reason"] == "stop"
    parts = [event["choices"][0]["delta"].get("content") or "" for event in events[:-2]]
    assert sum(bool(part) for part in parts) > 2
    assert "".join(parts).endswith("Echo: ack9end")


async def test_chat_tool_calls_must_be_answered(rig: Rig) -> None:
    calls = [{"name": "add", "arguments": {"a": "{a}"}}, {"name": "add", "arguments": {"a": 2}}]
    steps = [{"tool_calls": calls}, {"text": "sum: {tool_results} {acks}"}]
    await rig.control("rules", {"match": r"add (?P<a>\d+)", "steps": steps})
    messages = user("please add 40 rid5end")
    _, body = await rig.ask(messages=messages, tools=TOOLS)
    message = body["choices"][0]["message"]
    assert message["content"] is None
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"a": "40"}
    messages.append(message)
    status, body = await rig.ask(messages=messages, tools=TOOLS)
    assert status == 400
    assert "must be followed by tool messages" in body["error"]["message"]
    messages.extend(
        {"role": "tool", "tool_call_id": call["id"], "content": "42"}
        for call in message["tool_calls"]
    )
    _, body = await rig.ask(messages=messages, tools=TOOLS)
    assert body["choices"][0]["message"]["content"] == "sum: 42\n42 ack5end"
    orphan = [*user("x"), {"role": "tool", "tool_call_id": "zzz", "content": "1"}]
    assert (await rig.ask(messages=orphan))[0] == 400


async def test_chat_stream_cuts_tool_arguments_into_deltas(rig: Rig) -> None:
    await rig.control("rules", {"match": "add", "tool_calls": [{"name": "add", "arguments": "{}"}]})
    events = await rig.stream(messages=user("add"), tools=TOOLS)
    deltas = [event["choices"][0]["delta"].get("tool_calls") for event in events[:-1]]
    arguments = [delta[0]["function"]["arguments"] for delta in deltas if delta]
    assert arguments == ["", "{", "}"]


async def test_messages_api_round_trip(rig: Rig) -> None:
    path = "v1/messages"
    rule = {"match": "tool", "tool_calls": [{"name": "t"}], "text": "after {tool_results}"}
    await rig.control("rules", rule)
    status, body = await rig.ask(path, messages=user("x"))
    assert status == 400
    assert "max_tokens" in body["error"]["message"]
    messages = user("use the tool")
    tools = [{"name": "t", "input_schema": {"type": "object"}}]
    _, body = await rig.ask(path, max_tokens=99, messages=messages, tools=tools)
    assert body["stop_reason"] == "tool_use"
    messages.append({"role": "assistant", "content": body["content"]})
    result = {"type": "tool_result", "tool_use_id": body["content"][0]["id"], "content": "R"}
    messages.append({"role": "user", "content": [result]})
    status, refused = await rig.ask(path, max_tokens=99, messages=messages)
    assert (status, "must define tools" in refused["error"]["message"]) == (400, True)
    _, body = await rig.ask(path, max_tokens=99, messages=messages, tools=tools)
    assert body["content"][0]["text"] == "after R"
    events = await rig.stream(path, max_tokens=99, messages=user("rid4end"))
    assert [events[0]["type"], events[-1]["type"]] == ["message_start", "message_stop"]
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    assert "".join(delta["text"] for delta in deltas) == "Echo: ack4end"


async def test_responses_api_round_trip(rig: Rig) -> None:
    path = "v1/responses"
    rule = {"match": "tool", "tool_calls": [{"name": "t"}], "text": "after {tool_results}"}
    await rig.control("rules", rule)
    tools = [{"type": "function", "name": "t"}]
    _, body = await rig.ask(path, input="tool please", tools=tools)
    call = body["output"][0]
    assert call["type"] == "function_call"
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "R"}
    _, body = await rig.ask(path, input=[output], previous_response_id=body["id"])
    assert body["output"][0]["content"][0]["text"] == "after R"
    assert (await rig.ask(path, input=[output]))[0] == 400
    events = await rig.stream(path, input="rid8end")
    assert [events[0]["type"], events[-1]["type"]] == ["response.created", "response.completed"]
    deltas = [e["delta"] for e in events if e["type"] == "response.output_text.delta"]
    assert "".join(deltas) == "Echo: ack8end"


async def test_google_api_round_trip(rig: Rig) -> None:
    path = "v1beta/models/gemini-3-pro:generateContent"
    rule = {"match": "tool", "tool_calls": [{"name": "t"}], "text": "after {tool_results}"}
    await rig.control("rules", rule)
    asked = contents("tool please")
    tools = [{"functionDeclarations": [{"name": "t"}]}]
    _, body = await rig.ask(path, contents=asked, tools=tools)
    candidate = body["candidates"][0]
    assert candidate["finishReason"] == "STOP"
    call = candidate["content"]["parts"][0]
    assert call["functionCall"] == {"name": "t", "args": {}}
    response = {"functionResponse": {"name": "t", "response": {"result": "R"}}}
    results = {"role": "user", "parts": [response]}
    _, body = await rig.ask(path, contents=[*asked, candidate["content"], results])
    assert body["candidates"][0]["content"]["parts"] == [{"text": "after R"}]
    unsigned = {"role": "model", "parts": [{"functionCall": call["functionCall"]}]}
    status, body = await rig.ask(path, contents=[*asked, unsigned, results])
    assert (status, body["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert (await rig.ask(path, contents=[*asked, results]))[0] == 400


async def test_google_stream_reports_usage_and_refuses_unknown_fields(rig: Rig) -> None:
    path = "v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    events = await rig.events(path, {"contents": contents("rid8end")})
    texts = [part["text"] for e in events for part in e["candidates"][0]["content"]["parts"]]
    assert "".join(texts) == "Echo: ack8end"
    assert events[-1]["candidates"][0]["finishReason"] == "STOP"
    assert events[-1]["usageMetadata"]["candidatesTokenCount"] > 0
    status, body = await rig.ask(path, contents=contents("x"), temperature=1)
    assert status == 400
    assert "Unknown name" in body["error"]["message"]


async def test_reasoning_is_kept_apart_from_the_text_in_every_format(rig: Rig) -> None:
    await rig.control("rules", {"text": "answer", "reasoning": "secret thought"})
    streams = [
        await rig.stream(messages=user("x")),
        await rig.stream("v1/messages", messages=user("x"), max_tokens=9),
        await rig.stream("v1/responses", input="x"),
        await rig.events(
            "v1beta/models/g:streamGenerateContent?alt=sse", {"contents": contents("x")}
        ),
    ]
    chat = [e["choices"][0]["delta"] for e in streams[0] if e != "[DONE]"]
    assert [d for d in chat if "reasoning" in d or "reasoning_content" in d]
    assert [e for e in streams[1] if e.get("delta", {}).get("type") == "thinking_delta"]
    assert [e for e in streams[2] if e["type"] == "response.reasoning_summary_text.delta"]
    parts = [e["candidates"][0]["content"]["parts"][0] for e in streams[3]]
    assert [part["text"] for part in parts if part.get("thought")] == ["secret ", "thought"]


async def test_stream_cuts_characters_and_separates_with_crlf_when_told(rig: Rig) -> None:
    await rig.control("config", {"split_utf8": True, "crlf": True})
    await rig.control("rules", {"text": "Привет"})
    body = {"model": "m", "stream": True, "messages": user("x")}
    chunks: list[bytes] = []
    async with rig.http.post(f"{rig.llm.url}/v1/chat/completions", json=body) as response:
        async for chunk, _ in response.content.iter_chunks():
            chunks.append(chunk)
    whole = b"".join(chunks)
    assert whole.count(b"\r\n\r\n") == whole.count(b"data:")
    assert [chunk for chunk in chunks if chunk.endswith(b"\xd0")]


async def test_embeddings_are_nearer_for_texts_that_share_words(rig: Rig) -> None:
    status, body = await rig.ask("v1/embeddings", input=["red fox", "red foxes", "tax law"])
    assert status == 200
    fox, foxes, law = (entry["embedding"] for entry in body["data"])
    near = sum(x * y for x, y in zip(fox, foxes, strict=True))
    assert near > sum(x * y for x, y in zip(fox, law, strict=True))
    _, body = await rig.ask("v1/embeddings", input="a", dimensions=8, encoding_format="base64")
    assert len(struct.unpack("<8f", b64decode(body["data"][0]["embedding"]))) == 8


async def test_models_and_transcriptions_are_served(rig: Rig) -> None:
    async with rig.http.get(f"{rig.llm.url}/v1/models") as response:
        assert (await response.json())["data"]
    assert (await rig.ask("v1/audio/transcriptions"))[1] == {"text": "transcribed speech"}


async def test_faults_strike_as_often_as_told(rig: Rig) -> None:
    await rig.control("faults", {"kind": "status", "status": 429, "retry_after": 2, "times": 1})
    url = f"{rig.llm.url}/v1/chat/completions"
    body = {"model": "m", "messages": user("x")}
    async with rig.http.post(url, json=body) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "2"
        assert (await response.json())["error"]["code"] == "rate_limit_exceeded"
    assert (await rig.ask(messages=user("x")))[0] == 200
    await rig.control("faults", {"kind": "malformed", "times": 1})
    async with rig.http.post(url, json=body) as response:
        with pytest.raises(json.JSONDecodeError):
            await response.json()


@pytest.mark.parametrize("kind", ["drop", "drop_after_head", "drop_mid_stream"])
async def test_drops_abort_the_connection(rig: Rig, kind: str) -> None:
    await rig.control("config", {"reply_tokens": 200})
    await rig.control("faults", {"kind": kind, "times": 1})
    with pytest.raises(aiohttp.ClientError):
        await rig.stream(messages=user("x"))


async def test_a_stream_may_end_too_early_in_good_order(rig: Rig) -> None:
    await rig.control("faults", {"kind": "cut_mid_stream"})
    assert "[DONE]" not in await rig.stream(messages=user("x"))


async def test_a_client_that_leaves_ends_its_request(rig: Rig) -> None:
    await rig.control("faults", {"kind": "hang", "times": 1})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await rig.ask(messages=user("x"))
    async with asyncio.timeout(5):
        while (await rig.control("stats", method="GET"))["inflight"]:
            pass
    assert rig.llm.app.records[0]["outcome"] == "client gone"


async def test_requests_are_checked(rig: Rig) -> None:
    await rig.control("config", {"api_key": "k", "context_window": 50})
    assert (await rig.ask(messages=user("x")))[0] == 401
    await rig.control("config", {"api_key": ""})
    status, answer = await rig.ask(messages=user("word " * 400))
    assert (status, answer["error"]["code"]) == (400, "context_length_exceeded")
    assert (await rig.ask(messages=[]))[0] == 400
    _, answer = await rig.ask(messages=user("x"), max_tokens=1)
    assert answer["choices"][0]["finish_reason"] == "length"


async def test_control_refuses_what_it_does_not_know(rig: Rig) -> None:
    assert "error" in await rig.control("config", {"no_such_switch": 1})
    assert "error" in await rig.control("nonsense", {})
    await rig.control("rules", {"match": "x"})
    await rig.control("reset")
    assert await rig.control("rules", method="DELETE") == {"rules": []}


def test_token_pattern_takes_the_shortest() -> None:
    assert TOKEN_RE.findall("a rid1c2m3end, rid9end.") == ["rid1c2m3end", "rid9end"]


async def test_it_runs_as_a_process() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.peers.llm", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        ready = json.loads(await process.stdout.readline())
        url = f"http://127.0.0.1:{ready['port']}/v1/models"
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            assert response.status == 200
        process.terminate()
        assert await process.wait() == 0

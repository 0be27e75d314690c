"""Lists of tables: the models that are asked when the first does not answer."""

from tests.adapters.config.conftest import Folder

CHAIN = """\
[llm]
provider = "openai"
base_url = "http://127.0.0.1:1/v1"
model = "first"

[[llm.fallbacks]]
provider = "openai"
base_url = "http://127.0.0.1:2/v1"
api_key = "${SPARE_KEY}"
model = "second"

[[llm.fallbacks]]
provider = "claude"
api_key = "k"
model = "third"
[llm.fallbacks.retry]
attempts = 1
"""


def test_they_come_in_order_with_their_variables(folder: Folder) -> None:
    llm = folder.load(CHAIN, dotenv="SPARE_KEY=sk-spare\n").settings.llm
    assert [model.title for model in llm.chain] == [
        "openai/first",
        "openai/second",
        "claude/third",
    ]
    assert llm.fallbacks[0].api_key.get_secret_value() == "sk-spare"
    assert [model.retry.attempts for model in llm.chain] == [3, 3, 1]


def test_a_missing_variable_is_told_with_its_line(folder: Folder) -> None:
    (problem,) = folder.refused(CHAIN)
    assert problem.startswith("9: llm.fallbacks.api_key: ")
    assert "SPARE_KEY" in problem


def test_mistakes_are_told_at_the_table_they_are_in(folder: Folder) -> None:
    text = CHAIN.replace("${SPARE_KEY}", "k").replace('model = "third"', 'modle = "third"')
    text = text.replace("attempts = 1", "attempts = 0")
    assert folder.refused(text) == [
        "15: llm.fallbacks.modle: unknown key; did you mean llm.fallbacks.model?",
        "17: llm.fallbacks.retry.attempts: must not be less than 1",
    ]


def test_what_is_missing_is_told_at_the_head_of_its_table(folder: Folder) -> None:
    text = CHAIN.replace("${SPARE_KEY}", "k").replace('model = "third"', "")
    assert folder.refused(text) == [
        '12: llm.fallbacks.model: is missing: name a model of provider "claude"'
    ]


def test_one_table_is_no_list_of_them(folder: Folder) -> None:
    assert folder.refused('[llm.fallbacks]\nmodel = "x"') == [
        "1: llm.fallbacks: must be a list, in [ ]"
    ]

"""The detector of promises, measured on sentences of eight languages and on what is no prose."""

import time
from collections.abc import Iterator

import pytest

from minibot.core.promises import find_promise, language_of
from tests.corpora import (
    promises,
    promises_asides,
    promises_company,
    promises_errands,
    promises_everyday,
    promises_held_out,
    promises_jobs,
    promises_unseen,
)

CORPORA = {
    "first": promises.SENTENCES,
    "held out": promises_held_out.SENTENCES,
    "everyday": promises_everyday.SENTENCES,
    "unseen": promises_unseen.SENTENCES,
    "errands": promises_errands.SENTENCES,
    "jobs": promises_jobs.SENTENCES,
    "company": promises_company.SENTENCES,
    "asides": promises_asides.SENTENCES,
}
LANGUAGES = tuple(promises.SENTENCES)
PROMISE = "I'll remind you tomorrow."
SIZE = 100_000


def sentences(*languages: str) -> Iterator[tuple[str, bool]]:
    """Give sentences of these languages, and whether they commit."""
    for corpus in CORPORA.values():
        for language in languages:
            yield from ((sentence, True) for sentence in corpus[language].commits)
            yield from ((sentence, False) for sentence in corpus[language].others)


def measured(*languages: str) -> tuple[float, float, str]:
    """Give precision and recall, and what was got wrong."""
    found = {sentence for sentence, _ in sentences(*languages) if find_promise(sentence)}
    commits = {sentence for sentence, commits in sentences(*languages) if commits}
    right = len(found & commits)
    wrong = [f"missed: {each}" for each in sorted(commits - found)]
    wrong += [f"no promise: {each}" for each in sorted(found - commits)]
    return right / len(found), right / len(commits), "\n".join(wrong)


def test_the_corpus_is_large_even_and_without_repeats() -> None:
    every = [sentence for sentence, _ in sentences(*LANGUAGES)]
    share = sum(commits for _, commits in sentences(*LANGUAGES)) / len(every)
    assert len(set(every)) == len(every) >= 600
    assert 0.4 < share < 0.6
    assert len(LANGUAGES) == 8


def test_precision_and_recall_over_all_languages() -> None:
    precision, recall, wrong = measured(*LANGUAGES)
    assert precision >= 0.95, wrong
    assert recall >= 0.95, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_precision_and_recall_in_each_language(language: str) -> None:
    precision, recall, wrong = measured(language)
    assert precision >= 0.9, wrong
    assert recall >= 0.9, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_of_a_promise_is_known(language: str) -> None:
    commits = [each for corpus in CORPORA.values() for each in corpus[language].commits]
    named = [language_of(each) for each in commits if find_promise(each)]
    assert named.count(language) >= 0.9 * len(named), list(zip(named, commits, strict=True))


def test_the_sentence_that_commits_is_given_as_it_stands() -> None:
    text = "It is **sunny**. I’ll *remind* you at 9! Have a nice day."
    assert find_promise(text) == "I’ll *remind* you at 9!"


def test_the_first_of_several_promises_is_given() -> None:
    assert find_promise(f"Fine.\n- {PROMISE}\n- I'll check again on Monday.") == f"- {PROMISE}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n\n ",
        f"```\n{PROMISE}\n```",
        f"```python\n# {PROMISE}",
        f"~~~\n```\n{PROMISE}\n```\n~~~",
        f"The label is `{PROMISE}`.",
        f"> {PROMISE}",
        f'He always says "{PROMISE}" and forgets.',
        f"He always says “{PROMISE}” and forgets.",
        f"Er sagt immer „{PROMISE}“ und vergisst es.",
        "He always says 'I'll remind you tomorrow' and forgets.",
        "按钮上写着「我会提醒你」。",
        f"Here is a draft:\n\nDear Ms Smith,\n\n{PROMISE}\n\nBest regards,\nAnn",
        f"Ein Entwurf:\n\nHallo Ben,\n\n{PROMISE}\n\nViele Grüße\nAnn",
        "I'll remind you of the rules:",
    ],
)
def test_what_the_speaker_does_not_say_for_himself_is_no_promise(text: str) -> None:
    assert find_promise(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"```\ncode\n```\n{PROMISE}",
        f'I read "War and Peace". {PROMISE}',
        'I\'ll remind you to call "Chez Ann" tomorrow.',
        f"Hi Ann,\n{PROMISE}\nCheers!",
        f"A draft:\n\nDear Ann,\nthanks.\n\nBest regards\nBen\n\n{PROMISE}",
        f"Do you like it? {PROMISE}",
        f"It opens at 9 a.m. on weekdays. {PROMISE}",
        f"# {PROMISE}",
        "I'LL REMIND YOU TOMORROW",
        "I'll remind you at 9, okay?",
    ],
)
def test_own_words_around_code_quotations_and_letters_count(text: str) -> None:
    assert find_promise(text) is not None


@pytest.mark.parametrize(
    "piece",
    [
        "word and other ",
        ".",
        ", ",
        "' ",
        " 'a'a",
        '"“„',
        "```\nx\n",
        "i'll ",
        "I'll see and ",
        "ich werde mache ich, ",
        "я буду в ",
        "我明天",
        "je te le la les ",
        "ti vi te lo domani ",
        "vou te amanhã ",
        "te lo mañana voy a ",
        "mañana te espero que y te ",
        "as soon as it i'll tell ",
        "when it tomorrow i'm going ",
        "sobald es ich warte und dir, ",
        "завтра буду и вам как только ",
        "明天我等就给你，有",
        "a" * 50 + " je ich vou te lo i'll 我 у ",
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """Were it to grow with the square, the longer text would take minutes instead of a second."""
    text = piece * (SIZE // len(piece))
    started = time.process_time()
    find_promise(text)
    assert time.process_time() - started < 20

"""Words that stop an answer when they are all that is said."""

STOP_WORDS = frozenset(
    {
        *("stop", "stop it", "cancel", "abort"),
        *("stopp", "halt", "abbrechen"),
        *("para", "detente", "cancela"),
        *("стоп", "хватит", "отмена"),
        *("停", "停止", "停下", "取消"),
    }
)

_ENDS = " .!…。！\t\n"


def is_stop_word(text: str) -> bool:
    return len(text) < 40 and text.strip(_ENDS).casefold() in STOP_WORDS

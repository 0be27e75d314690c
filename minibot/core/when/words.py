"""The words of times in English, German, Spanish, Russian and Chinese.

All is in lower case. A space stands for any space. Where two languages have the same word it means
the same, or only the reading that people expect of it is kept.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")

IN = ("in", "en", "dentro de", "через", "过", "過")
WITHOUT_NUMBER = ("через",)
"""Behind these a unit alone is one of it: через час."""
LATER = ("from now", "后", "後", "之后", "之後", "以后", "以後", "过后")
AND = ("and", "und", "y", "и", "又", "零", "和", "、", ",", "&")

EVERY = (
    *("every", "each", "jede", "jeden", "jedes", "jeder", "alle", "cada", "todos los", "todas las"),
    *("каждый", "каждую", "каждое", "каждые", "каждая", "每个", "每個", "每隔", "每"),
)
AT = ("at", "um", "gegen", "a las", "a la", "в", "во", "在")
ON = ("on the", "on", "am", "el día", "el dia", "el", "во", "в", "на")
NEXT = (
    *("next", "this", "coming", "nächsten", "nächste", "nächster", "kommenden", "diesen"),
    *("próximo", "proximo", "próxima", "este", "следующий", "следующую", "следующее"),
    *("ближайший", "эту", "этот", "下个", "这个", "本", "这"),
)
OF = ("of", "de", "des", "im", "в", "的")

SECONDS = {
    1: (
        *("s", "sec", "secs", "second", "seconds", "sek", "sekunde", "sekunden"),
        *("seg", "segundo", "segundos", "сек", "секунду", "секунды", "секунд", "секунда"),
        *("秒钟", "秒鐘", "秒"),
    ),
    60: (
        *("m", "min", "mins", "minute", "minutes", "minuten", "minuto", "minutos"),
        *("м", "мин", "минуту", "минуты", "минут", "минута", "分钟", "分鐘", "分"),
    ),
    1800: ("полчаса",),
    3600: (
        *("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "hora", "horas"),
        *("ч", "час", "часа", "часов", "个小时", "個小時", "小时", "小時", "个钟头", "钟头"),
    ),
}
DAYS = {
    1: (
        *("d", "day", "days", "tag", "tage", "tagen", "día", "días", "dia", "dias"),
        *("д", "день", "дня", "дней", "сутки", "天", "日"),
    ),
    7: (
        *("w", "wk", "week", "weeks", "woche", "wochen", "semana", "semanas"),
        *("нед", "неделю", "недели", "недель", "неделя"),
        *("个星期", "個星期", "星期", "周", "週", "个礼拜", "礼拜"),
    ),
}
MONTHS = {
    1: (
        *("mo", "month", "months", "monat", "monate", "monaten", "mes", "meses"),
        *("месяц", "месяца", "месяцев", "个月", "個月"),
    ),
    12: (
        *("y", "year", "years", "jahr", "jahre", "jahren", "año", "años", "ano", "anos"),
        *("год", "года", "лет", "年"),
    ),
}
BARE_MONTH = "月"
"""With a number before it, it is a month of the year."""
AMOUNTS = {
    0.5: (
        *("half an", "half a", "half", "einer halben", "eine halbe", "halbe", "halben"),
        *("media", "medio", "半个", "半個", "半"),
    ),
    1.0: (
        *("a", "an", "one", "ein", "eine", "einer", "einem", "einen", "un", "una", "uno"),
        *("один", "одну", "одна", "一"),
    ),
    2.0: ("two", "zwei", "dos", "два", "две", "两", "兩", "二"),
    3.0: ("three", "drei", "tres", "три", "三"),
    4.0: ("four", "vier", "cuatro", "четыре", "四"),
    5.0: ("five", "fünf", "cinco", "пять", "五"),
    6.0: ("six", "sechs", "seis", "шесть", "六"),
    7.0: ("seven", "sieben", "siete", "семь", "七"),
    8.0: ("eight", "acht", "ocho", "восемь", "八"),
    9.0: ("nine", "neun", "nueve", "девять", "九"),
    10.0: ("ten", "zehn", "diez", "десять", "十"),
}

DAYS_AHEAD = {
    0: ("today", "heute", "hoy", "сегодня", "今天", "今日"),
    1: ("tomorrow", "tmrw", "morgen", "mañana", "manana", "завтра", "明天", "明日"),
    2: (
        *("the day after tomorrow", "day after tomorrow", "übermorgen", "uebermorgen"),
        *("pasado mañana", "pasado manana", "послезавтра", "后天", "後天"),
    ),
}
DAILY = ("daily", "täglich", "taeglich", "diariamente", "a diario", "ежедневно")
WORKDAYS = (
    *("weekday", "weekdays", "workday", "workdays", "working day", "werktag", "werktags"),
    *("wochentag", "día laborable", "dia laborable", "día hábil", "días laborables"),
    *("будний день", "будни", "рабочий день", "工作日"),
)
ON_WORKDAYS = ("on weekdays", "weekdays", "werktags", "wochentags", "по будням", "工作日")
WEEKENDS = ("weekend", "weekends", "wochenende", "fin de semana", "выходные", "周末", "週末")
FROM_TO = ("to", "through", "bis", "a", "по", "到", "至", "-", "–")
OTHER = ("other", "zweiten", "zweite", "второй")
LAST_DAY = ("last day", "letzten tag", "letzten", "último día", "ultimo dia", "последний день")

WEEKDAYS = {
    1: (
        *("monday", "mon", "montag", "mo", "lunes", "lun"),
        *("понедельник", "пн", "周一", "週一", "星期一", "礼拜一"),
    ),
    2: (
        *("tuesday", "tue", "tues", "dienstag", "di", "martes", "mar"),
        *("вторник", "вт", "周二", "週二", "星期二", "礼拜二"),
    ),
    3: (
        *("wednesday", "wed", "mittwoch", "mi", "miércoles"),
        *("miercoles", "mié", "mie", "среду", "среда", "ср", "周三", "週三"),
        *("星期三", "礼拜三"),
    ),
    4: (
        *("thursday", "thu", "thur", "thurs", "donnerstag", "do"),
        *("jueves", "jue", "четверг", "чт", "周四", "週四", "星期四", "礼拜四"),
    ),
    5: (
        *("friday", "fri", "freitag", "fr", "viernes", "vie"),
        *("пятницу", "пятница", "пт", "周五", "週五", "星期五", "礼拜五"),
    ),
    6: (
        *("saturday", "sat", "samstag", "sonnabend", "sa", "sábado"),
        *("sabado", "sáb", "sab", "субботу", "суббота", "сб"),
        *("周六", "週六", "星期六", "礼拜六"),
    ),
    7: (
        *("sunday", "sun", "sonntag", "so", "domingo", "dom"),
        *("воскресенье", "вс", "周日", "週日", "周天", "星期日", "星期天", "礼拜天"),
    ),
}
WEEKLY = {
    1: ("mondays", "montags", "понедельникам"),
    2: ("tuesdays", "dienstags", "вторникам"),
    3: ("wednesdays", "mittwochs", "средам"),
    4: ("thursdays", "donnerstags", "четвергам"),
    5: ("fridays", "freitags", "пятницам"),
    6: ("saturdays", "samstags", "sábados", "sabados", "субботам"),
    7: ("sundays", "sonntags", "domingos", "воскресеньям"),
}
MONTH_NAMES = {
    1: ("january", "jan", "januar", "jänner", "enero", "ene", "января", "янв"),
    2: ("february", "feb", "februar", "febrero", "февраля", "фев"),
    3: ("march", "mar", "märz", "maerz", "marzo", "марта", "мар"),
    4: ("april", "apr", "abril", "abr", "апреля", "апр"),
    5: ("may", "mai", "mayo", "мая"),
    6: ("june", "jun", "juni", "junio", "июня", "июн"),
    7: ("july", "jul", "juli", "julio", "июля", "июл"),
    8: ("august", "aug", "agosto", "ago", "августа", "авг"),
    9: ("september", "sep", "sept", "septiembre", "сентября", "сен"),
    10: ("october", "oct", "oktober", "okt", "octubre", "октября", "окт"),
    11: ("november", "nov", "noviembre", "ноября", "ноя"),
    12: ("december", "dec", "dezember", "dez", "diciembre", "dic", "декабря", "дек"),
}

NOON = ("noon", "midday", "mittag", "mediodía", "mediodia", "полдень", "中午", "正午")
MIDNIGHT = ("midnight", "mitternacht", "medianoche", "полночь", "午夜")
OCLOCK = ("o'clock", "uhr", "点钟", "點鐘", "点", "點", "时", "時")
OCLOCK_BEHIND_AT = ("h", "hrs", "ч", "час", "часа", "часов")
"""These are lengths as well, unless a word for "at" is before them."""
FORENOON = (
    *("am", "a.m.", "a. m.", "in the morning", "morgens", "früh", "vormittags"),
    *("de la mañana", "por la mañana", "утра"),
)
AFTERNOON = (
    *("pm", "p.m.", "p. m.", "in the afternoon", "in the evening", "at night", "nachmittags"),
    *("abends", "de la tarde", "por la tarde", "de la noche", "вечера", "дня"),
)
BEFORE_NOON = ("上午", "早上", "早晨", "凌晨", "清晨")
PAST_NOON = ("下午", "晚上", "傍晚")
PARTS_OF_DAY = {
    9: ("morning", "früh", "vormittag", "por la mañana", "por la manana", "утром"),
    15: ("afternoon", "nachmittag", "por la tarde", "днём", "днем"),
    19: ("evening", "night", "abend", "por la noche", "вечером"),
}
"""What follows a day, and the hour it means where none is told."""
TONIGHT = ("tonight", "esta noche", "今晚")

ADDRESSED = ("me", "please", "mich", "bitte", "a mí", "мне", "меня", "请提醒我", "提醒我", "我")
INTRODUCING = ("to", "that", "daran", "dass", "que", "что", "чтобы", "提醒我", "我要", "要")

_LETTER = "a-zà-öø-ÿа-яё"


def spoken(words: Iterable[str]) -> str:
    """Give a pattern for any of these words, whole ones where words have spaces between them."""
    longest_first = sorted(words, key=len, reverse=True)
    return f"(?:{'|'.join(map(_whole, longest_first))})"


def _whole(word: str) -> str:
    pattern = re.escape(word).replace(r"\ ", r"\s+")
    return rf"{pattern}(?![{_LETTER}])" if re.search(f"[{_LETTER}]$", word) else pattern


class Lexicon(Generic[Meaning]):
    """Words with a meaning."""

    def __init__(self, table: Mapping[Meaning, Iterable[str]]) -> None:
        self._meanings = {word: meaning for meaning, words in table.items() for word in words}
        self.pattern = spoken(self._meanings)

    def __getitem__(self, said: str) -> Meaning:
        """Give the meaning of what the pattern found."""
        return self._meanings[" ".join(said.split())]

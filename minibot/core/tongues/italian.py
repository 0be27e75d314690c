"""Promises in Italian."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!per )(?<!di )(?:domani|più tardi|dopo\b(?! (?:il|la|aver) )|stasera|stanotte|dopodomani"
    r"|presto|a breve|(?:fra|tra) (?:un|due|tre|cinque|dieci|\d+|qualche|poco|mezz)\w*|alle \w+"
    r"|all'una|a mezz\w+|(?:non )?appena (?!mi )|quando (?!mi )|ogni \w+|(?:una volta"
    r"|\w+ volte) (?:al|alla)|tutt[ie] (?:i|le)|lunedì|martedì|mercoledì|giovedì|venerdì|sabato"
    r"|domenica|la prossima|il prossimo|in background|di nuovo|entro|nel frattempo|se (?:il|la|i|le"
    r"|ci|qualcosa|non|cambia|succede|scende|sale|l'|arriva)|un'ora prima|regolarmente"
    r"|periodicamente|prima d\w+|minuti prima|in serata|in giornata|durante la notte)"
)
_TO = r"(?:ti|vi|le|la|lo|te l[oae]|ve l[oae]|me ne|ci) "
_INSIDE = (
    r"(?:ricordo che|ricorderò che|consiglio|suggerisco|propongo|auguro|spiego|mostro|mostrerò"
    r"|chiedo di (?!nuovo)|spiegherò|supporrò|userò|risponderò in|descriverò|riassumo|riassumerò"
    r"|elenco|elencherò|ringrazio|prego|sono|posso|potrò|credo|capisco|sarò|avrò bisogno|lascio"
    r"|però|perciò|ciò|può|comincerò)\b"
)
_FUTURE = r"(?!" + _INSIDE + r")\w{2,}rò\b"
_NOW = r"(?!" + _INSIDE + r")\w{2,}o\b"
_GAP = r"(?: (?!che|come|cosa|per|un piano|una lista)[\w'\0-]+){0,7},? "
_FAR = (
    r"(?:ricorderò(?! che)|avviserò|avvertirò|farò sapere|informerò|terrò|contatterò|ricontatterò"
    r"|notificherò|aggiornerò|richiamerò|sveglierò|sveglio|faccio sapere|comunicherò"
    r"|darò (?:notizie|un riscontro)|tengo (?:aggiornat|informat|al corr))"
)

ITALIAN = Tongue(
    code="it",
    cues=("rò ", " ti ", " vi ", " te l", " promemoria", " d'occhio", " mie notizie", " mi faccio",
          "finisco ", " torno ", "rò.", "guardo ", "riprovo ", "riprendo "),
    commits=one_of(
        r"(?<!non )\b" + _TO + _FAR,
        r"(?<!non )\b(?:" + _TO + r")?" + _FUTURE + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?,? (?<!non )(?:" + _TO + r")?" + _FUTURE,
        r"(?<!non )\b(?:ti|vi|le|te l[oae]|ve l[oae]) " + _NOW + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!non )\b(?:ti|vi|te l[oae]|ve l[oae]) " + _NOW,
        r"(?<!non )\b(?:finisco|ricontrollo|riguardo|riprovo|riprendo|continuo|lo guardo"
        r"|lo controllo"
        r"|lo faccio)\b" + _GAP + _WHEN + r"|\b(?:stanotte|domani|stasera|più tardi|dopo) (?:\w+ )?"
        r"(?:finisco|controllo|ricontrollo|guardo|verifico|preparo|riprovo|faccio|completo"
        r"|lavoro)\b",
        r"(?<!non )\bmi (?:farò|faccio) (?:vivo|viva|sentire|risentire|risento)"
        r"|(?<!non )\b(?:tornerò|torno) (?:da te|da voi|da lei|con|a (?:scriver|contattar"
        r"|controllar|verificar|parlar))",
        r"(?<!non )\b(?:terrò|tengo) (?:d'occhio|sotto (?:controllo|osserv)|monitorat)"
        r"|(?<!non )\b(?:monitorerò|sorveglierò|monitoro|ci lavorerò|continuerò a (?:controllare"
        r"|monitorare|tenere))|\bnon (?:mi )?dimenticherò di (?:ricordar|avvisar)",
        r"(?<!non )\b(?:imposterò|imposto|creerò|creo|metterò|metto|programmerò|programmo"
        r"|aggiungerò) (?:un|il|una|la) (?:promemoria|sveglia|avviso|allarme)"
        r"|\bho (?:appena )?(?:impostato|creato|programmato|aggiunto) (?:un|il) promemoria"
        r"|\bavrai (?:presto )?mie notizie|\bfarò in modo di (?:avvisar|ricordar)",
    ),
    excuses=one_of(
        r"\bse (?:lo |mi |me lo |ti |vi |le )?(?:vuoi|volete|vuole|preferisci|desider\w+|va\b|dici"
        r"|dai|mandi|invii|confermi|dice|serve|fa comodo|fa piacere|indichi|chiedi|scrivi"
        r"|hai bisogno|interessa|dite|dà)",
        r"\bquando (?:vuoi|vuole|preferisci|hai)|\b(?:quando|appena|una volta che) (?:lo )?(?:mi"
        r"|me l[oa]) (?:dic|dir|mand|confer|d[aà]|invi|avr|hai)",
        r"\b(?:dimmi|fammi sapere|mandami|inviami|scrivimi|indicami|mi dica|mi faccia sapere"
        r"|confermami|basta (?:che|dir)\w*|dammi (?!qualche|un|il tempo|cinque|due|dieci|fino|tempo"
        r"|\d))\b.{0,90}(?:\be\b|,)",
        r"\b(?:vuoi|vuole|desideri|preferisci) che\b|\bse necessario\b|\bdisse\b|\bsussurrò\b"
        r"|\bha detto\b|\b(?:più sotto|qui sotto|di seguito|per esempio|ad esempio)\b",
    ),
)  # fmt: skip

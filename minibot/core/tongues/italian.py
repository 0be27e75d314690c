"""Promises in Italian."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!per )(?<!di )(?:domani|più tardi|dopo\b(?! (?:il|la|aver) )|stasera|stanotte|dopodomani"
    r"|presto|a breve|(?:fra|tra) (?:un|due|tre|cinque|dieci|\d+|qualche|poco|mezz)\w*|alle \w+"
    r"|all'una|a mezz\w+|(?:non )?appena (?!mi )|quando (?!mi )|ogni \w+|(?:una volta"
    r"|\w+ volte) (?:al|alla)|tutt[ie] (?:i|le)|lunedì|martedì|mercoledì|giovedì|venerdì|sabato"
    r"|domenica|la prossima|il prossimo|in background|di nuovo|entro|nel frattempo|se (?:il|la|i|le"
    r"|ci|qualcosa|non|cambia|succede|scende|sale|l'|arriva)|un'ora prima|regolarmente"
    r"|periodicamente|prima d\w+|minuti prima|in serata|in giornata|durante la notte"
    r"|in mattinata|nel (?:pomeriggio|weekend)"
    r"|(?:di|al) (?:mattina|mattino|pomeriggio|sera|notte)|a mezzogiorno|il giorno (?:prima|dopo)"
    r"|questa (?:sera|notte|settimana)|oggi pomeriggio|\w+ (?:ore|giorni|minuti) (?:prima|dopo)"
    r"|domattina|(?:a|da|in) (?:gennaio|febbraio|marzo|aprile|maggio|giugno"
    r"|luglio|agosto|settembre|ottobre|novembre|dicembre)|più avanti|verso le|per le \d"
    r"|prima (?:di|che|del))"
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

_TASKS = (
    "mando", "invio", "scrivo", "rispondo", "rivedo", "confermo", "preparo", "consegno",
    "passo", "porto", "cerco", "verifico", "controllo", "ricontrollo", "guardo", "finisco",
    "faccio", "completo", "riprendo", "seguo", "provo", "riprovo", "traduco", "chiedo",
    "avviso", "ricordo", "dico", "racconto", "aggiorno", "pubblico", "condivido", "torno",
    "continuo", "richiamo", "ripeto", "insisto", "consulto", "raccolgo", "calcolo", "confronto",
    "carico", "correggo", "aggiungo", "concludo", "scarico", "sistemo", "sorveglio",
)  # fmt: skip
"""What is done later when a time is named, in the present tense."""
_TASK = rf"(?:{'|'.join(_TASKS)})\b(?! che\b)"

ITALIAN = Tongue(
    code="it",
    cues=("rò ", " ti ", " vi ", " te l", " promemoria", " d'occhio", " mie notizie", " mi faccio",
          "finisco ", " torno ", "rò.", "guardo ", " prometto ", " sveglia ", " occupo ",
          " penso io", " controllo ",
          " mando ", " invio ", " verifico ", " continuo ", " preparo ", " cerco ", " hai ",
          " aspetto ", "riprovo ", "riprendo ", *(f" {verb} " for verb in _TASKS)),
    speaks=r"rò\b|\b(?:ti|vi|le|la|lo|li|te l[oae]|ve l[oae]) (?:faccio|tengo|\w+o\b)|\b(?:torno"
    r"|tengo|monitoro|imposto|creo|metto|programmo|promemoria|sveglia|prometto|occupo|penso"
    r"|mie notizie|mi faccio|hai|aspetto|avrai|ricevi|riguardo|lavoro|finisco|continuo|riprovo"
    r"|riprendo)\b|\b" + _TASK,
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
        r"(?:^|[,;:.!—–] |\be |\bio )\W{0,3}(?:io )?(?:(?:lo|la|li|le|ne|ci|mi) )?" + _TASK + _GAP
        + _WHEN,
        r"(?:^|[,;:.!—–] |\be )\W{0,3}" + _WHEN + r"[^.;:]{0,45}?[ ,] ?(?<!non )(?<!il )(?<!un )"
        + _TASK,
        r"\bprometto (?:\w+ )?(?:di )?(?:\w+ )?(?:ricordar|avvisar|scriver|mandar|inviar|tornar)"
        r"|\b(?:me ne occupo|ci penso) io\b|(?<!non )\bcontinuo a (?:cercare|monitorare|controllare"
        r"|lavorare|seguire)|(?<!non )\b(?:ti|vi|la|le) (?:avviso|avverto|sveglio"
        r"|tengo (?:aggiornat"
        r"|informat|al corrente)|faccio sapere)|^(?:\W|\w+\W+){0,4}?(?:promemoria|sveglia) (?:è )?"
        r"(?:stat[oa] )?(?:impostat|creat|programmat|aggiunt)[oa]|\b" + _WHEN + r"(?: \w+){0,2}"
        r" (?:hai"
        r"|avrai|ricevi|riceverai) (?:tutto|il riassunto|la risposta|il rapporto|la bozza"
        r"|la lista)",
        r"\baspetto .{3,60}? (?:e|poi)\b.{0,10}? (?:ti|vi|le) \w+o\b",
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

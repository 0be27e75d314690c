"""Promises in German."""

from minibot.core.tongues.tongue import Tongue, one_of

_AFFIRMED = r"(?!.{0,3}[^,]{0,60}\b(?:nicht(?! vergess)|nie|niemals|keine?[nrsm]?)\b)"
_DAY = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
_PART = r"(?:morgen|früh|vormittag|mittag|nachmittag|abend|nacht|mitternacht|feierabend|wochenende)"
_COUNT = (
    r"(?:eine[rmn]?|ein|zwei|drei|vier|fünf|sechs|zehn|fünfzehn|zwanzig|\d+|wenigen|ein paar"
    r"|ein(?:er|em) halben|anderthalb|paar|einigen)"
)
_UNIT = (
    r"(?:sekunde|minute|stunde|tag|woche|monat|jahr|viertelstunde|weile|moment|augenblick)\w{0,2}"
)
_CLAUSE = (
    r"(?:sobald|falls (?!du |sie (?:mir|möchten|wollen|wünschen)|ihr )|wenn (?!du (?!wach|auf|zu"
    r"|wieder"
    r"|schl)|sie (?:mir|möchten|wollen)|ihr )|während du|bis (?:es|der|die|das|alles)\b"
    r"|bevor (?:du|sie|es|der|die|das)\b"
    r"|nachdem (?:der|die|das|es|ich)\b)"
)
_WHEN = (
    r"(?<!für )(?<!ab )(?<!von )(?:morgen\b|später|nachher|übermorgen|heute (?:noch|"
    + _PART
    + r")|bald\b|demnächst|gleich (?:morgen|nach)|in (?:kürze|"
    + _COUNT
    + r" (?:\w+ )?"
    + _UNIT
    + r"|der (?:früh|nacht|woche|zwischenzeit))|(?:nächste|kommende|folgende|diese)[nrsm]? \w+|am"
    r" (?:\w+tag|\d|" + _PART + r"|vorabend|tag (?:davor|vorher|zuvor)|ersten|letzten|ende)"
    r"|(?:gegen|um|nach|vor|kurz (?:vor|nach)|ab) (?:\d|halb|viertel|punkt|eins|zwei|drei|vier|fünf"
    r"|sechs|sieben|acht|neun|zehn|elf|zwölf|" + _PART + r"|jede[mrn] \w+|deine[mrn] \w+"
    r"|dem (?:essen|termin|mittag|spiel|schlafen"
    r"|abflug|flug|wochenende))|über (?:nacht|das wochenende)|übers wochenende|im (?:hintergrund"
    r"|laufe)|(?:ein|zwei|drei|mehr)mal (?:am|pro|in der) \w+|anschließend|täglich|stündlich"
    r"|wöchentlich|alle (?:\w+ )?" + _UNIT + r"|(?:ab|im|anfang|ende|mitte) (?:januar|februar"
    r"|märz|april|mai|juni"
    r"|juli|august|september|oktober|november|dezember)|monatlich|regelmäßig|fortlaufend"
    r"|jede[nrsm]? \w+|bis (?:\w+tag|heute|dahin|zum"
    r"|spätestens|ende|\d|" + _PART + r")|noch ?(?:ein)?mal\b|zwischendurch|rechtzeitig"
    r"|sofort(?=,? "
    r"(?:wenn|falls|sobald))|mittags\b|abends\b|morgens\b|nachts\b|"
    + _COUNT
    + " "
    + _UNIT
    + r" (?:vorher|davor|zuvor|vor|später|danach)|danach\b|hinterher\b|schnellstmöglich"
    r"|so (?:schnell|bald) wie|(?<!der )(?<!den )" + _DAY + r"\b|" + _CLAUSE + ")"
)
_INSIDE = (
    r"(?:erkläre|zeige|denke|glaube|meine|möchte|würde|könnte|hätte|wäre|brauche|habe|empfehle"
    r"|verstehe|rate|vermute|hoffe|wünsche|liste|nenne|verwende|nutze|rechne (?:mit|damit|hier)"
    r"|finde (?!.{0,40}raus\b)|sollte|müsste"
    r"|gehe (?:davon|von|mal|hier|jetzt)|dürfte|wollte|konnte|hatte|wurde|werde"
    r"|fasse (?!.{0,40}\bnach\b)|schlage|nehme (?!mir|es mir|das mir|mich)|zähle|beschreibe"
    r"|bitte|hatte"
    r"|musste|durfte|notiere|merke|speichere|sehe (?!.{0,25}\bnach\b|.{0,25}\brein\b))\b"
)
_SHORT = (
    r"(?:weck|sag|geb|schick|frag|halt|meld|schau|guck|mach|prüf|schreib|ruf|such|probier|versuch"
    r"|erinner|hak|bleib|kümmer|erledig|stell|leg|bring|les|lass|komm|hol|setz|klingel|denk"
    r"|sammel|trag|frag|check|ping|stups|send"
    r"|teil|behalt|beobacht|überwach|informier|benachrichtig)"
)
"""Verbs whose ending is swallowed in speech."""
_VERB = r"(?!" + _INSIDE + r")(?:\w{2,}(?:e|bin)|" + _SHORT + r")\b"
_GAP = r"(?: (?!dass|ob|was|wie|für|um zu|den plan|einen plan|eine liste)[\w'\0-]+){0,7}?,? "
_FAR = (
    r"(?:erinnern|(?:zurück)?melden|benachrichtigen|informieren|bescheid (?:geben|sagen)"
    r"|(?:auf dem )?laufenden halten|im (?:auge|blick) behalten|(?:nach|wieder ?)?(?:fragen|haken"
    r"|fassen)|zurück(?:kommen|schreiben|kehren)|beobachten|überwachen|verfolgen|wecken|anschreiben"
    r"|verständigen|warnen|alarmieren|kontaktieren|anpingen|vorwarnen|dranbleiben|weiter\w+en"
    r"|auf (?:dich|sie|euch) zukommen)"
)


def _i(verbs: str) -> str:
    """Say it in both orders."""
    return rf"\b(?:ich (?:{verbs})|(?:{verbs}) ich)\b"


_YOU = r"(?:dich|sie|euch|dir|ihnen|alle)"
_MINE = (
    r"(?:entwurf|ergebnis|zusammenfassung|übersicht|antwort|liste|nachricht|bericht|auswertung"
    r"|rückmeldung|update|bescheid|übersetzung|zahlen|analyse|fassung|text)\w{0,3}"
)
_START = r"(?:^(?:\w+ ){0,3}|[,:;.!—–-] |\bund |\baber |\bgut |\bdann )\W{0,3}"

GERMAN = Tongue(
    code="de",
    cues=(" ich ", " erinnerung", " von mir", " wecker", " melde mich", " bekommst ", " bekommen ",
          " ich, ", " hast du ", " haben sie ", " sage dir", " sag dir"),
    speaks=r"\bich\b|\berinnerung|\bwecker|\btimer|\balarm|\bvon mir\b|\bmelde|\b(?:sage?|schicke?)"
    r" (?:dir|ihnen|euch)\b|\b(?:bekomm|krieg|hast|haben|erhäl|erhal)\w* (?:du|sie)\b",
    commits=one_of(
        _i("werde") + _AFFIRMED + r".{0,90}?\b" + _FAR + r"\b",
        _i("werde") + _AFFIRMED + r"(?:(?!für |, ).){0,60}?\b" + _WHEN + r".{0,60}?en\b(?!,)",
        r"\bwerde ich\b" + _AFFIRMED + r".{0,60}?\b" + _YOU + r"\b.{0,60}?(?:schicken|senden"
        r"|schreiben|mitteilen|berichten|erzählen|vorlegen|liefern)\b",
        _i("erinnere?") + r" (?:dich|sie|euch|ihn|alle)\b(?! daran, (?:dass|wie|warum))"
        + _AFFIRMED,
        _i("melde?") + r" mich\b(?!.{0,40}\b(?:an|ab)\b\W*$)" + _AFFIRMED,
        _i("sage?|gebe?") + r"(?: es)? (?:dir|ihnen|euch)\b" + _AFFIRMED + r".{0,50}?\b(?:bescheid"
        r"|rückmeldung)|\b(?:ich|und) (?:sage?|gebe?) (?:dir|ihnen|euch)\b" + _AFFIRMED
        + r".{0,30}?"
        r"\b(?:dann|sobald|wenn|was (?:rauskam|herauskam|rauskommt|herauskommt|ich finde))\b",
        r"\bich (?:sage|gebe) sofort bescheid|(?:^|, |: )" + _WHEN + r".{0,30}?\b(?:habe ich"
        r"|hast du"
        r"|haben sie)\b(?! (?:schon|bereits|gestern)).{0,50}?(?:erledigt|fertig|geschafft|gemacht|"
        r"zusammen|durch|parat|" + _MINE + r")\b(?!.{0,20} (?:geschickt|gegeben|bekommen"
        r"|geschrieben))"
        r"|\bich .{2,60} und (?:sage?|gebe?)\b.{0,40} bescheid",
        _i("halte?") + r" (?:dich|sie|euch)\b" + _AFFIRMED + r".{0,30}?auf dem laufenden",
        _i("behalte?|habe?") + _AFFIRMED + r".{0,50}? im (?:auge|blick)\b",
        _i("bleibe?") + _AFFIRMED + r".{0,30}?\b(?:dran|am ball)\b",
        _i("hake?|frage?|schaue?|gucke?|fasse?|bohre?") + _AFFIRMED
        + r"[^,]{0,50}?\b(?:noch ?(?:ein)?mal|wieder) (?:\w+ )?(?:nach|rein|vorbei)\b"
        r"|" + _START + _WHEN + r".{0,40}?\b(?:frage?|hake?) ich\b" + _AFFIRMED,
        _i("informiere?|benachrichtige?|verständige?|wecke?|warne?|kontaktiere?|alarmiere?|pinge?"
        "|stupse?")
        + r" (?:dich|sie|euch)\b(?! (?:darüber|davor|hiermit))" + _AFFIRMED,
        _i("lasse?") + r" (?:es |das )?(?:dich|sie|euch)(?: es| das)? wissen",
        _i("komme?") + _AFFIRMED + r".{0,40}?\b(?:auf (?:dich|sie|euch) zu|zurück)\b",
        _i("beobachte|überwache|verfolge") + r" (?:das|den|die|es|ihn|deine?n?|ihre?n?|für)\b"
        + _AFFIRMED,
        _i("kümmere?|kümmre") + r" mich\b" + _AFFIRMED + r"(?:\W*$|,| darum\b| um .{0,40}"
        + _WHEN + ")",
        r"\bich " + _VERB + _AFFIRMED + _GAP + _WHEN,
        _START + _VERB + r" ich\b" + _AFFIRMED + _GAP + _WHEN,
        r"(?:^|[,:;.!—–-] |\bund |\baber )\W{0,3}(?:(?:gut|ok|okay|ja|na gut), )?" + _WHEN
        + r".{0,60}?,? ?\b" + _VERB + r" ich\b" + _AFFIRMED,
        r"\b" + _CLAUSE + r".{0,80}?, (?:dann )?(?!denke|glaube|meine|würde|könnte|hätte|wäre"
        r"|habe|brauche"
        r"|empfehle|rate|möchte|nenne|hoffe|sollte|verstehe|zeige|erkläre)(?:\w{2,}e|" + _SHORT
        + r") ich\b" + _AFFIRMED,
        _i(_SHORT + "e?") + r" (?:\w+ ){0,3}?(?:dich|dir|ihnen|euch)\b" + _AFFIRMED + _GAP + _WHEN,
        r"\bich .{2,80}\bund " + _VERB + r"(?: es| das| sie)? (?:dir|dich|ihnen|euch)\b" + _AFFIRMED
        + r".{0,40}?\b(?:dann|" + _WHEN + ")",
        r"\bich .{2,80}?\bund (?:melde?\b.{0,20}\bmich|komme?\b.{0,40}\b(?:zurück|auf (?:dich"
        r"|sie|euch)"
        r" zu)|(?:informiere?|benachrichtige?|erinnere?|wecke?|warne?|pinge?)\b.{0,10} (?:dich"
        r"|sie|euch)|(?:hake|"
        r"frage?)\b.{0,30}\bnach)\b",
        r"^\W*(?:\w+[,.!]? ){0,2}\W{0,3}(?:melde mich\b|sage? (?:dir|ihnen|euch) bescheid"
        r"|schicke? (?:dir|ihnen|euch)\b.{0,40}" + _WHEN + ")" + _AFFIRMED,
        _i("stelle?|setze?|lege|richte|trage|erstelle") + _AFFIRMED
        + r".{0,50}?(?:erinnerung|wecker|timer|alarm)",
        r"\bich habe" + _AFFIRMED + r"(?!.{0,40}gestern).{0,40}?(?:erinnerung|wecker|timer).{0,50}?"
        r"(?:gesetzt|erstellt|eingerichtet|angelegt|gestellt|eingetragen|geplant)"
        r"|^(?:\W|\w+\W+){0,4}?(?<!keine )(?<!kein )(?<!keinen )(?:erinnerung|wecker|timer"
        r"|alarm) (?:(?:ist|wurde|um|für|am)\b"
        r".{0,30}? )?(?:gesetzt|erstellt|angelegt|eingerichtet|gestellt|geplant|aktiv)\b",
        r"\b(?:du|sie) (?:hörst|hören|bekommst|bekommen|kriegst|erhältst|erhalten|erfährst"
        r"|erfahren) [^,]{0,60}?\b(?:von"
        r" mir)\b" + _AFFIRMED + r"|\b(?:hörst|hören|bekommst|bekommen|kriegst|erhältst|erhalten"
        r"|erfährst|erfahren)"
        r" (?:du|sie) [^,]{0,60}?\bvon mir\b" + _AFFIRMED + r"|\bkommt\b[^,]{0,60} von"
        r" mir\b(?=\W*$)|\bich warte .{3,60}?\bund .{0,20}(?:dir|dich|ihnen|sie|euch)\b"
        r"|\bkriegst du von mir\b|" + _START + _WHEN
        + r".{0,30}?\b(?:bekommst|kriegst|erhältst|hast) du (?:den|das|die|einen|eine|ein|meinen?|"
        r"deinen?) (?:\w+ )?" + _MINE + r"\b(?! (?:von|vom) (?!mir))",
    ),
    excuses=one_of(
        r"\b(?:wenn|falls|sofern|sobald|sollten|solltest) (?:du|sie"
        r"|ihr)\b(?: [\w,'-]+){0,6}? ?(?:sagst|sagen|gibst|geben|schickst|schicken|möchtest|möchten"
        r"|willst|wollen|magst|mögen|nennst|nennen|mitteil\w+|bestätig\w+|wünsch\w+|verrätst"
        r"|verraten|teilst|brauchst)\b",
        r"^\W*(?:\w+[,!] )?(?:sage?n?|gibs?|gebe?n?|schicke?n?|nenne?n?|schreibe?n?|teile?n?"
        r"|verrate?n?|bestätige?n?|antworte?n?)\b(?! ich\b)(?! mir (?:ein paar|einen|eine|\d|bis"
        r"|kurz|etwas|zeit|noch|zwei|fünf|zehn)).{0,100}?(?:,|\bund\b|\bdann\b)",
        r"\bsoll ich\b|\bmöchte(?:st|n) (?:du|sie)\b|\bauf wunsch\b|\bbei bedarf\b|\bob ich\b"
        r"|\bfalls gewünscht\b|\bwenn (?:gewünscht|das (?:passt|hilft|okay|ok|recht))|\bsagte\b"
        r"|\bmeinte\b|\bflüsterte\b|\brief\b|\b(?:weiter )?unten\b|\bim nächsten (?:abschnitt"
        r"|schritt)|\bzum beispiel",
    ),
)  # fmt: skip

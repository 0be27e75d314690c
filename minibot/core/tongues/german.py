"""Promises in German."""

from minibot.core.tongues.tongue import Tongue, one_of

_AFFIRMED = r"(?!.{0,3}[^,]{0,60}\b(?:nicht(?! vergess)|nie|niemals|keine?[nrsm]?)\b)"
_WHEN = (
    r"(?<!für )(?<!ab )(?:morgen\b|später|nachher|übermorgen|heute (?:abend|nacht|nachmittag)"
    r"|bald\b|demnächst|in (?:einer|einem|zwei|drei|fünf|zehn|\d+|wenigen|ein paar|kürze"
    r"|\w+ (?:minute|stunde|tag))|nächste[nrs]? \w+|am \w+tag|(?:gegen|um) \d|sobald|wenn (?!du "
    r"|sie mir|ihr )|über nacht|im hintergrund|(?:ein|zwei|drei|mehr)mal (?:am|pro|in der) \w+"
    r"|anschließend|täglich|stündlich|wöchentlich|regelmäßig|jede[nrs]? \w+|bis (?:morgen|mittag"
    r"|\w+tag|heute|dahin|zum|\d)|noch ?(?:ein)?mal\b|während du|zwischendurch|eine \w+ vorher)"
)
_INSIDE = (
    r"(?:erkläre|zeige|denke|glaube|meine|möchte|würde|könnte|hätte|wäre|brauche|habe|empfehle"
    r"|verstehe|rate|vermute|hoffe|wünsche|liste|nenne|verwende|nutze|rechne|finde|sollte|müsste"
    r"|gehe|dürfte|wollte|konnte|hatte|wurde|werde|fasse|schlage|nehme|zähle|beschreibe|bitte|hatte"
    r"|musste|durfte|notiere|merke|speichere|sehe (?!.{0,25}\bnach\b|.{0,25}\brein\b))\b"
)
_VERB = r"(?!" + _INSIDE + r")\w{2,}(?:e|bin)\b"
_GAP = r"(?: (?!dass|ob|was|wie|für|um zu|den plan|einen plan|eine liste)[\w'\0-]+){0,7}?,? "
_FAR = (
    r"(?:erinnern|(?:zurück)?melden|benachrichtigen|informieren|bescheid (?:geben|sagen)"
    r"|(?:auf dem )?laufenden halten|im (?:auge|blick) behalten|(?:nach|wieder ?)?(?:fragen|haken"
    r"|fassen)|zurück(?:kommen|schreiben|kehren)|beobachten|überwachen|verfolgen|wecken|anschreiben"
    r"|verständigen|warnen|alarmieren|kontaktieren|anpingen|auf (?:dich|sie|euch) zukommen)"
)


def _i(verbs: str) -> str:
    """Say it in both orders."""
    return rf"\b(?:ich (?:{verbs})|(?:{verbs}) ich)\b"


GERMAN = Tongue(
    code="de",
    cues=(" ich ", " erinnerung", " von mir"),
    commits=one_of(
        _i("werde") + _AFFIRMED + r".{0,90}?\b" + _FAR + r"\b",
        _i("werde") + _AFFIRMED + r"(?:(?!für |, ).){0,60}?\b" + _WHEN + r".{0,60}?en\b(?!,)",
        _i("erinnere") + r" (?:dich|sie|euch|ihn|alle)\b(?! daran, (?:dass|wie|warum))" + _AFFIRMED,
        _i("melde") + r" mich\b(?!.{0,40}\b(?:an|ab)\b\W*$)" + _AFFIRMED,
        _i("sage?|gebe?") + r" (?:dir|ihnen|euch)\b" + _AFFIRMED + r".{0,50}?\bbescheid",
        r"\bich (?:sage|gebe) sofort bescheid|(?:^|, )bis (?:morgen|mittag|heute|\w+tag|dahin"
        r"|\d).{0,30}\bhabe ich\b.{0,40}\b(?:erledigt|fertig|geschafft|gemacht)"
        r"|\bich .{2,60} und (?:sage|gebe)(?: \w+){0,3} bescheid",
        _i("halte") + r" (?:dich|sie|euch)\b" + _AFFIRMED + r".{0,30}?auf dem laufenden",
        _i("behalte|habe") + _AFFIRMED + r".{0,50}? im (?:auge|blick)\b",
        _i("informiere|benachrichtige|verständige|wecke|warne|kontaktiere|alarmiere|pinge")
        + r" (?:dich|sie|euch)\b(?! (?:darüber|davor|hiermit))" + _AFFIRMED,
        _i("lasse") + r" (?:es |das )?(?:dich|sie|euch)(?: es| das)? wissen",
        _i("komme") + _AFFIRMED + r".{0,40}?\b(?:auf (?:dich|sie|euch) zu|zurück)\b",
        _i("beobachte|überwache|verfolge") + r" (?:das|den|die|es|ihn|deine?n?|ihre?n?|für)\b"
        + _AFFIRMED,
        r"\bich " + _VERB + _AFFIRMED + _GAP + _WHEN,
        r"(?:^(?:\w+ ){0,3}|, |\bund |\bgut "
        r"|\bdann )\W{0,3}" + _VERB + r" ich\b" + _AFFIRMED + _GAP + _WHEN,
        r"(?:^|[,:] |\bund )\W{0,3}" + _WHEN + r".{0,60}?,? ?\b" + _VERB + r" ich\b" + _AFFIRMED,
        _i("stelle?|setze|lege|richte|trage|erstelle") + _AFFIRMED
        + r".{0,50}?(?:erinnerung|wecker|timer|alarm)",
        r"\bich habe" + _AFFIRMED + r"(?!.{0,40}gestern).{0,40}?erinnerung.{0,50}?(?:gesetzt"
        r"|erstellt|eingerichtet|angelegt|gestellt|eingetragen|geplant)"
        r"|^\W*erinnerung (?:ist )?(?:gesetzt|erstellt|angelegt|eingerichtet)",
        r"\b(?:du hörst|hörst du|sie hören|hören sie) (?:\w+ ){0,3}von mir\b" + _AFFIRMED,
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

"""Promises in Spanish."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!para )(?<!de )(?:mañana|más tarde|luego\b|después\b|esta (?:noche|tarde)|pronto|en breve"
    r"|pasado mañana|cada \w+|(?:una vez|\w+ veces) (?:al|a la|por)|todos los|todas las"
    r"|en (?:un[oa]?s?|dos|tres|cinco|diez|\d+) \w+|en cuanto(?! me)|en segundo plano|a las? \d"
    r"|a la una|el (?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)|cuando (?!me )"
    r"|si (?:hay|el|la|los|las|algo|baja|sube|cambia|no|se|pasa|ocurre|llega)\b|la próxima"
    r"|el próximo|de nuevo|otra vez|periódicamente|regularmente|antes\b|dentro de|durante la noche"
    r"|apenas|tan pronto)"
)
_TO = r"(?:te|le|les|os)(?: l[oa]s?)? "
_INSIDE = (
    r"(?:recuerdo que|recordaré que|recomiendo|sugiero|aconsejo|propongo|deseo|explico|muestro"
    r"|espero|entiendo|quiero|puedo|debo|pido|felicito|agradezco|resumo|dejo|presento|explicaré"
    r"|mostraré|enseñaré|supondré|asumiré|usaré|responderé en|describiré|resumiré|listaré"
    r"|necesitaré|podré|seré|trataré|comenzaré|empezaré)\b"
)
_FUTURE = r"(?!" + _INSIDE + r")\w+(?:aré|eré|iré|dré|bré)\b"
_NOW = r"(?!" + _INSIDE + r")\w{2,}(?:o|oy)\b"
_GAP = r"(?: (?!que|qué|cómo|para|un plan|una lista)[\w'\0-]+){0,7},? "
_FAR = (
    r"(?:avisaré|recordaré(?! que)|informaré|notificaré|contactaré|mantendré|alertaré|despertaré"
    r"|haré saber|tendré (?:al tanto|informad)|comunicaré)"
)

SPANISH = Tongue(
    code="es",
    cues=("ré ", "ré.", " voy a ", " te ", " le ", " les ", " os ", " me ", " lo ", " vuelvo ",
          " recordatorio"),
    commits=one_of(
        r"(?<!no )(?<!nunca )\b" + _TO + _FAR,
        r"(?<!no )(?<!nunca )\b(?:te |le |les |os )?voy a (?:\w+ )?(?:avisar|recordar(?!\w* que)"
        r"|informar|notificar|contactar|despertar|mantener|vigilar|monitorear|monitorizar"
        r"|estar (?:pendiente|atent)|(?:hacer|dar)\w* seguimiento|trabajar en (?:ello|eso"
        r"|esto)(?=\W*$| en| y)|(?:poner|crear|programar|configurar|establecer)\w* (?:un|el|la|una"
        r"|otro) (?:recordatorio|alarma|aviso))",
        r"(?<!no )(?<!nunca )\bvoy a (?!explicar|mostrar|resumir|usar|describir|enseñar|suponer"
        r"|asumir)\w+" + _GAP + _WHEN,
        r"(?<!no )(?<!nunca )\b(?:(?:te|le|les|os|lo|la|los|las|me) )*" + _FUTURE + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?,? (?<!no )(?:(?:te|le|les|os|lo|la|los|las|me|yo) )*" + _FUTURE,
        r"(?<!no )\b" + _TO + _NOW + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!no )\b" + _TO + _NOW,
        r"(?<!no )\blo (?:miro|reviso|compruebo|envío|mando|busco|hago|termino|leo|intento|preparo"
        r"|verifico|retomo)\b" + _GAP + _WHEN,
        r"(?<!no )\b(?:te|le|os) (?:despierto|vuelvo a (?:avisar|preguntar|escribir|recordar"
        r"|contact))",
        r"(?<!no )\b(?:te|le|les|os) (?:mantengo|tengo) (?:al tanto|al corriente|informad|al día)"
        r"|\by te aviso\b",
        r"(?<!no )\b(?:volveré|vuelvo) (?:a (?:contactar|escribir|revisar|comprobar|avisar|mirar"
        r"|hablar|intentar|consultar|preguntar)|con|mañana|más tarde|luego|pronto|en )",
        r"\b" + _WHEN + r".{0,50}?,? (?<!no )(?:te|le|os) doy un (?:toque|aviso)",
        r"(?<!no )\bme (?:pondré|pongo) en contacto|\bme (?:encargaré|encargo|aseguraré"
        r"|ocuparé) de (?:avisar|recordar|informar|que no se te olvide|hacerlo (?:mañana|más"
        r"|luego))",
        r"(?<!no )\b(?:estaré (?:pendiente|atent)|(?:haré|daré)(?: un| el)? seguimiento|vigilaré"
        r"|monitorearé|monitorizaré|seguiré (?:de cerca|vigilando|pendiente|comprobando|revisando)"
        r"|trabajaré en (?:ello|eso|esto))|\bno olvidaré (?:avisar|recordar)",
        r"(?<!no )\b(?:pondré|programaré|crearé|configuraré|estableceré|pongo|programo"
        r"|dejaré) (?:un|el|una|otro) (?:recordatorio|alarma|aviso)",
        r"(?<!no )\bhe (?:programado|creado|puesto|configurado|establecido) (?:un|el|tu"
        r"|una) (?:recordatorio|alarma)|\b(?:tendrás|tendrá|recibirás) noticias mías",
    ),
    excuses=one_of(
        r"\bsi (?:\w+ )?(?:me )?(?:lo )?(?:quieres?|deseas?|prefieres?|gustas?|te parece|le parece"
        r"|dices?|das?|indicas?|confirmas?|envías?|necesitas?|pides?|compartes?|te sirve"
        r"|te interesa|pasas?|dan)\b",
        r"\bcuando (?:tú |usted )?(?:quiera|digas|gustes|lo pidas|desee|necesite)|\b(?:cuando"
        r"|en cuanto|apenas|tan pronto como|una vez que) (?:\w+ )?me (?:lo )?(?:dig|des|dé|conf|env"
        r"|mand|indi|pas|comp|av)",
        r"\b(?:dime|dígame|díganme|avísame|avíseme|indícame|indíqueme|envíame|envíeme|mándame"
        r"|cuéntame|confírmame|hazme saber|pásame|escríbeme|d[aé]me (?!un|tiempo|dos|cinco|hasta"
        r"|\d)|basta con que|solo dime)\b.{0,90}(?:\by\b|,)",
        r"\b(?:quieres?|deseas?|te gustaría) que|¿|\bsi (?:hace falta|es necesario|así lo)\b"
        r"|\bdijo\b|\bsusurró\b|\bmás abajo\b|\bpor ejemplo\b|\ba continuación\b|\bahora te\b",
    ),
)  # fmt: skip

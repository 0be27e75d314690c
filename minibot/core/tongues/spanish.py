"""Promises in Spanish."""

from minibot.core.tongues.tongue import Tongue, one_of

_DAY = r"(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo)"
_COUNT = r"(?:un[oa]?s?|dos|tres|cuatro|cinco|seis|diez|quince|veinte|media|medio|par|pocos|\d+)"
_UNIT = r"(?:segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?|años?|rat(?:o|ito)|momento)\b"
_CLAUSE = (
    r"(?:en cuanto(?! me| a )|cuando(?! me\b)|apenas\b|tan pronto|nada más (?=\w+[aei]r\b)"
    r"|una vez que|hasta que"
    r"|mientras (?:tú|usted|duermes|descansas|tanto|estás)|al (?:terminar|acabar|finalizar|llegar)"
    r"|si (?!me |te |le |lo |tú|usted|quier|dese|prefier|necesit|bien|gust|pued|es (?:así|que))\w+)"
)
_WHEN = (
    r"(?<!para )(?<!de )(?:mañana\b|más (?:tarde|adelante)|luego\b|después\b|(?:esta|por la|a la"
    r"|en la) (?:noche|tarde|madrugada)|esta semana|pronto|en breve|a primera hora|al (?:mediodía"
    r"|día siguiente|anochecer|final del)|a medio ?día|pasado mañana|cada \w+|(?:una vez|\w+ veces)"
    r" (?:al|a la|por)|todos los|todas las|(?:en|dentro de) (?:un |una |unos |unas )?"
    + _COUNT
    + r" (?:de )?"
    + _UNIT
    + r"|en segundo plano|a (?:las? \w+|eso de|media)|sobre las|el "
    + _DAY
    + r"|el día (?:\d|antes"
    r"|anterior)|el \d+|la próxima|el próximo|la semana que|el mes que|de nuevo|otra vez"
    r"|(?:en|a partir de|desde) (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto"
    r"|septiembre|octubre|noviembre|diciembre)|a partir de (?:mañana|ahora)"
    r"|en (?:nochebuena|navidad|nochevieja|año nuevo)|el fin de semana|a (?:finales"
    r"|principios) de|antes de|periódicamente|regularmente|a diario|diariamente|antes\b"
    r"|dentro de|durante (?:la noche|el"
    r" día)|al rato|un rato|de aquí a|"
    + _COUNT
    + " "
    + _UNIT
    + " (?:antes|después)|"
    + _CLAUSE
    + ")"
)
_STRONG = (
    r"(?:mañana|esta (?:noche|tarde)|(?:por|a|en) la (?:mañana|tarde|noche)|más tarde|el "
    + _DAY
    + r"|a las?"
    r" (?:\d|\w+ ?(?:y|en punto|de la|te|le|les|os)\b)|pasado mañana|a primera hora|al mediodía)"
)
_TO = r"(?:te|le|les|os|se)(?: l[oa]s?)? "
_INSIDE = (
    r"(?:recuerdo que|recordaré que|recomiendo|sugiero|aconsejo|propongo|deseo|explico|muestro"
    r"|espero|entiendo|quiero|puedo|debo|pido|felicito|agradezco|resumo|dejo (?!corriendo|listo"
    r"|preparado)|presento|explicaré"
    r"|mostraré|enseñaré|supondré|asumiré|usaré|responderé en|describiré|resumiré|listaré"
    r"|necesitaré|podré|seré|trataré|comenzaré|empezaré|enseño|paso (?:la|el|los|las|un|una)"
    r" (?:receta|lista|enlace|link|pasos)|doy (?:un|algun|l)[oa]s?\b(?! (?:toque|aviso|noticias"
    r"|respuesta|novedades))"
    r"|como|todo|solo|cuando|luego|pero|sino|tanto|todos|plazo|correo|caso|tiempo|uno|mismo)\b"
)
_FUTURE = r"(?!" + _INSIDE + r")\w+(?:aré|eré|iré|dré|bré)\b"
_NOW = r"(?!" + _INSIDE + r")\w{2,}(?:o|oy)\b"
_GAP = r"(?: (?!que|qué|cómo|para|un plan|una lista)[\w'%€$/\0-]+){0,7},? "
_FAR = (
    r"(?:avisaré|recordaré(?! que)|informaré|notificaré|contactaré|mantendré|alertaré|despertaré"
    r"|haré saber|tendré (?:al tanto|al corriente|al día|informad)|comunicaré|confirmaré"
    r"|responderé(?! en)|escribiré|llamaré)"
)
_NEAR = (
    r"(?:aviso|despierto|notifico|doy (?:un |otro )?(?:toque|aviso|noticias)|hago saber"
    r"|vuelvo a (?:avisar|preguntar|escribir|recordar|contact)|(?:mantengo|tengo) (?:al tanto"
    r"|al corriente|informad|al día)|pego un (?:toque|grito)|doy un grito)\b"
)
"""What is said to a person at a later moment only, whatever the tense."""
_TASKS = (
    "miro", "reviso", "compruebo", "envío", "mando", "busco", "hago", "termino", "leo",
    "intento", "preparo", "verifico", "retomo", "pregunto", "escribo", "confirmo", "consulto",
    "investigo", "sigo", "continúo", "vuelvo", "paso", "aviso", "cuento", "digo", "traigo",
    "entrego", "averiguo", "chequeo", "publico", "comparto", "actualizo", "repaso", "analizo",
    "traduzco", "redacto", "completo", "acabo", "pongo", "llamo", "recuerdo", "ocupo",
    "encargo", "monitoreo", "vigilo", "rastreo", "resuelvo", "insisto", "ordeno", "junto",
    "recojo", "pruebo", "repito", "subo", "descargo", "corrijo", "amplío", "calculo", "comparo",
    "armo", "cierro", "abro", "agrego", "añado", "muestro",
)  # fmt: skip
"""What is done later when a time is named, in the present tense."""
_TASK = rf"(?:{'|'.join(_TASKS)})\b(?! (?:que|de|del)\b)"
_THEIRS = (
    r"(?:borrador|resumen|informe|respuesta|resultado|lista|traducción|análisis|mensaje|aviso"
    r"|novedades|noticias|parte|enlace|documento|versión|plan|archivo|propuesta)\w{0,2}"
)

SPANISH = Tongue(
    code="es",
    cues=("ré ", "ré.", " voy a ", " te ", " le ", " les ", " os ", " me ", " lo ", " vuelvo ",
          " recordatorio", " alarma ", "tendrá", "recibirá", " tienes ", " prometo ", " sigo ",
          " reviso ", " miro ", " quedo ", " se l", " de mi parte", " mío ",
          *(f" {verb} " for verb in _TASKS)),
    speaks=r"ré\b|\bvoy a\b|\b(?:recordatorio|alarma|aviso|vuelvo|sigo|continúo|quedo|prometo"
    r"|mías|mío|espero)\b"
    r"|\b(?:te|le|les|os|se)(?: l[oa]s?)? \w+oy?\b|\bte he\b|\bhe \w+ (?:un|el|tu)|\btendrá"
    r"|\brecibirá"
    r"|\btienes?\b|\bpongo\b|\bme (?:encargo|ocupo)\b|\bde mi parte\b|\bprogramo\b|\b" + _TASK,
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
        r"(?:^|[,;:.!] |\by )\W{0,3}" + _STRONG + r"(?: \w+){0,3}? (?<!no )(?:te|le|les"
        r"|os) (?:l[oa]s? )?\w+oy?\b",
        r"\bespero (?:a )?(?:que|al|la|el|los|las)\b.{3,60}? y (?:luego |después "
        r"|entonces )?(?:te|le|les|os|se)"
        r" (?:l[oa]s? )?\w+o\b|\bllegará .{0,40}\b(?:un|otro) \w+ mío",
        r"\b" + _CLAUSE + r" (?:\w+ ){1,4}?(?:tendrás|tendrá|recibirás|recibirá)\b",
        r"(?<!no )\b(?:empiezo|empezaré|comienzo|comenzaré) a (?:avis|record|envi|mand|inform)\w+",
        r"(?<!no )\b" + _TO + _NOW + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!no )\b" + _TO + _NOW,
        r"(?<!no )\blo (?:miro|reviso|compruebo|envío|mando|busco|hago|termino|leo|intento|preparo"
        r"|verifico|retomo)\b" + _GAP + _WHEN,
        r"(?:^|[,;:.!] |\by |\byo )\W{0,3}" + _WHEN + r"[^.;:]{0,45}?[ ,] ?(?<!no )(?<!el )(?<!un )"
        r"(?<!al )(?<!tu )(?<!su )(?<!del )(?<!cada )" + _TASK,
        r"(?:^|[,;:.!] |\by |\byo )\W{0,3}(?:yo )?(?:(?:me|lo|la|los|las) ){0,2}" + _TASK + _GAP
        + _WHEN,
        r"(?:^|[,;:.!] |\by |\byo )\W{0,3}(?:(?:yo|me|lo|la|los|las) ){0,3}(?:sigo|seguiré"
        r"|continúo)"
        r" (?:\w+(?:ando|iendo)|buscando|trabajando|mirando|vigilando|revisando|pendiente"
        r"|investigando|comprobando"
        r"|atent\w+)\b|(?:^|[,;:.!] |\by |\byo )\W{0,3}(?:me )?quedo (?:pendiente|atent)",
        r"(?<!no )\b(?:te|le|les|os) " + _NEAR + r"|(?<!no )\b(?:te|se) l[oa]s? recuerdo\b",
        r"\bprometo (?:\w+ )?(?:avis|record|volver|escrib|inform|mand|envi|llam|dar)\w*",
        r"\b(?:tendrás|tendrá|tienes|tiene|recibirás|recibirá) (?:aquí )?(?:el|la|los|tu|su|un"
        r"|una|mi) "
        + _THEIRS + r"\b.{0,40}(?:" + _WHEN + r"|en el chat|aquí)|(?:^|, |y )\W{0,3}" + _WHEN
        + r"(?: \w+){0,2}? (?:tendrás|tendrá|recibirás|recibirá) (?:aquí )?(?:el|la|los|las|tu"
        r"|su|un|una|mi) (?:\w+ )?" + _THEIRS + r"|(?:^|, |y )\W{0,3}" + _WHEN + r"(?:"
        r" \w+){0,3}? l[oa]s? (?:tienes|tiene|tendrás|tendrá|recibes)\b|\bdame (?:un|una|unos"
        r"|unas|dos|tres|\d+) .{1,30} y (?:lo |la )?(?:tendrás|tienes|tendrá)",
        r"(?<!no )\b(?:volveré|vuelvo) (?:a (?:contactar|escribir|revisar|comprobar|avisar|mirar"
        r"|hablar|intentar|consultar|preguntar)|con|mañana|más tarde|luego|pronto|en )",
        r"(?<!no )\bme (?:pondré|pongo) en contacto|\b(?:yo )?me (?:encargo|ocupo)(?=, |\W*$)"
        r"|\bme (?:encargaré"
        r"|encargo|aseguraré|ocuparé) de (?:avisar|recordar|informar|que no se te olvide"
        r"|hacerlo (?:mañana|más"
        r"|luego))",
        r"(?<!no )\b(?:estaré (?:pendiente|atent)|(?:haré|daré)(?: un| el)? seguimiento|vigilaré"
        r"|monitorearé|monitorizaré|seguiré (?:de cerca|vigilando|pendiente|comprobando|revisando)"
        r"|trabajaré en (?:ello|eso|esto))|\bno olvidaré (?:avisar|recordar)",
        r"(?<!no )\b(?:pondré|programaré|crearé|configuraré|estableceré|pongo|programo"
        r"|dejaré) (?:un|el|una|otro) (?:recordatorio|alarma|aviso)",
        r"(?<!no )\bhe (?:programado|creado|puesto|configurado|establecido) (?:un|el|tu"
        r"|una) (?:recordatorio|alarma)"
        r"|^(?:\W|\w+\W+){0,4}?(?:recordatorio|alarma|aviso) (?:programad|cread|puest|configurad"
        r"|fijad|list)[oa]|\b(?:tendrás|tendrá|recibirás) (?:noticias mías|(?:un|otro) \w+ mío)"
        r"|\bde mi parte\b(?=.{0,40}$)",
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

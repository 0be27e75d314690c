"""Promises in Portuguese."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!para )(?<!de )(?:amanhã|mais tarde|depois\b|logo\b|hoje à (?:noite|tarde)|(?:esta"
    r"|nesta) (?:noite|tarde)|em breve|em (?:uma?|dois|duas|cinco|dez|\d+|alguns|algumas"
    r"|segundo plano)|daqui a|às? (?:\d+|seis|sete|oito|nove|dez)|ao meio|quando (?!(?:você "
    r"|tu )?me )|assim que (?!(?:você |tu )?me )|cada \w+|(?:uma vez|\w+ vezes) (?:por|ao)"
    r"|tod[oa]s? (?:o|a|os|as)? ?\w+|na (?:segunda|terça|quarta|quinta|sexta|próxima)|no (?:sábado"
    r"|domingo|próximo)|de novo|novamente|outra vez|até (?:amanhã|às|o fim|sexta|segunda|quarta)"
    r"|se (?:o|a|os|as|houver|algo|não|mudar|acontecer|cair|subir|ele|ela)\b|regularmente"
    r"|periodicamente|antes\b|dentro de|durante a noite|enquanto|a tempo)"
)
_TO = r"(?:te|lhe|o|a|os|as|vos)"
_INSIDE = (
    r"(?:lembro que|lembrarei que|recomendo|sugiro|aconselho|proponho|desejo|explico|mostro|espero"
    r"|peço|entendo|quero|posso|devo|agradeço|resumo|deixo|apresento|explicarei|mostrarei|usarei"
    r"|assumirei|responderei em|descreverei|resumirei|listarei|precisarei|poderei|serei|vejo"
    r"|começarei)\b"
)
_FUTURE = r"(?!" + _INSIDE + r")\w{2,}rei\b"
_NOW = r"(?!" + _INSIDE + r")\w{2,}o\b"
_GAP = r"(?:-\w+)?(?: (?!que|como|para|um plano|uma lista)[\w'\0-]+){0,7},? "

PORTUGUESE = Tongue(
    code="pt",
    cues=(" vou ", " irei ", "rei ", "rei.", "-ei ", " te ", "-te ", "-lhe ", " você", " volto ",
          " fico ", " lembrete", " retorno ", " pergunto ", " verifico ", " olho ", " confiro "),
    commits=one_of(
        r"(?<!não )(?<!nunca )\b(?:vou|irei) (?:também |sim |já )?(?:te |lhe |o |a "
        r"|vos )?(?:lembr[aá](?!\S*(?: você)? (?:de )?que)|avis[aá]|notific[aá]|mant[eê]"
        r"|ficar (?:de olho|atent)|monitor|acompanhar|acordar|alertar|informar (?:você|te)"
        r"|dar (?:um retorno|notícias|seguimento)|trabalhar nisso|retornar|entrar em conta(?:c)?to"
        r"|(?:criar|definir|configurar|programar|agendar|colocar|pôr) (?:um|o|uma) (?:lembrete"
        r"|alarme|alerta|aviso))",
        r"(?<!não )(?<!nunca )\b(?:vou|irei) (?!explicar|mostrar|resumir|usar|responder em|primeiro"
        r"|agora|assumir|descrever|precisar)(?:" + _TO + r" )?\w+" + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!não )\bvou (?!explicar|mostrar|resumir|usar|responder"
        r"|primeiro|assumir|descrever|precisar)(?:" + _TO + r" )?\w+[aei]r\b",
        r"(?<!não )(?<!nunca )\b(?:" + _TO + r" )?(?:avisarei|lembrarei(?! que)|notificarei"
        r"|informarei|retornarei|manterei|monitorarei|acompanharei|ficarei (?:de olho|atent)"
        r"|entrarei em conta(?:c)?to|darei (?:notícias|um retorno|seguimento)|acordarei|alertarei"
        r"|trabalharei nisso|comunicarei)\b",
        r"(?<!não )(?<!nunca )\b(?:" + _TO + r" )?" + _FUTURE + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!não )\b(?:" + _TO + r" )?" + _FUTURE,
        r"\b(?:avisá|lembrá|notificá|informá|contactá|mantê|acordá)-(?:lo|la|te)-ei|\b(?:avisar"
        r"|lembrar|notificar|informar|enviar|dizer|dar|manter|contactar)-(?:te|lhe|vos)-ei",
        r"(?<!não )\b(?:te|lhe|eu te|eu lhe) " + _NOW + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?(?<!não )\b(?:te|lhe) " + _NOW,
        r"(?<!não )\b(?:aviso|lembro|mando|envio|digo|respondo|escrevo|informo|acordo)(?:-te|-lhe"
        r"|-o|-a| você)(?! que)(?: [\w'-]+){0,7}?,? " + _WHEN,
        r"(?<!não )\b(?:pergunto|verifico|confiro|olho|respondo|checo|termino|continuo"
        r"|procuro) (?:\w+ ){0,3}?" + _WHEN + r"|\b" + _WHEN
        + r".{0,30}?(?<!não )\b(?:pergunto|verifico|confiro|olho"
        r"|respondo|checo|termino) (?:de novo|novamente|outra vez|você|tudo|o |a |os |as |isso)",
        r"(?<!não )\b(?:te acordo|acordo(?:-te| você|-o|-a))\b|(?<!não )\b(?:te mantenho"
        r"|mantenho(?:-te|-o|-a| você|-lhe)) (?:informad|atualizad|a par)|(?<!não )\bfico de olho"
        r"|(?<!não )\b(?:volto|retorno) (?:a (?:falar|entrar|te|contact|verificar|escrever|avisar)"
        r"|com|assim)|(?<!não )\b(?:te dou|dou(?:-te|-lhe)?) (?:um )?(?:retorno|notícias)"
        r"|\bentro em conta(?:c)?to\b"
        r"|(?<!não )\bvolto " + _WHEN + r"|\bnão vou (?:me )?esquecer de (?:te )?(?:lembrar"
        r"|avisar)",
        r"(?<!não )\b(?:criarei|definirei|configurarei|programarei|agendarei|colocarei) (?:um"
        r"|o) (?:lembrete|alarme)|(?<!não )\b(?:criei|defini|agendei|configurei|programei"
        r"|coloquei) (?:um|o|seu|teu) lembrete",
    ),
    excuses=one_of(
        r"\bse (?:você |tu |o senhor )?(?:me )?(?:quiser\w*|preferir\w*|desejar\w*|disser\w*|der\w*"
        r"|enviar\w*|confirmar\w*|precisar\w*|passar\w*|informar\w*|pedir\w*|mandar\w*|indicar\w*"
        r"|for útil|gostar\w*|necessário|for preciso)\b",
        r"\bquando (?:você )?(?:quiser|preferir|precisar)|\b(?:quando|assim que|logo que) (?:você "
        r"|tu )?me (?:disse|der|env|conf|mand|pass|inf|ind)",
        r"\b(?:me (?:diga|avise|fale|envie|mande|passe|informe|conte|dê (?!um|alguns|uns|cinco|até"
        r"|tempo))|(?:diga|avise|envie|mande|diz|avisa|envia|manda|informe|confirme)-me"
        r"|basta (?:me )?(?:dizer|avisar|enviar)|é só (?:me )?(?:dizer|avisar|falar|enviar|mandar)"
        r"|confirme)\b.{0,90}(?:\be\b|\bque\b|,)",
        r"\b(?:quer|queres|gostaria|deseja) que\b|\bdisse\b(?! que)|\bsussurrou\b|\b(?:abaixo"
        r"|a seguir|por exemplo)\b",
    ),
)  # fmt: skip

"""Promises in Portuguese."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!para )(?<!de )(?:amanhã|mais tarde|depois\b|logo\b|hoje à (?:noite|tarde)|(?:esta"
    r"|nesta) (?:noite|tarde)|em breve|em (?:(?:uma?|dois|duas|três|cinco|dez|quinze|\d+|alguns"
    r"|algumas|poucos|poucas|meia) (?:\w+ )?"
    r"(?:segundo|minuto|hora|dia|semana|m[eê]s|ano|instante|momento)|segundo plano)|daqui a"
    r"|às? (?:\d+|uma|duas|três|quatro|cinco|seis|sete|oito|nove|dez|onze|doze)|ao meio"
    r"|quando (?!(?:você "
    r"|tu )?me )|assim que (?!(?:você |tu )?me )|cada \w+|(?:uma vez|\w+ vezes) (?:por|ao)"
    r"|tod[oa]s? (?:o|a|os|as)? ?\w+|na (?:segunda|terça|quarta|quinta|sexta|próxima)|no (?:sábado"
    r"|domingo|próximo)|de novo|novamente|outra vez|até (?:amanhã|às|o fim|sexta|segunda|quarta)"
    r"|se (?:o|a|os|as|houver|algo|não|mudar|acontecer|cair|subir|ele|ela)\b|regularmente"
    r"|periodicamente|antes\b|dentro de|durante a noite|enquanto|a tempo|(?:em"
    r"|a partir de) (?:janeiro|fevereiro|março|abril|maio|junho"
    r"|julho|agosto|setembro|outubro|novembro|dezembro)|a cada|na véspera|no (?:dia|fim"
    r"|final) \w+|(?:pela|de|à) (?:manhã"
    r"|tarde|noite)|ao (?:anoitecer|final)|diariamente|semanalmente|daqui (?:a|uns|umas)|logo cedo"
    r"|\w+ (?:minutos?|horas?|dias?) (?:antes|depois)|tão logo|(?:na|no) (?:sexta|segunda|terça"
    r"|quarta|quinta)|até (?:o|a|as|lá|quinta|terça|sábado|domingo)|sempre que (?!(?:você|tu)))"
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

_TASKS = (
    "mando", "envio", "escrevo", "respondo", "reviso", "confirmo", "preparo", "entrego",
    "passo", "trago", "pesquiso", "procuro", "verifico", "confiro", "olho", "checo", "termino",
    "faço", "finalizo", "retomo", "acompanho", "investigo", "tento", "traduzo", "pergunto",
    "aviso", "lembro", "chamo", "digo", "conto", "atualizo", "publico", "compartilho", "repito",
    "insisto", "consulto", "junto", "calculo", "comparo", "corrijo", "acrescento", "concluo",
    "baixo", "arrumo", "vigio", "monitoro", "busco", "escuto", "leio", "volto",
)  # fmt: skip
"""What is done later when a time is named, in the present tense."""
_TASK = rf"(?:{'|'.join(_TASKS)})\b(?! que\b)"

PORTUGUESE = Tongue(
    code="pt",
    cues=(" vou ", " irei ", "rei ", "rei.", "-ei ", " te ", "-te ", "-lhe ", " você", " volto ",
          " fico ", " lembrete", " prometo ", " alarme ", " mando ", " envio ", " comigo",
          " confirmo ",
          " reviso ", " preparo ", " continuo ", " cuido ", " faço ", " sigo ", " retorno ",
          " pergunto ", " verifico ", " olho ", " confiro ", *(f" {verb} " for verb in _TASKS)),
    speaks=r"\b(?:vou|irei|volto|fico|lembrete|alarme|prometo|retorno|continuo|comigo|cuido|sigo"
    r"|dou|mantenho|entro|acordo|terá|tem|recebe|receberá)\b|rei\b|-ei\b|\b(?:te|lhe) \w+o\b"
    r"|\w+o(?:-| você\b)|\b(?:criei|defini|agendei|configurei|programei|coloquei)\b|\b" + _TASK,
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
        r"(?:^|[,;:.!—–] |\be |\beu )\W{0,3}(?:eu )?" + _TASK + _GAP + _WHEN,
        r"(?:^|[,;:.!—–] |\be )\W{0,3}" + _WHEN + r"[^.;:]{0,45}?[ ,] ?(?<!não )(?<!o )(?<!um )"
        + _TASK,
        r"\bprometo (?:\w+ )?(?:lembrar|avisar|voltar|mandar|enviar|escrever|retornar)"
        r"|(?<!não )\b(?:eu )?(?:sigo|continuo|continuarei) (?:procurando|monitorando|acompanhando"
        r"|trabalhando|pesquisando|buscando|verificando|de olho)|\bdeix[ae] comigo\b"
        r"|^(?:\W|\w+\W+){0,4}?(?:lembrete|alarme) (?:já )?(?:está )?(?:definido|criado|agendado"
        r"|programado|configurado|marcado)|(?<!não )\bte (?:aviso|chamo|acordo|dou um toque)\b"
        r"(?! que)|\b(?:eu )?cuido disso\b|\b" + _WHEN + r"(?: \w+){0,2} (?:você )?(?:terá|tem"
        r"|recebe"
        r"|receberá) (?:o|a|um|uma|meu|minha) (?:resumo|resposta|relatório|resultado|rascunho"
        r"|lista)",
        r"\bespero .{3,60}? e (?:depois |então |logo )?(?:te|lhe) \w+o\b",
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

"""Promises in French."""

from minibot.core.tongues.tongue import Tongue, one_of

_WHEN = (
    r"(?<!pour )(?<!de )(?:demain|plus tard(?! dans)|tout à l'heure|ce soir|cette nuit|bientôt"
    r"|cet après-midi|après-demain|dans (?:(?:une?|deux|trois|quatre|cinq|dix|quinze|vingt|\d+"
    r"|quelques) (?:\w+ )?(?:seconde|minute|heure"
    r"|jour|semaine|mois|an|instant|moment|quart|demi)|la (?:soirée|journée|semaine|foulée))"
    r"|à \d|à (?:midi|minuit|(?:\w+) heures)|dès (?!que (?:tu|vous) )"
    r"|quand (?!tu |vous )|lorsque (?!tu |vous )|aussitôt|une fois que (?!tu |vous )|chaque"
    r"|\w+ fois par|tous les|toutes les|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|la semaine|d'ici|en (?:arrière-plan|tâche de fond)|régulièrement|à nouveau|de nouveau"
    r"|avant (?:midi|le|la|ton|votre|que|\w+di)|heure avant|minutes avant|si (?:le|la|les|il|ça"
    r"|cela|quelque|l'|rien|elle|un)|le moment venu|sous peu|prochainement|en (?:soirée|matinée"
    r"|fin de|début de)|ce (?:matin|midi"
    r"|week-end)|cette semaine|après (?:le|la|ton|votre|déjeuner|manger)|la veille|le (?:matin"
    r"|lendemain|jour) |vers (?:midi|\d)|\w+ (?:jours?|heures?|minutes?) (?:avant|plus tard|après)"
    r"|pendant (?:la nuit|que (?:tu|vous) (?:dor|trav))|entre-temps|quotidiennement|en continu"
    r"|(?:en|dès|à partir de|début|fin) (?:janvier|février|mars|avril|mai|juin"
    r"|juillet|août|septembre|octobre|novembre|décembre)|au (?:réveil|plus tard|fur))"
)
_TO = r"(?:te |t'|vous |le |la |les |l'|m'en |y |lui |en )"
_INSIDE = (
    r"(?:rappelle que|rappellerai que|peux|pourrais|suppose|pense|crois|sais|veux|comprends|vois"
    r"|suis|ai|dois|dirais|propose|conseille|recommande|explique|suggère|souhaite|espère|montre"
    r"|montrerai|expliquerai|supposerai|utiliserai|répondrai (?:en|désormais)|décrirai|résumerai"
    r"|aurai besoin|pourrai|serai|remercie|demande de|prie|vais|ne|n'|voulais|listerai|commencerai"
    r"|note)\b"
)
_VERB = r"(?!" + _INSIDE + r")\w{2,}(?:rai|e|s|ds|ts)\b"
_GAP = r"(?: (?!que|qui|quoi|ce que|comment|pour|un plan|une liste)[\w'\0-]+){0,7},? "
_FAR = (
    r"(?:rappellerai|préviendrai|tiendrai|recontacterai|notifierai|avertirai|alerterai|relancerai"
    r"|contacterai|réveillerai|informerai|redirai|ferai (?:signe|savoir)|tiens (?:au courant"
    r"|informé)|recontacte|fais signe|fais savoir|relance|réveille|redemande|préviens|avertis"
    r"|alerte|donne(?:rai)? des"
    r" nouvelles|dirai|écrirai|enverrai|appellerai)"
)

FRENCH = Tongue(
    code="fr",
    cues=(" je ", " j'", " de ma part", " de mes nouvelles", " rappel ", " alarme ", " aurez ",
    " auras ", " recevr"),
    speaks=r"\bj(?:e |')|\brappel |\balarme |\bréveil |\b(?:aurez|auras|recevrez|recevras)\b",
    commits=one_of(
        r"\bje " + _TO + r"{1,2}" + _FAR + r"\b(?! que (?!le moment))",
        r"\bj(?:e |')" + _TO + r"{0,2}" + _VERB + _GAP + _WHEN,
        r"\b" + _WHEN + r".{0,50}?\bje " + _TO + r"{1,2}" + _VERB,
        r"\b" + _WHEN + r".{0,50}?\bj(?:e |')(?!" + _INSIDE + r")(?:y |en )?\w{2,}(?:rai)\b",
        r"\bje (?:reviendrai|reviens) (?:vers (?:toi|vous)|avec|te voir|vous voir)",
        r"\bj(?:e |')(?:continue|reste) (?:de |à |d'|en )?(?:surveiller|chercher|travailler|suivre"
        r"|vérifier|veille|guetter)|\bje (?:vous |te |t')?promets de (?:te |vous |t')?(?:rap|pré|av"
        r"|rev|envoy|écri)|\bje m'en (?:occupe|charge)(?=,|\W*$| " + _WHEN + r")|\b" + _WHEN
        + r".{0,20}(?:tu auras|vous aurez|tu recevras|vous recevrez) (?:le|la|un|une|mon|ma|ton"
        r"|votre)"
        r" (?:résumé|réponse|rapport|résultat|brouillon|liste)|^(?:\W|\w+\W+){0,4}?(?:rappel|alarme"
        r"|réveil) (?:est )?(?:programmé|créé|réglé|défini|enregistré|mis)",
        r"\bj'attends .{3,60}? (?:puis|et|avant de)\b.{0,15}? (?:je )?(?:te |t'|vous )\w+",
        r"\bje vais (?:te |t'|vous |le |la |les |y |bien |aussi )*(?:rappeler(?! que)|prévenir"
        r"|notifier|avertir|alerter|tenir (?:au courant|informé)|recontacter|relancer|surveiller"
        r"|suivre ça|garder un œil|faire un suivi|(?:mettre|programmer|créer|configurer|placer"
        r"|ajouter) (?:un|le|une) (?:rappel|alarme|alerte))",
        r"\bje vais (?!d'abord|maintenant|expliquer|montrer|résumer|supposer|utiliser"
        r"|décrire)" + _TO
        + r"{0,2}\w+" + _GAP + _WHEN,
        r"\bje (?:garderai|garde|surveillerai|surveille|reste attenti\w+"
        r"|resterai attenti\w+) (?:un œil|le|la|les|l'|ton|ta|votre|ça|cela|à )"
        r"|\bj'y travaillerai\b|\bje ferai (?:un|le) (?:suivi|point)\b",
        r"\bje (?:mettrai|programmerai|créerai|programme|mets|crée|configurerai) (?:un|le|une"
        r"|ce) (?:rappel|alarme|alerte)|\bj'ai (?:bien )?(?:mis|programmé|créé|ajouté|défini"
        r"|configuré) (?:un|le|ton|votre) rappel|\b(?:aurez|auras|recevrez"
        r"|recevras) (?:de mes nouvelles|.{0,50}? de ma part)"
        r"|\bje n'oublierai pas de (?:te|vous|t') ?(?:rap|pré|av)|\bje (?:veillerai|m'assurerai"
        r"|penserai|m'engage|tâcherai) (?:à|de) (?:te|vous|t') ?(?:rap|pré|av|tenir|not)",
    ),
    excuses=one_of(
        r"\bsi (?:tu|vous) (?:le |l'|m'|me |m'en )?(?:veux|voulez|souhait|désir|dis\b|dites|donn"
        r"|préfér|préfèr|envoy|envoi|confirm|as besoin|avez besoin|préc|indiqu|demand|en as|partag"
        r"|aim|pouv|peux)|\bsi (?:besoin|nécessaire|ça te|cela vous|ça vous|cela te|c'est bon)",
        r"\bquand (?:tu|vous) (?:veux|voul|voud)|\b(?:dès que|quand|lorsque|une fois que"
        r"|aussitôt que) (?:tu|vous) (?:m'|me |l'|aur|av)",
        r"\b(?:dis|dites|envoie|envoyez|indique|indiquez|préviens|prévenez|confirme|confirmez"
        r"|précise|précisez|écris|écrivez|faites|fais|donnez|donne)-(?:moi|le-moi)(?! (?:quelques"
        r"|une|un|deux|cinq|jusqu|\d|le temps)).{0,90}(?:\bet\b|,)|\bil suffit de\b.{0,60}(?:\bet\b"
        r"|,)",
        r"\b(?:voulez-vous|veux-tu|souhaitez-vous|souhaites-tu)\b|\b(?:plus bas|ci-dessous"
        r"|par exemple)\b|\b(?:dit-il|dit-elle|murmura|a dit|disait)\b",
    ),
)  # fmt: skip

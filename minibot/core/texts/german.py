"""German."""

from minibot.core.texts.texts import Texts

GERMAN = Texts(
    name="Deutsch",
    commands={
        "start": "Hallo sagen",
        "help": "diese Liste zeigen",
        "new": "ein neues Gespräch beginnen und dieses weglegen",
        "stop": "die Antwort anhalten, die gerade geschrieben wird",
        "retry": "die letzte Antwort noch einmal versuchen",
        "undo": "den letzten Austausch zurücknehmen",
        "topic": "ein Thema öffnen: /topic Sommer in Rom",
        "settings": "einstellen, wie ich in diesem Chat antworte",
        "model": "zeigen oder wählen, welches Sprachmodell antwortet",
        "prompt": "diesem Chat eigene Anweisungen geben",
        "groupmode": "wählen, welche Nachrichten der Gruppe ich beantworte",
        "rich": "Tabellen und Formeln als solche senden: on oder off",
        "why": "zeigen, wie meine letzte Antwort zustande kam",
        "whoami": "deine Nummer und die dieses Chats zeigen",
        "status": "zeigen, wie es mir geht",
        "reload": "config.toml und .env neu lesen",
        "dead": "Nachrichten zeigen, die ich aufgegeben habe",
        "revive": "eine davon noch einmal versuchen: /revive m12",
        "remind": "erinnert werden: /remind morgen 9:00 Anna anrufen",
        "tasks": "zeigen und ändern, was geplant ist und bearbeitet wird",
        "timezone": "zeigen oder sagen, in welcher Zeitzone du bist",
        "quiet": "deine Ruhezeit zeigen oder setzen",
        "memory": "zeigen und ändern, was ich über dich weiß",
        "incognito": "reden, ohne dass etwas behalten wird; noch einmal beendet es",
        "forget": "alles über dich löschen: /forget me",
        "export": "alles, was ich über dich habe, als Datei",
        "permissions": "zeigen, was du auf Dauer erlaubt hast, und es zurücknehmen",
    },
    hello="Hallo!",
    hello_to="Hallo {name}!",
    greeting="Schreib mir etwas, und ich antworte.",
    more_help="/help zeigt den Rest.",
    also_understand="Außerdem verstehe ich:",
    unknown_command="`{name}` kenne ich nicht. /help zeigt, was ich verstehe.",
    passed_on=(
        "Dieser Befehl war weitergeleitet, darum bin ich ihm nicht gefolgt. "
        "Schreib ihn selbst, wenn du ihn meinst."
    ),
    button_unknown="Dieser Knopf geht nicht mehr.",
    button_not_yours="Dieser Knopf ist für jemand anderen.",
    button_decided="Das wurde schon beantwortet.",
    button_expired="Zu spät: dieser Knopf ist abgelaufen.",
    settings="⚙️ **Einstellungen dieses Chats**",
    model="Modell",
    prompt="Anweisungen",
    temperature="Temperatur",
    streaming="Beim Schreiben sichtbar",
    verbosity="Länge",
    during_turn="Während ich antworte",
    group_mode="In dieser Gruppe",
    rich="Gestaltete Nachrichten",
    language="Sprache",
    about_model=(
        "Welches Sprachmodell zuerst gefragt wird. Die anderen folgen, wenn es nicht antwortet."
    ),
    about_temperature="Je höher, desto überraschender sind die Antworten.",
    about_streaming="Ob man eine Antwort sieht, während sie geschrieben wird.",
    about_verbosity="Wie viel ich sage.",
    about_during_turn="Was eine Nachricht bewirkt, die du sendest, während ich antworte.",
    about_group_mode=(
        "Welche Nachrichten dieser Gruppe ich beantworte. An mich gehen die, die mich erwähnen, "
        "mir antworten, ein Befehl an mich sind oder eines meiner Rufwörter enthalten."
    ),
    about_rich="Ob Antworten Tabellen und Formeln so haben, wie Telegram sie zeigt.",
    about_language=("Die Sprache dessen, was ich selbst sage. Antworten kommen ohnehin in deiner."),
    default="wie vorgegeben",
    switched_on="an",
    switched_off="aus",
    brief="knapp",
    normal="normal",
    detailed="ausführlich",
    queue="kommt danach dran",
    steer="wird berücksichtigt",
    interrupt="hält meine Antwort an",
    addressed="die an mich",
    always="alle",
    silent="keine",
    own_language="die dessen, der schreibt",
    none="keine",
    gone="nicht mehr da",
    back="‹ Zurück",
    close="Schließen",
    closed="Die Einstellungen sind geschlossen. /settings öffnet sie wieder.",
    saved="Gespeichert.",
    failed="Das ging nicht: {problem}",
    owners_only="In einer Gruppe kann das nur mein Besitzer ändern.",
    models_in_order="Ich frage diese Modelle, in dieser Reihenfolge:",
    one_model="Ich frage dieses Modell:",
    no_model="Gerade antwortet kein Sprachmodell; ich versuche es weiter.",
    model_chosen="In diesem Chat frage ich zuerst `{model}`. `/model default` beendet das.",
    model_reset="In diesem Chat frage ich die Modelle in der üblichen Reihenfolge.",
    model_unknown="Ich habe kein Modell, das so heißt und antwortet.",
    model_help="`/model Name` wählt, welches in diesem Chat zuerst gefragt wird.",
    prompt_none=(
        "Dieser Chat hat keine eigenen Anweisungen. "
        "`/prompt Antworte wie ein Pirat.` gibt ihm welche."
    ),
    prompt_shown="Die Anweisungen dieses Chats (`/prompt reset` nimmt sie weg):",
    prompt_saved="Ab der nächsten Nachricht folge ich hier diesen Anweisungen.",
    prompt_reset="Dieser Chat hat keine eigenen Anweisungen mehr.",
    prompt_too_long="Das sind {length} Zeichen, erlaubt sind {limit}. Nichts wurde geändert.",
    group_only="Das ist für Gruppen. Privat beantworte ich alles.",
    group_mode_now=(
        "Nachrichten, die ich in dieser Gruppe beantworte: {value}. "
        "`/groupmode addressed`, `always` oder `off` ändert das, `default` nimmt es zurück."
    ),
    privacy_mode=(
        "Telegram gibt mir nur dann alle Nachrichten, wenn ich hier Administrator bin oder mein "
        "privacy mode bei @BotFather ausgeschaltet ist (/setprivacy)."
    ),
    rich_now=(
        "Gestaltete Nachrichten in diesem Chat: {value}. `/rich on` oder `/rich off` ändert das."
    ),
    rich_refused=(
        "Gestaltete Nachrichten gehen hier nicht, darum schreibe ich einfache. "
        "/rich on versucht es noch einmal."
    ),
    whole_answer="📄 Die ganze Antwort in einer Datei.",
    retry_nothing="Hier gibt es keine Frage von dir, die ich neu beantworten könnte.",
    undo_nothing="Hier gibt es nichts zurückzunehmen.",
    not_your_exchange="Das kann nur, wer zuletzt gefragt hat.",
    undone="↩️ Zurückgenommen: „{question}“",
    undone_work="↩️ Zurückgenommen: was ich zuletzt von mir aus gesagt habe.",
    undone_mark="↩️ Zurückgenommen.",
    stays_done="Was ich dafür getan habe, bleibt getan:",
    not_incognito="🕶 Das wurde inkognito gesagt: davon merke ich mir nichts.",
    notes_off="Notizen sind hier abgeschaltet.",
    why_nothing="In diesem Chat gibt es keine Antwort von mir, über die ich etwas weiß.",
    why_incognito=(
        "Dieses Gespräch ist inkognito: wie eine Antwort zustande kam, wird nicht behalten."
    ),
    why_heading="🔎 **Meine letzte Antwort hier** ({when} UTC, Kennung {reference})",
    why_models="Modell: {models}",
    why_tools="Werkzeuge: {tools}",
    why_tokens="Token: {input} gelesen, davon {cached} aus dem Cache; {output} geschrieben",
    why_cost="Kosten: {cost}",
    why_no_price="Kosten: unbekannt, in config.toml stehen keine Preise des Modells",
    why_time="Zeit: {first} s bis zum ersten Zeichen des Modells, {total} s im Ganzen",
    why_time_unheard="Zeit: {total} s im Ganzen",
    why_shown=(
        "Dem Modell von vorher gezeigt: {exchanges} Wechsel, {facts} Notizen, "
        "eine Zusammenfassung: {summary}, Anweisungen dieses Chats: {prompt}"
    ),
    topic_opened="🧵 Das Thema „{name}“ ist geöffnet. Dort geht es weiter.",
    topic_welcome=(
        "🧵 Ein Gespräch für sich: Was anderswo in diesem Chat gesagt wird, weiß ich hier nicht. "
        "`/model` und `/prompt` gelten nur für dieses Thema."
    ),
    topic_titles_itself="Seinen Namen bekommt es von deiner ersten Frage.",
    topic_in_group=(
        "Ich beantworte, was an mich geht; mit `/groupmode always` beantworte ich in diesem "
        "Thema alles."
    ),
    topic_untitled="Neues Gespräch",
    topic_nowhere="Hier gibt es keine Themen.",
    topic_name_too_long=(
        "Der Name eines Themas hat höchstens {limit} Zeichen, dieser hat {length}. Es wurde "
        "nichts geöffnet."
    ),
    topic_in_doubt=(
        "Beim Öffnen des Themas wurde ich unterbrochen; vielleicht ist es da, vielleicht nicht. "
        "Schick /topic noch einmal, wenn du es nicht siehst."
    ),
    topic_needs_mode=(
        "In meinen privaten Chats gibt es keine Themen. Wer mich betreibt, schaltet sie bei "
        "@BotFather ein: mich auswählen, Bot Settings, Threaded Mode. Schick dann /topic noch "
        "einmal."
    ),
    topic_needs_forum=(
        "Diese Gruppe hat keine Themen. Ein Administrator schaltet sie in ihren Einstellungen "
        "ein. Schick dann /topic noch einmal."
    ),
    topic_needs_rights=(
        "Ich darf hier keine Themen öffnen. Mach mich zum Administrator mit dem Recht, Themen zu "
        "verwalten, und schick dann /topic noch einmal."
    ),
    yes="ja",
    no="nein",
    permission_asked="Darf ich {tool} benutzen?",
    permission_reason=(
        "Ich frage, weil Worte von außen (eine Seite, eine Datei, ein Bild, ein weitergeleiteter "
        "Text) zu diesem Gespräch gehören und mich dazu gebracht haben können. /new beginnt eines "
        "ohne sie."
    ),
    permission_shortened="{text}… ({length} Zeichen)",
    permission_once="✅ Einmal",
    permission_task="Für diese Aufgabe",
    permission_always="Immer: {scope}",
    permission_no="⛔ Nein",
    permitted_once="✅ Einmal erlaubt",
    permitted_task="✅ Für diese Aufgabe erlaubt",
    permitted_always="✅ Ab jetzt erlaubt",
    permission_denied="⛔ Nicht erlaubt",
    permission_stopped="⛔ Du hast mich angehalten, darum wurde es nicht getan",
    permission_expired="⌛ Niemand hat rechtzeitig geantwortet, darum wurde es nicht getan",
    model_away=(
        "⏳ Das Sprachmodell ist gerade nicht zu erreichen. Ich habe deine Nachricht behalten und "
        "antworte, sobald es wieder da ist. (Kennung {reference})"
    ),
    apology="⚠️ {reason} (Kennung {reference})",
    model_denied=(
        "Der Anbieter des Sprachmodells hat unseren Schlüssel oder unser Guthaben abgelehnt, "
        "darum konnte ich nicht antworten. Wer mich betreibt, muss danach sehen."
    ),
    model_overfull=(
        "Dieses Gespräch ist für das Sprachmodell zu lang geworden. Schick /new für ein neues und "
        "frag dann noch einmal."
    ),
    model_refused=(
        "Das Sprachmodell hat diese Anfrage abgelehnt, darum konnte ich sie nicht beantworten."
    ),
    model_failed=(
        "Das Sprachmodell war nicht zu erreichen oder gab keine brauchbare Antwort. Schick deine "
        "Nachricht bitte in einer Weile noch einmal."
    ),
    kept_breaking=(
        "Ich konnte deine Nachricht nicht verarbeiten; sie hat mich immer wieder abstürzen lassen."
    ),
    gave_up="Bei mir ist etwas kaputt, darum habe ich aufgegeben.",
    unreadable="Ich habe etwas von dir bekommen, das ich nicht lesen kann.",
    stopped="Angehalten.",
    stopped_waiting="Angehalten; was auf das Modell gewartet hat, beantworte ich nicht mehr.",
    nothing_runs="Gerade läuft nichts.",
    go_on="▶️ Weiter",
    try_again="🔁 Noch einmal",
    going_on="Ich mache weiter.",
    trying_again="Ich versuche es noch einmal.",
    done="Erledigt.",
    aside_offer=(
        "⏳ Das dauert eine Weile. Soll ich im Hintergrund weitermachen? Dann kannst du mich "
        "inzwischen anderes fragen, und ich antworte hierauf, wenn ich fertig bin."
    ),
    aside_go="Im Hintergrund weitermachen",
    aside_stop="Anhalten",
    aside_going="Ich mache im Hintergrund weiter.",
    set_aside="⏳ Ich mache im Hintergrund weiter und antworte hierauf, wenn ich fertig bin.",
    aside_stopped="⏹ Angehalten.",
    aside_done="✓ Fertig nach {time}.",
    aside_over="Das ist schon vorbei.",
    days="{number} d",
    hours="{number} h",
    minutes="{number} min",
    seconds="{number} s",
    cut_short="*(Die Antwort hat die Längengrenze des Modells erreicht und endet hier.)*",
    answer_stopped="*(Angehalten.)*",
    stopped_early="*(Ich habe vorzeitig aufgehört: {limit}.)*",
    picture_unseen="⚠️ Das Bild habe ich nicht gesehen: `{model}` nimmt keine an, soweit ich weiß.",
    done_by_then="Das hatte ich bis dahin getan:",
    take_back="↩️ Zurücknehmen",
    take_back_one="↩️ {number} zurücknehmen",
    missed_one="Während ich weg war, hast du mir eine ältere Nachricht geschickt ({when}).",
    missed_several=(
        "Während ich weg war, hast du mir {number} ältere Nachrichten geschickt (die älteste "
        "{when})."
    ),
    missed_one_here="Während ich weg war, kam hier eine ältere Nachricht für mich an ({when}).",
    missed_several_here=(
        "Während ich weg war, kamen hier {number} ältere Nachrichten für mich an (die älteste "
        "{when})."
    ),
    missed_when="am {day}. {month} um {time} UTC",
    months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    missed_long_ago="vor einigen Tagen",
    missed_all_beyond=(
        "Von selbst beantworte ich in einem Chat höchstens {most}, und sie kamen danach."
    ),
    missed_some_beyond=(
        "Von selbst beantworte ich in einem Chat höchstens {most}; {number} davon kamen danach."
    ),
    missed_answer_it="Soll ich sie beantworten?",
    missed_answer_them="Soll ich sie beantworten?",
    missed_answer="Alle beantworten",
    missed_skip="Überspringen",
    missed_answered="✅ Ich beantworte sie jetzt",
    missed_skipped="⏭ Übersprungen",
)

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
)

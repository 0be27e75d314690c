"""English."""

from minibot.core.texts.texts import Texts

ENGLISH = Texts(
    name="English",
    commands={},
    hello="Hello!",
    hello_to="Hello {name}!",
    greeting="Write me anything and I will answer.",
    more_help="/help shows the rest.",
    also_understand="I also understand:",
    unknown_command="I do not know `{name}`. /help lists what I understand.",
    passed_on=(
        "That command was forwarded, so I did not follow it. Write it yourself if you mean it."
    ),
    button_unknown="This button does not work any more.",
    button_not_yours="This button is for somebody else.",
    button_decided="That was answered before.",
    button_expired="Too late: this button has expired.",
    settings="⚙️ **Settings of this chat**",
    model="Model",
    prompt="Instructions",
    temperature="Temperature",
    streaming="Seen while written",
    verbosity="Length",
    during_turn="While I answer",
    group_mode="In this group",
    rich="Rich messages",
    language="Language",
    about_model="Which language model is asked first. The others follow when it fails.",
    about_temperature="The higher, the more surprising are the answers.",
    about_streaming="Whether an answer is seen while it is being written.",
    about_verbosity="How much I say.",
    about_during_turn="What a message does that you send while I answer.",
    about_group_mode=(
        "Which messages of this group I answer. Those to me mention me, answer me, are a command "
        "to me or hold one of my trigger words."
    ),
    about_rich="Whether answers have tables and formulas as Telegram shows them.",
    about_language="The language of what I say myself. Answers come in yours anyway.",
    default="as configured",
    switched_on="on",
    switched_off="off",
    brief="brief",
    normal="normal",
    detailed="detailed",
    queue="waits its turn",
    steer="is taken into account",
    interrupt="stops my answer",
    addressed="those to me",
    always="all",
    silent="none",
    own_language="that of whoever writes",
    none="none",
    gone="not there any more",
    back="‹ Back",
    close="Close",
    closed="The settings are closed. /settings opens them again.",
    saved="Saved.",
    failed="That did not work: {problem}",
    owners_only="In a group only my owner can change that.",
    models_in_order="I ask these models, in this order:",
    one_model="I ask this model:",
    no_model="No language model answers at the moment; I keep trying.",
    model_chosen="In this chat I ask `{model}` first. `/model default` ends that.",
    model_reset="In this chat I ask the models in their usual order.",
    model_unknown="I have no model that is called so and answers.",
    model_help="`/model name` chooses which one is asked first in this chat.",
    prompt_none=(
        "This chat has no instructions of its own. `/prompt Answer like a pirate.` gives some."
    ),
    prompt_shown="The instructions of this chat (`/prompt reset` drops them):",
    prompt_saved="From the next message on I follow these instructions here.",
    prompt_reset="This chat has no instructions of its own any more.",
    prompt_too_long="That has {length} characters, and {limit} are allowed. Nothing was changed.",
    group_only="That is for groups. In private I answer everything.",
    group_mode_now=(
        "Messages I answer in this group: {value}. "
        "`/groupmode addressed`, `always` or `off` changes it, `default` undoes that."
    ),
    privacy_mode=(
        "Telegram hands me all messages only when I am an administrator here, or when my privacy "
        "mode is switched off at @BotFather (/setprivacy)."
    ),
    rich_now="Rich messages in this chat: {value}. `/rich on` or `/rich off` changes it.",
    rich_refused=(
        "Rich messages are not taken here, so I write plain ones. /rich on tries them again."
    ),
    whole_answer="📄 The whole answer in one file.",
    retry_nothing="There is no question of yours here that I could answer anew.",
    undo_nothing="There is nothing here to take back.",
    not_your_exchange="That is for whoever asked last.",
    undone="↩️ Taken back: “{question}”",
    undone_work="↩️ Taken back: what I told last by myself.",
    undone_mark="↩️ Taken back.",
    stays_done="What I did for it stays done:",
    not_incognito="🕶 That was said incognito: I remember nothing of it.",
    notes_off="Notes are switched off here.",
    why_nothing="There is no answer of mine in this chat that I know anything about.",
    why_incognito="This conversation is incognito: nothing is kept of how an answer came about.",
    why_heading="🔎 **My last answer here** ({when} UTC, reference {reference})",
    why_models="Model: {models}",
    why_tools="Tools: {tools}",
    why_tokens="Tokens: {input} in, of these {cached} from the cache; {output} out",
    why_cost="Cost: {cost}",
    why_no_price="Cost: not known, the model has no prices in config.toml",
    why_time="Time: {first} s to the first sign of the model, {total} s in all",
    why_time_unheard="Time: {total} s in all",
    why_shown=(
        "Shown to the model from before: exchanges {exchanges}, notes {facts}, "
        "a summary: {summary}, instructions of this chat: {prompt}"
    ),
    topic_opened="🧵 I opened the topic “{name}”. Go on there.",
    topic_welcome=(
        "🧵 A conversation of its own: here I know nothing of what is said elsewhere in this "
        "chat. `/model` and `/prompt` choose for this topic alone."
    ),
    topic_titles_itself="It takes its name from your first question.",
    topic_in_group=(
        "I answer what is said to me; `/groupmode always` has me answer everything in this topic."
    ),
    topic_untitled="New conversation",
    topic_nowhere="There are no topics here.",
    topic_name_too_long=(
        "The name of a topic has at most {limit} characters, and this one has {length}. Nothing "
        "was opened."
    ),
    topic_in_doubt=(
        "I was cut off while I opened the topic, so it may be there or not. Send /topic again if "
        "you do not see it."
    ),
    topic_needs_mode=(
        "My private chats have no topics. Whoever runs me switches them on at @BotFather: choose "
        "me, Bot Settings, Threaded Mode. Then send /topic again."
    ),
    topic_needs_forum=(
        "This group has no topics. An administrator switches them on in its settings. Then send "
        "/topic again."
    ),
    topic_needs_rights=(
        "I may not open topics here. Make me an administrator with the right to manage topics, "
        "then send /topic again."
    ),
    yes="yes",
    no="no",
    permission_asked="May I use {tool}?",
    permission_reason=(
        "I ask because words from outside (a page, a file, a picture, a forwarded text) are part "
        "of this conversation, and may have led me to it. /new begins one without them."
    ),
    permission_shortened="{text}… ({length} characters)",
    permission_once="✅ Once",
    permission_task="For this task",
    permission_always="Always: {scope}",
    permission_no="⛔ No",
    permitted_once="✅ Allowed once",
    permitted_task="✅ Allowed for this task",
    permitted_always="✅ Allowed from now on",
    permission_denied="⛔ Not allowed",
    permission_stopped="⛔ You stopped me, so it was not done",
    permission_expired="⌛ Nobody answered in time, so it was not done",
    model_away=(
        "⏳ The language model cannot be reached right now. I kept your message, and I will answer "
        "when the model is back. (reference {reference})"
    ),
    apology="⚠️ {reason} (reference {reference})",
    model_denied=(
        "The language model's provider refused our key or our balance, so I could not answer. "
        "Whoever runs me has to look at it."
    ),
    model_overfull=(
        "This conversation has become too long for the language model. Send /new to begin a fresh "
        "one, then ask again."
    ),
    model_refused="The language model refused this request, so I could not answer it.",
    model_failed=(
        "The language model could not be reached or gave no usable answer. Please send your "
        "message again in a while."
    ),
    kept_breaking="I could not process your message; it kept breaking me.",
    gave_up="Something is broken on my side, and I gave up.",
    unreadable="I received something from you that I cannot read.",
    stopped="Stopped.",
    stopped_waiting="Stopped; I will not answer what waited for the model.",
    nothing_runs="Nothing is running.",
    go_on="▶️ Continue",
    try_again="🔁 Retry",
    going_on="I go on.",
    trying_again="I try again.",
    done="Done.",
    aside_offer=(
        "⏳ This takes a while. Shall I go on in the background? Then you can ask me other things "
        "meanwhile, and I answer this when I am done."
    ),
    aside_go="Go on in the background",
    aside_stop="Stop",
    aside_going="I go on in the background.",
    set_aside="⏳ I go on in the background, and answer this when I am done.",
    aside_stopped="⏹ Stopped.",
    aside_done="✓ Done after {time}.",
    aside_over="That is over already.",
    days="{number} d",
    hours="{number} h",
    minutes="{number} min",
    seconds="{number} s",
    cut_short="*(The answer reached the model's length limit and ends here.)*",
    answer_stopped="*(Stopped.)*",
    stopped_early="*(I stopped early: {limit}.)*",
    picture_unseen="⚠️ I did not see the picture: `{model}` takes none, as far as I know.",
    done_by_then="What I had done by then:",
    take_back="↩️ Undo",
    take_back_one="↩️ Undo {number}",
    missed_one="While I was away you sent me an older message ({when}).",
    missed_several="While I was away you sent me {number} older messages (the oldest {when}).",
    missed_one_here="While I was away an older message for me came in here ({when}).",
    missed_several_here=(
        "While I was away {number} older messages for me came in here (the oldest {when})."
    ),
    missed_when="on {day} {month} at {time} UTC",
    months="Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    missed_long_ago="some days ago",
    missed_all_beyond="They are beyond the {most} that I answer by myself in one chat.",
    missed_some_beyond=(
        "{number} of them are beyond the {most} that I answer by myself in one chat."
    ),
    missed_answer_it="Shall I answer it?",
    missed_answer_them="Shall I answer them?",
    missed_answer="Answer all",
    missed_skip="Skip",
    missed_answered="✅ I answer them now",
    missed_skipped="⏭ Skipped",
)

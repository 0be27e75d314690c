"""Spanish."""

from minibot.core.texts.texts import Texts

SPANISH = Texts(
    name="Español",
    commands={
        "start": "saludar",
        "help": "mostrar esta lista",
        "new": "empezar una conversación nueva y guardar esta",
        "stop": "detener la respuesta que se está escribiendo",
        "retry": "intentar de nuevo la última respuesta",
        "undo": "deshacer el último intercambio",
        "topic": "abrir un tema: /topic Verano en Roma",
        "settings": "ajustar cómo respondo en este chat",
        "model": "ver o elegir qué modelo de lenguaje responde",
        "prompt": "dar a este chat instrucciones propias",
        "groupmode": "elegir qué mensajes del grupo respondo",
        "rich": "enviar tablas y fórmulas como tales: on u off",
        "why": "ver cómo surgió mi última respuesta",
        "whoami": "ver tu número y el de este chat",
        "status": "ver cómo estoy",
        "reload": "leer de nuevo config.toml y .env",
        "dead": "ver los mensajes a los que renuncié",
        "revive": "intentar de nuevo uno de ellos: /revive m12",
        "remind": "recibir un recordatorio: /remind mañana 9:00 llamar a Ana",
        "tasks": "ver y cambiar lo planeado y lo que está en curso",
        "timezone": "ver o decir en qué zona horaria estás",
        "quiet": "ver o fijar tus horas de silencio",
        "memory": "ver y cambiar lo que recuerdo de ti",
        "incognito": "hablar sin que se recuerde nada; otra vez para terminar",
        "forget": "borrar todo lo que tengo de ti: /forget me",
        "export": "recibir como archivo todo lo que tengo de ti",
        "permissions": "ver lo que permitiste para siempre y revocarlo",
    },
    hello="¡Hola!",
    hello_to="¡Hola, {name}!",
    greeting="Escríbeme lo que quieras y te responderé.",
    more_help="/help muestra lo demás.",
    also_understand="También entiendo:",
    unknown_command="No conozco `{name}`. /help muestra lo que entiendo.",
    passed_on=(
        "Ese comando era reenviado, por eso no lo seguí. Escríbelo tú si es lo que quieres."
    ),
    button_unknown="Este botón ya no funciona.",
    button_not_yours="Este botón es para otra persona.",
    button_decided="Eso ya se respondió.",
    button_expired="Demasiado tarde: este botón ha caducado.",
    settings="⚙️ **Ajustes de este chat**",
    model="Modelo",
    prompt="Instrucciones",
    temperature="Temperatura",
    streaming="Visible al escribir",
    verbosity="Extensión",
    during_turn="Mientras respondo",
    group_mode="En este grupo",
    rich="Mensajes con formato",
    language="Idioma",
    about_model="A qué modelo de lenguaje pregunto primero. Los otros siguen si falla.",
    about_temperature="Cuanto más alta, más sorprendentes son las respuestas.",
    about_streaming="Si una respuesta se ve mientras se escribe.",
    about_verbosity="Cuánto digo.",
    about_during_turn="Qué hace un mensaje que envías mientras respondo.",
    about_group_mode=(
        "Qué mensajes de este grupo respondo. Son para mí los que me mencionan, me responden, "
        "son una orden para mí o contienen una de mis palabras clave."
    ),
    about_rich="Si las respuestas tienen tablas y fórmulas como las muestra Telegram.",
    about_language="El idioma de lo que digo yo mismo. Las respuestas llegan en el tuyo.",
    default="según la configuración",
    switched_on="sí",
    switched_off="no",
    brief="breve",
    normal="normal",
    detailed="detallada",
    queue="espera su turno",
    steer="se tiene en cuenta",
    interrupt="detiene mi respuesta",
    addressed="los dirigidos a mí",
    always="todos",
    silent="ninguno",
    own_language="el de quien escribe",
    none="ninguno",
    gone="ya no está",
    back="‹ Atrás",
    close="Cerrar",
    closed="Los ajustes están cerrados. /settings los abre de nuevo.",
    saved="Guardado.",
    failed="No funcionó: {problem}",
    owners_only="En un grupo solo mi dueño puede cambiar eso.",
    models_in_order="Pregunto a estos modelos, en este orden:",
    one_model="Pregunto a este modelo:",
    no_model="Ahora no responde ningún modelo de lenguaje; sigo intentándolo.",
    model_chosen="En este chat pregunto primero a `{model}`. `/model default` lo termina.",
    model_reset="En este chat pregunto a los modelos en el orden habitual.",
    model_unknown="No tengo ningún modelo que se llame así y responda.",
    model_help="`/model nombre` elige a cuál pregunto primero en este chat.",
    prompt_none=(
        "Este chat no tiene instrucciones propias. `/prompt Responde como un pirata.` le da unas."
    ),
    prompt_shown="Las instrucciones de este chat (`/prompt reset` las quita):",
    prompt_saved="Desde el próximo mensaje sigo aquí estas instrucciones.",
    prompt_reset="Este chat ya no tiene instrucciones propias.",
    prompt_too_long=("Tiene {length} caracteres y se permiten {limit}. No se cambió nada."),
    group_only="Eso es para grupos. En privado respondo a todo.",
    group_mode_now=(
        "Mensajes que respondo en este grupo: {value}. "
        "`/groupmode addressed`, `always` u `off` lo cambia, `default` lo deshace."
    ),
    privacy_mode=(
        "Telegram me entrega todos los mensajes solo si soy administrador aquí o si mi modo de "
        "privacidad está desactivado en @BotFather (/setprivacy)."
    ),
    rich_now="Mensajes con formato en este chat: {value}. `/rich on` o `/rich off` lo cambia.",
    rich_refused=(
        "Aquí no se admiten mensajes con formato; escribo mensajes simples. "
        "/rich on lo intenta otra vez."
    ),
    whole_answer="📄 La respuesta completa en un archivo.",
    retry_nothing="Aquí no hay ninguna pregunta tuya que pueda responder de nuevo.",
    undo_nothing="Aquí no hay nada que deshacer.",
    not_your_exchange="Eso solo puede hacerlo quien preguntó el último.",
    undone="↩️ Deshecho: «{question}»",
    undone_work="↩️ Deshecho: lo último que conté por mi cuenta.",
    undone_mark="↩️ Deshecho.",
    stays_done="Lo que hice por ello sigue hecho:",
    not_incognito="🕶 Eso se dijo de incógnito: no recuerdo nada de ello.",
    notes_off="Las notas están desactivadas aquí.",
    why_nothing="En este chat no hay ninguna respuesta mía de la que sepa algo.",
    why_incognito=("Esta conversación es de incógnito: no se guarda cómo surgió una respuesta."),
    why_heading="🔎 **Mi última respuesta aquí** ({when} UTC, referencia {reference})",
    why_models="Modelo: {models}",
    why_tools="Herramientas: {tools}",
    why_tokens="Tokens: {input} de entrada, de ellos {cached} de la caché; {output} de salida",
    why_cost="Coste: {cost}",
    why_no_price="Coste: desconocido, config.toml no tiene precios del modelo",
    why_time="Tiempo: {first} s hasta la primera señal del modelo, {total} s en total",
    why_time_unheard="Tiempo: {total} s en total",
    why_shown=(
        "Mostrado al modelo de antes: {exchanges} intercambios, {facts} notas, "
        "un resumen: {summary}, instrucciones de este chat: {prompt}"
    ),
    topic_opened="🧵 He abierto el tema «{name}». Sigue allí.",
    topic_welcome=(
        "🧵 Una conversación aparte: aquí no sé nada de lo que se dice en el resto de este chat. "
        "`/model` y `/prompt` valen solo para este tema."
    ),
    topic_titles_itself="Su nombre saldrá de tu primera pregunta.",
    topic_in_group=(
        "Respondo lo que va dirigido a mí; con `/groupmode always` respondo todo en este tema."
    ),
    topic_untitled="Nueva conversación",
    topic_nowhere="Aquí no hay temas.",
    topic_name_too_long=(
        "El nombre de un tema tiene como máximo {limit} caracteres, y este tiene {length}. No se "
        "abrió nada."
    ),
    topic_in_doubt=(
        "Me interrumpieron mientras abría el tema, así que puede que esté o no. Si no lo ves, "
        "envía /topic otra vez."
    ),
    topic_needs_mode=(
        "Mis chats privados no tienen temas. Quien me administra los activa en @BotFather: "
        "elegirme a mí, Bot Settings, Threaded Mode. Después envía /topic otra vez."
    ),
    topic_needs_forum=(
        "Este grupo no tiene temas. Un administrador los activa en sus ajustes. Después envía "
        "/topic otra vez."
    ),
    topic_needs_rights=(
        "No puedo abrir temas aquí. Hazme administrador con permiso para gestionar temas y envía "
        "/topic otra vez."
    ),
    yes="sí",
    no="no",
    permission_asked="¿Puedo usar {tool}?",
    permission_reason=(
        "Pregunto porque en esta conversación hay palabras de fuera (una página, un archivo, una "
        "imagen, un texto reenviado) que pueden haberme llevado a esto. /new empieza una sin "
        "ellas."
    ),
    permission_shortened="{text}… ({length} caracteres)",
    permission_once="✅ Una vez",
    permission_task="Para esta tarea",
    permission_always="Siempre: {scope}",
    permission_no="⛔ No",
    permitted_once="✅ Permitido una vez",
    permitted_task="✅ Permitido para esta tarea",
    permitted_always="✅ Permitido desde ahora",
    permission_denied="⛔ No permitido",
    permission_stopped="⛔ Me detuviste, así que no se hizo",
    permission_expired="⌛ Nadie respondió a tiempo, así que no se hizo",
    model_away=(
        "⏳ Ahora mismo no puedo contactar con el modelo de lenguaje. He guardado tu mensaje y "
        "responderé cuando vuelva. (referencia {reference})"
    ),
    apology="⚠️ {reason} (referencia {reference})",
    model_denied=(
        "El proveedor del modelo de lenguaje rechazó nuestra clave o nuestro saldo, así que no "
        "pude responder. Quien me administra tiene que revisarlo."
    ),
    model_overfull=(
        "Esta conversación se ha vuelto demasiado larga para el modelo de lenguaje. Envía /new "
        "para empezar otra y vuelve a preguntar."
    ),
    model_refused="El modelo de lenguaje rechazó esta petición, así que no pude responderla.",
    model_failed=(
        "No pude contactar con el modelo de lenguaje, o no dio una respuesta útil. Envía tu "
        "mensaje otra vez dentro de un rato, por favor."
    ),
    kept_breaking="No pude procesar tu mensaje: me hizo fallar una y otra vez.",
    gave_up="Algo está roto por mi parte y me he rendido.",
    unreadable="Recibí algo tuyo que no puedo leer.",
    stopped="Detenido.",
    stopped_waiting="Detenido; ya no responderé lo que esperaba al modelo.",
    nothing_runs="No hay nada en marcha.",
    go_on="▶️ Continuar",
    try_again="🔁 Reintentar",
    going_on="Sigo.",
    trying_again="Lo intento otra vez.",
    done="Hecho.",
    aside_offer=(
        "⏳ Esto lleva un rato. ¿Sigo en segundo plano? Así puedes preguntarme otras cosas "
        "mientras tanto, y respondo esto cuando termine."
    ),
    aside_go="Seguir en segundo plano",
    aside_stop="Detener",
    aside_going="Sigo en segundo plano.",
    set_aside="⏳ Sigo en segundo plano y respondo esto cuando termine.",
    aside_stopped="⏹ Detenido.",
    aside_done="✓ Terminado en {time}.",
    aside_over="Eso ya terminó.",
    days="{number} d",
    hours="{number} h",
    minutes="{number} min",
    seconds="{number} s",
    cut_short="*(La respuesta llegó al límite de longitud del modelo y termina aquí.)*",
    answer_stopped="*(Detenido.)*",
    stopped_early="*(Paré antes de tiempo: {limit}.)*",
    picture_unseen="⚠️ No vi la imagen: `{model}` no admite imágenes, que yo sepa.",
    done_by_then="Lo que había hecho hasta entonces:",
    take_back="↩️ Deshacer",
    take_back_one="↩️ Deshacer {number}",
    missed_one="Mientras no estaba me enviaste un mensaje más antiguo ({when}).",
    missed_several=(
        "Mientras no estaba me enviaste {number} mensajes más antiguos (el primero, {when})."
    ),
    missed_one_here="Mientras no estaba llegó aquí un mensaje más antiguo para mí ({when}).",
    missed_several_here=(
        "Mientras no estaba llegaron aquí {number} mensajes más antiguos para mí (el primero, "
        "{when})."
    ),
    missed_when="el {day} de {month} a las {time} UTC",
    months=(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
    missed_long_ago="hace algunos días",
    missed_all_beyond="Pasan de los {most} que respondo por mi cuenta en un chat.",
    missed_some_beyond=(
        "{number} de ellos pasan de los {most} que respondo por mi cuenta en un chat."
    ),
    missed_answer_it="¿Lo respondo?",
    missed_answer_them="¿Los respondo?",
    missed_answer="Responder todos",
    missed_skip="Omitir",
    missed_answered="✅ Los respondo ahora",
    missed_skipped="⏭ Omitido",
)

"""Promises in English."""

from minibot.core.tongues.tongue import Tongue, one_of

_ADVERBS = (
    r"(?: (?:(?!reply|apply|rely|supply|only )\w+ly|also|then|of course|make sure (?:to|i)"
    r"|be sure to|try to|still|always|just|now|remember to|go ahead and|wait and|even|do my best to"
    r"|make (?:a note|it a point) to)){0,4}"
)
_I_WILL = (
    r"\b(?:ill(?= (?:remind|ping|let|tell|get|send|check|text|message|wake|do|keep|follow|look"
    r"|be)\b)|i(?:'ll| will| shall|'m (?:going to|gonna)| am (?:going to|gonna)))"
)
_WILL = (
    r"(?:" + _I_WILL + r"|\bi (?:promise|intend|plan|mean|aim)(?: you)?(?: to| (?:that )?i'll)"
    r"|\bi'll have to|\bimma)" + _ADVERBS
)
_COUNT = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|sixty|\d+|some|about|around|half|several|few|couple|roughly)"
)
_UNIT = r"(?:second|sec|minute|min|hour|hr|day|night|week|month|year|while|bit|moment|jiffy|mo)s?\b"
_PART = (
    r"(?:mornings?|afternoons?|evenings?|nights?|noon|midday|midnight|lunch(?:time)?|dinner|supper"
    r"|tea|breakfast|bedtime|weekends?|work|school|dawn|sunrise|sunset)\b"
)
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|(?:mon|tues?|wed|thurs?|fri|sat|sun)\b"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b)"
)
_CLOCK = (
    r"(?:\d|half|quarter|noon|midday|midnight|(?:about |around )?(?:one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve)(?! \w+(?:ons|ces|ges)\b)\b)"
)
_CLAUSE = (
    r"(?:as soon as|the (?:moment|minute|second|instant)"
    r" (?=it|they|the|your|he|she|i\b|you|there|any|some|a\b|we)|before (?:the|your|you|it|noon"
    r"|bed|i\b|\d|each|every|any|they|he|she|my"
    r"|" + _DAY + r")|once (?!more|again|upon|a\b)|by the time|(?:the )?next time"
    r"|when(?:ever)? (?:we|it(?! comes to)|they|he|she|that|there|the|your|everything|something"
    r"|anything|someone|anyone|tickets|a |an |i'm|i am|i get|done|ready|finished|you(?:'re| are"
    r"| (?:get (?:up|home|back)|wake|land|arrive|return)))\b|if (?:nothing|anything|something|it"
    r"|they|the \w+ (?:goes|drops|falls|changes|rises|hasn't|haven't|isn't"
    r"|doesn't|comes|is|fails|stops|gets))\b|while you|until\b|till\b|after (?:the|ten|nine"
    r"|eight|seven|six|five|four|three|two|noon"
    r"|your|you\b|that\b|it\b|\d|" + _PART + "|" + _DAY + "))"
)
_WHEN = (
    r"(?:(?<!for )|(?<=up for )|(?<=it for )"
    r"|(?<=this for ))(?<!about )(?<!from )(?<!of )(?:tomorrow\b(?!'s)|(?<=to )tomorrow's"
    r"|tm?rw\b|tmr\b|later(?! in this| than)|tonight\b"
    r"(?!'s)|overnight|in (?:the|due) (?:background|meantime|course|" + _PART + r")|first thing"
    r"|soon\b|shortly\b|by (?:then|tomorrow|tonight|the end|end of|"
    + _CLOCK
    + "|"
    + _DAY
    + "|(?:the )?"
    + _PART
    + r")|(?:next|this|every|each|that|the (?:next|following)|over the(?: next)?|throughout the"
    r"|through the|all|during the) (?:week|month|year|day|hour|quarter|\d+|few|other|couple|"
    + _PART
    + "|"
    + _DAY
    + r")|(?:in|within) "
    + _COUNT
    + r" (?:\w+ ){0,3}?(?:weeks' )?"
    + _UNIT
    + r"|"
    + _COUNT
    + r" "
    + _UNIT
    + r" (?:before|after|later|ahead|prior|beforehand|from now"
    r"|in advance|early)|at (?:"
    + _CLOCK
    + "|the (?:end|start|weekend)|"
    + _PART
    + r")|on (?:"
    + _DAY
    + r"|the (?:\d|first|last|morning|eve|day))|(?:once|twice|\w+ times) an? (?:day|hour"
    r"|week|month)|after?wards?\b|beforehand|daily\b|hourly|weekly|nightly|monthly|regularly"
    r"|periodically|from time to time|every now and|from (?:now|tomorrow|then) on|as of "
    r"|as (?:it|they) (?:come|show|appear|arrive|pop|happen|roll)|as soon as possible|asap"
    r"|(?:in|from|starting(?: in)?|from early) (?:january|february|march|april|may|june|july"
    r"|august|september"
    r"|october|november|december)\b|again (?:at|in|on|when|once|before|after)|meanwhile"
    r"|on (?:\w+ ){1,2}(?:eve|day)\b|" + _DAY + r"(?=\W*$|,)|right away$|" + _CLAUSE + ")"
)
_INSIDE = (
    r"(?:explain|describe|assume|suppose|guess|interpret|treat|mark|note|list|show|remember|save"
    r"|store|include|say|recommend|suggest|use|call|need|be (?!back|in touch|\w+ing\b)"
    r"|have to|not|never|no|add (?!(?:it|this|that) to (?:tomorrow|tonight|your|the (?:list"
    r"|agenda|next)))|refer|stick|name|number|format|quote|cite|walk|go (?:through|over"
    r"|with|step|ahead)|stop|label|highlight|round|answer|admit|want|see|mention (?!it\b|this\b"
    r"|that\b)|spell|correct"
    r"|pretend|bet|wonder|phrase|rephrase|sum|summari[sz]e|translate"
    r"|outline|illustrate|demonstrate|clarify|define|skip|ignore|leave (?:out|it at|that)"
    r"|take (?:it"
    r"|that|this|you)|keep (?:it|this|that|things|my|to)\b|give you (?:the|an|a (?!ring|call|bell"
    r"|shout|nudge|buzz|heads|ping|poke|reminder|wake|status))|tell you (?:what|how|why|a|the)"
    r"|start (?:with|by|from)|begin|you|it|he|she|they|this|that|the|i|we|to)\b"
)
"""What is done within an answer, whatever moment is spoken of, and what is no verb."""

_BACK = (
    r"(?:see to it|wait (?:for|until|till)\b|(?:get|come|circle|report|write|loop|check|be"
    r"|return|go|pop|swing|drop|head) (?:right |straight )?back"
    r"(?= (?:to (?:you|ya|it|this|that|the)|with|on|in|at|about|when|once|as|by|later|tomorrow|soon"
    r"|here|shortly|after|before|tonight|every|if|next|this)|\W*$|,|!| and)|return (?:to you|with"
    r"|tomorrow|later)|follow[ -]?up\b(?! questions?)|check in\b|(?:be|stay|keep) in (?:touch"
    r"|contact)|touch base|reach out|get in touch|pick (?:this|it|that"
    r"|things) (?:back )?up(?= again"
    r"| where| on| tomorrow| later| next)|revisit|bring (?:it|this|that) (?:back )?up|raise"
    r" (?:it|this|that) (?:again|with you|on|when|before)|report (?:my|the|any|what)"
    r" (?:findings|results|progress|news|outcome|changes|i find))"
)
_CONTACT = (
    r"(?:remind (?:you|ya|everyone|everybody|them|him|her|both|all"
    r"|us)\b(?! (?:again )?(?:that (?!day"
    r"|even|morn|night|after|week)|how|why|what|who))|(?:keep|start|be) reminding"
    r"|(?:give|send|drop|shoot) (?:you|ya|everyone) (?:an?"
    r"|another|the) (?:[\w-]+ )?(?:heads[ -]up|shout|ping|nudge|buzz|ring|bell|prod|poke|call|line"
    r"|notification|alert|wake-up|note|message|text|update|reminder)(?: call)?(?= (?:when|once"
    r"|if|as"
    r"|before|at|in|on|by|tomorrow|later|tonight|every|soon|about|after|\w+ (?:minutes|hours|days))"
    r"|\W*$|[,;!])|let (?:you|ya|y'all|you all|everyone|them) know\b(?! (?:that|how to|why|i)\b)"
    r"|keep (?:you|everyone) (?:post|updat|inform|abreast|in the (?:loop|picture|know)|up)"
    r"|give you (?:(?:fair|plenty|some|due|good) )*(?:notice|warning|word)|(?:jog"
    r"|refresh) your memory|(?:notify|alert|ping|nudge|message|text|email|e-mail|wake|update"
    r"|contact|buzz|poke|prod|bug|pester|nag|prompt|dm) (?:you|ya|everyone)\b(?! that)|hit you"
    r" up|chase (?:it|them|him|her|you|this)\b|(?:inform|warn|tell|call|catch|flag|shout|phone"
    r"|ring)(?: (?:it )?(?:to )?you| ya)? (?=when"
    r"|if|once|as soon|before|in time|tomorrow|later|tonight|at \d|in \d|in an?|every|on \w+day"
    r"|the moment|the minute|by|back|about any|right away))"
)
_WATCH = (
    r"(?:(?:set|create|add|schedule|put|make|send|program|arrange|book)(?: (?:up|in|you|on|myself"
    r"|yourself))* (?:(?:an?|the|that|this|your|another|two|some) )?(?:[\w:-]+ ){0,3}(?:reminder"
    r"|alarm|timer|nudge)s?\b(?! (?:app|section|feature))|schedule (?:it|this|that|a task|a job)\b"
    r"|make a (?:mental )?note to (?:ask|check|remind|tell|follow|look)|(?:take (?:another"
    r"|a second)"
    r"|have another) look|keep (?:an? (?:close |sharp )?eye|tabs|checking|watch|watching|monitoring"
    r"|looking|working|searching|trying|pinging|hunting|digging|refreshing|polling|listening"
    r"|track of (?:the|its) (?:price|flight))|(?:monitor|watch) (?:it|this|that|the|your|for|out"
    r"|their|its)\b|be (?:watching|monitoring|checking|tracking|on the lookout|sending you"
    r"|back)\b(?! up)|track (?:the|your|its|that|this) (?:price|flight|parcel|package|order"
    r"|shipment"
    r"|delivery|stock)|look into (?:it|this|that)\b(?= for you|\W*$| and|,)|work on (?:it|this"
    r"|that)(?=\W*$| and|,)|(?:have|get) (?:it|that|this|them|everything|an? (?:[\w-]+ ){0,2}\w+"
    r"|the \w+|your \w+|something|news) (?:ready|done|finished|drafted|prepared|sorted|for you"
    r"|waiting|back))"
)
_REACH = "(?:" + _BACK + "|" + _CONTACT + "|" + _WATCH + ")"
_GAP_WHEN = (
    r"(?: (?!what|which|who|that (?:is|are|was|the|an?|you|we|they|it|he|she|i|will|can)\b|how"
    r"|for (?!new|any|it|you|updates|more|tomorrow|tonight)|is|are|was|can|could"
    r"|should|to (?:be|have|do|make|know|find|get)\b)(?:[\w'\0$£€%/.&-]|:(?=\d))+){0,10},? " + _WHEN
)
_ANY = (
    r"(?:(?!" + _INSIDE + r")[\w-]+" + _GAP_WHEN + r"|(?:translate|summari[sz]e|explain|answer"
    r"|show you|call|add"
    r"|go (?:through|over)|list|start|tell you (?:what|how))\b[^,;]{0,60}? (?<!for )(?<!from )"
    r"(?<!about )(?<!of )(?:tomorrow\b(?!'s)|tonight\b(?!'s)|overnight|later (?:today|on"
    r"|tonight)|first thing"
    r"|by (?:tomorrow|tonight|" + _DAY + ")|in " + _COUNT + " " + _UNIT + "))"
)
_PERSON_GIVES = (
    r"(?:tell|told|give|send|sent|share|provide|confirm|say|reply|replied|answer|let me|pick|choose"
    r"|decide|approve|specif|paste|upload|ask|are ready|'re ready|want|find out the)"
)
_ELSEWHERE = (
    r"\bfurther (?:down|below)\b|\b(?:below|in the next (?:section|step|paragraph)|for example"
    r"|e\.g\.|i wish|in this (?:answer|article|section))\b"
)
_MADE = r"(?:reminder|alarm|timer|wake-up call|heads-up|follow-up|alert)s?"
_SET = r"(?:set|scheduled|created|added|booked|planned|in place|lined up|queued)\b"

ENGLISH = Tongue(
    code="en",
    cues=(
        " i'll ", " i will ", " i shall ", " i promise",
        " i intend", " i plan ", " let me ", " will ", " from me", " on me ", " with me", " to me",
        " reminder", " alarm ", " heads-up ", " i won't forget", " on my ", " in my ",
        " imma ", "yourself",
        " i'm ", " i am ", " back in ", " back with ", " back soon", " back shortly", " ill ",
        " you'll have ", " you'll get ", " you get ", " you'll find ", " gonna ", " you'll be ",
    ),
    speaks=r"\b(?:i(?:'ll|'m|'ve)|ill|imma|gonna|i (?:will|shall|am|have|promise|intend|plan"
    r"|mean|aim"
    r"|won't)|let me|(?:from|with|to|on) me|reminders?|alarms?|timers?|wake-up|heads-up"
    r"|follow-up|alerts?"
    r"|yourself|[oi]n my|you(?:'ll| will)? (?:have|get|find|be)|expect|(?:will|'ll) (?:be|follow"
    r"|arrive|come|land)|back)\b"
    r"|(?:^|[.!?:;,—–-] )\W{0,4}(?:will|gonna|going to)\b",
    commits=one_of(
        _WILL + " " + _REACH,
        _WILL + " " + _ANY,
        _WILL + r"\b[^,]{1,80}?,? (?:and|then)(?: then| also)? " + _ANY,
        r"\b(?:" + _I_WILL + r"|i(?:'m|'ve| am| have)|let me (?!know))\b(?:(?! will\b|'ll\b| can\b"
        r"| could\b| to (?!you|me|it|work|see)| which\b| (?:app|tool|service|script|site"
        r"|bot)s? that"
        r"\b).){1,90}?(?:\b(?:and|then|but)|[,;—–-])(?: (?:i'll|will|then|also))* (?:"
        + _BACK + "|" + _CONTACT + ")",
        _CLAUSE + r".{0,80}?,? \bi(?:'ll| will| shall)" + _ADVERBS + r" (?:(?!" + _INSIDE
        + r")\w|summari[sz]e|translate|tell|give)",
        r"(?:^|[,;:.!—–*-] |\b(?:and|so|then|but) )\W{0,3}(?:(?:ok|okay|sure|right|great|early"
        r"|late|same time)"
        r",? )?" + _WHEN + r"[^,;!?]{0,40}?,? (?:and |then |so )?i(?:'ll| will| shall"
        r"|'m going to)" + _ADVERBS
        + r" (?!" + _INSIDE + r")\w",
        _I_WILL + r" (?:periodically|regularly|continuously|eventually|shortly|soon|later"
        r"|automatically|constantly) (?!" + _INSIDE + r")\w",
        r"\b(?:once (?!more)|tomorrow|tonight|later (?:today|on)|next \w+|by \w+day"
        r"|in the meantime|overnight|in an hour)\b.{0,70}?\bi(?:'ll| will)(?: then| also)? (?:tell"
        r"|send|share|message|write|post|forward|try|check|look|finish|do|continue|start|run"
        r"|search) ",
        r"^\W*(?:[\w' ]{1,25}[,.!:;—–-]+\W{1,3})?(?:will|gonna|going to)" + _ADVERBS + " (?:"
        + _REACH + "|" + _ANY + ")",
        r"\b(?:count|rely|depend) on me to " + _REACH,
        r"\bi(?:'m| am)\b.{1,90}?\band will(?: then| also)? (?:" + _REACH + "|" + _ANY + ")",
        r"\blet me (?!know|tell|explain|show|put)" + _ANY,
        r"\blet me (?:get back to you|follow up with you|circle back)|\bleave (?:it|this|that"
        r"|(?:all )?the rest|everything) (?:with|to) me\b|\bi (?:won't|will not) forget to",
        r"\b(?:you'll|you will|you can|expect|will|can expect)\b.{1,60}? from me\b(?: (?:by|at|in"
        r"|on|once|when|as|tomorrow|soon|later|every|tonight|before|again|next|around|after)|\W*$)"
        r"|\b(?:message|update|note|answer|reply|summary|report|digest|news) from me will\b"
        r"|\bexpect (?:an?|the|my|your) (?:\w+ ){0,2}(?:message|update|answer|reply|summary|report"
        r"|digest|results?|draft)\b.{0,30}? (?:with your|" + _WHEN + ")",
        r"\byou(?:'ll| will)? (?:have|get|find) (?:it|them|everything|(?:an?|the|your|my) (?:\w+ )"
        r"{0,2}(?:answer|draft|report|summary|results?|list|reply|digest|overview|update|chart"
        r"|file|link|translation)) (?:here )?"
        + _WHEN,
        r"\byou(?:'ll| will) be (?:notified|reminded|told|informed|updated|pinged|woken|alerted"
        r"|warned)"
        r"\b(?! by )|\b(?:the|your|my|an?) (?:\w+ ){0,2}(?:rest|report|summary|draft|results?"
        r"|answer|list"
        r"|digest|overview|analysis|translation|update|follow-up|part|half) (?:will"
        r"|'ll) (?:be (?:with you|here"
        r"|waiting|in (?:this|the|your) (?:chat|inbox))|follow\b)|\byour (?:daily|weekly|hourly"
        r"|morning|evening|next|first) (?:\w+ )?\w+ (?:will|'ll) (?:arrive|come"
        r"|land|follow|be (?:here|with you|waiting))|^(?:\W|\w+\W+){0,3}?back (?:soon|shortly|with"
        r" (?:an?|the|your|more)|in " + _COUNT + r" (?:\w+ )?" + _UNIT + ")",
        r"\bi(?:'m| am)" + _ADVERBS + r" (?!assum|guess|think|hop|look|be|talk|referr|us|read"
        r"|tak|say|go|ask"
        r"|afraid|sorry|wonder|plan|tell|expect|try|suppos|follow|work)\w+ing\b" + _GAP_WHEN,
        r"\bi(?:'ve| have|'m)(?: just| now)? (?:set(?:ting)?|schedul(?:ed|ing)|creat(?:ed|ing)"
        r"|add(?:ed|ing)|put(?:ting)?|made|making)(?: up)?(?: (?!no)[\w'-]+){0,4}? (?:reminder"
        r"|alarm"
        r"|timer)s?\b(?!.{0,40}(?:yesterday|earlier|last|before))|^(?:\W"
        r"|\w+\W+){0,9}?(?<!no )(?<!any )\b" + _MADE
        + r"(?: (?:is|for [\w: ]{1,25}))? (?:is |now )*" + _SET + r"(?!.{0,40}(?:yesterday|earlier"
        r"|last))|\b(?:on|in) my (?:list|radar|calendar|agenda|diary|schedule)\b.{0,20}(?:"
        + _WHEN + r"|$| and will)"
        r"|\bconsider yourself reminded|\bi(?:'m| am) (?:keeping (?:an eye|tabs|watch)"
        r"|watching (?:out )?"
        r"(?:for|the|your|it)|monitoring)\b",
    ),
    excuses=one_of(
        r"\bif you(?:'d| would)? (?:\w+ )?(?:tell|give|send|share|provide|confirm|want|wish|like"
        r"|prefer|need (?:me|it|one|that|a)|say|let me|reply with|answer|choose|pick|decide|agree"
        r"|approve|ask|enable|connect|allow|specify|paste|upload|forward|grant|turn on|can (?:tell"
        r"|send|give|share))",
        r"\b(?:once|when|whenever|after|as soon as|the moment) you(?:'ve| have|(?='re))? ?"
        + _PERSON_GIVES,
        r"\b(?:let me know|tell me|send me|give me (?!a (?:few|couple|minute|moment|sec|bit|day"
        r"|while|little)|some time|until|\d|an hour|two|five|ten|one)|just (?:say|ask|tell|reply"
        r"|send|let)|say the word|say when|reply with|ask me|ping me|message me)\b.{0,90}?\bi(?:'ll"
        r"| will)",
        r"^\W*(?:(?:please|just|simply|ok|okay|sure|great),? )*(?:send|reply|say|share|provide"
        r"|confirm|tell|paste|upload|forward|type|specify|pick|choose|click|press"
        r"|tap)\b.{0,110}\bi(?:'ll| will)",
        r"would you like|do you want|want me to|\bif (?:that's|this is|it's) (?:ok|fine|help|use"
        r"|alr|what you)|\bif (?:needed|desired|so|asked|necessary|requested)\b|if (?:that"
        r"|it) (?:works|helps|suits|would help)|(?:up)?on request|\bwhether i(?:'ll| will)"
        r"|\bshould you (?:wish|want|need|like)",
        r"(?:can't|cannot|won't|not|never|n't) (?:promise|guarantee|claim|say|said|pretend|mean"
        r"|think|believe|sure)\b.{0,25}? i(?:'ll| will)|\b(?:said|told|asked|thought|wrote"
        r"|promised)\b[^,]{0,30} i(?:'ll| will)|(?:said|says|writes?|wrote|reads|answers|whispered"
        r"|(?<!as )promised|replied|sings)[:,]|, (?:he|she|they|the [\w ]{1,20}) (?:said"
        r"|whispered|replied"
        r"|shouted|cried|answered|promised|thought|told)",
        _ELSEWHERE,
    ),
)  # fmt: skip

"""Promises in English."""

from minibot.core.tongues.tongue import Tongue, one_of

_ADVERBS = (
    r"(?: (?:also|then|definitely|certainly|gladly|of course|make sure (?:to|i)|be sure to|try to"
    r"|just|still|personally|automatically|happily|always|surely|quietly|absolutely|simply|now"
    r"|make a note to|remember to|go ahead and|wait and))*"
)
_WILL = (
    r"\bi(?:'ll| will| shall|'m (?:going to|gonna)| am going to| promise(?: to| that i'll| i'll"
    r"| you i'll)| intend to)" + _ADVERBS
)
_WHEN = (
    r"(?<!for )(?<!about )(?<!from )(?:tomorrow|later(?! in this)|tonight|overnight"
    r"|in the (?:background|morning|evening|afternoon)|first thing|soon\b|shortly\b|by (?:then|noon"
    r"|\w+day|the end|end of|tomorrow|\d)|(?:next|this|every|each) (?:week|month|year|morning"
    r"|afternoon|evening|night|weekend|day|hour|\w+day|\d+|few|other)|in (?:an?|one|two|three|five"
    r"|ten|\d+|some|about|half) (?:\w+ )?(?:second|minute|hour|day|week|month|while|bit|moment)s?\b"
    r"|at (?:\d|noon|midnight)|on (?:\w+day|the \d)|(?:once|twice|\w+ times) an? (?:day|hour|week"
    r"|month)|afterwards|daily\b|hourly|weekly|regularly|periodically|from time to time|again (?:at"
    r"|in|on|when|once|before|after)|as soon as|the (?:moment|minute) |before (?:the|your|you|it"
    r"|noon)|once (?!more|again|upon)|when (?:it|they|he|she|that|there|the|your|everything"
    r"|something|anything|done|ready)\b|while you|in the meantime|right away$)"
)
_INSIDE = (
    r"(?:explain|describe|assume|suppose|guess|interpret|treat|mark|note|list|show|remember|save"
    r"|store|include|say|recommend|suggest|use|call|need|be (?!back|checking|watching|sending)"
    r"|have to|not|never|add|refer|stick|name|number|format|quote|cite|walk|go (?:through|over|with"
    r"|step)|stop|label|highlight|round|answer|admit|want|see)\b"
)
"""What is done within an answer, whatever moment is spoken of."""

_REACH = (
    r"(?:remind (?:you|everyone|everybody|them|him|her|both|all|us)\b(?! (?:again )?(?:that (?!day"
    r"|even|morn|night|after|week)|how|why|what|who))|(?:keep|start|be) reminding|(?:set|create|add"
    r"|schedule|put|make|send|program)(?: (?:up|in|you|on))* (?:(?:an?|the|that|this|your|another"
    r"|two|some) )?(?:[\w-]+ ){0,3}(?:reminder|alarm|timer|nudge)s?\b(?! (?:app|section|feature))"
    r"|schedule (?:it|this|that|a task|a job)\b|(?:get|come|circle|report|write|loop|check|be"
    r"|return|go) back(?= (?:to (?:you|it|this|that|the)|with|on|in|at|about|when|once|as|by|later"
    r"|tomorrow|soon|here|shortly|after|before|tonight|every|if)|\W*$|,|!| and)|return (?:to you"
    r"|with|tomorrow|later)|follow[ -]?up\b(?! questions?)|check in\b|be in (?:touch|contact)"
    r"|touch base|reach out|(?:give|send|drop|shoot) (?:you|everyone) (?:an?"
    r"|another) (?:\w+ )?(?:heads[ -]up|shout|ping|nudge|buzz|call|line|notification|alert|wake-up"
    r"|note|message|update) ?(?:when|once|if|as|before|at|in|on|by|tomorrow|later|tonight|every"
    r"|soon|\W*$)|take (?:another|a second) look|let (?:you|everyone|them) know(?= (?:when|once|as"
    r"|if|whether|how (?:it|they|things|that|the)|about|by|tomorrow|later|tonight|in|on|at|before"
    r"|after|the|what (?:i find|happens|they|he|she|it comes)|which|who|immediately|right|straight"
    r"|any|every|should|soon|here|then|first)|\W*$|,|!)|keep (?:you|everyone) (?:post|updat|inform"
    r"|in the loop|up)|keep (?:an eye|tabs|checking|watch|watching|monitoring|looking|working"
    r"|searching|trying|pinging|track of (?:the|its) (?:price|flight))|(?:monitor|watch) (?:it|this"
    r"|that|the|your|for|out|their|its)\b|track (?:the|your|its|that|this) (?:price|flight|parcel"
    r"|package|order|shipment|delivery|stock)|(?:notify|alert|ping|nudge|message|text|email|wake"
    r"|update|contact|buzz) (?:you|everyone)\b(?! that)|(?:inform|warn|tell|call) you (?=when|if"
    r"|once|as soon|before|in time|tomorrow|later|tonight|at \d|in \d|in an?|every|on \w+day"
    r"|the moment|by|back|about any|right away)|look into (?:it|this|that)\b(?= for you|\W*$| and"
    r"|,)|work on (?:it|this|that)(?=\W*$| and|,)|have (?:it|that|this|them|everything"
    r"|an? (?:[\w-]+ ){0,2}\w+|the \w+|your \w+|something|news) (?:ready|done|finished|for you"
    r"|waiting|back))"
)
_ANY = (
    r"(?!"
    + _INSIDE
    + r")\w+(?: (?!what|which|who|that|how|for (?!new|any|it|you|updates|more)|is|are|was|can|could"
    r"|should|to (?!you|the group|it\b|this\b|work))[\w'’\0-]+){0,7},? " + _WHEN
)
_PERSON_GIVES = (
    r"(?:tell|told|give|send|sent|share|provide|confirm|say|reply|replied|answer|let me|pick|choose"
    r"|decide|approve|specif|paste|upload|ask|are ready|'re ready|want|find out the)"
)
_ELSEWHERE = (
    r"\bfurther (?:down|below)\b|\b(?:below|in the next (?:section|step|paragraph)|for example"
    r"|e\.g\.|i wish|in this (?:answer|article|section))\b"
)

ENGLISH = Tongue(
    code="en",
    cues=(
        " i'll ", " i will ", " i shall ", " i'm go", " i am go", " i'm on", " i promise",
        " i intend", " let me ", " will remind", " will let", " will get", " will follow",
        " will keep", " will notify", " will report", " and will ", " from me", " on me ",
        " with me", " to me", " reminder", " i won't forget",
    ),
    commits=one_of(
        _WILL + " " + _REACH,
        _WILL + " " + _ANY,
        r"\bi(?:'ll| will|'m going to)\b[^,]{1,80}?,? (?:and|then)(?: then| also)? " + _ANY,
        r"\bi(?:'ll| will|'m|'ve| am| have)\b(?:(?! will\b|'ll\b| can\b| could\b"
        r"| to\b).){1,90}?\b(?:and|then|but|,)(?: (?:i'll|will|then|also))* (?:get back to you"
        r"|let you know|follow up|report back|remind you|notify you|ping you|keep you|update you"
        r"|message you|come back)",
        r"\b(?:once (?!more)|as soon as|the (?:moment|minute|second)|tomorrow|tonight"
        r"|later (?:today|on)|next \w+|by \w+day|in the meantime|overnight"
        r"|in an hour)\b.{0,70}?\bi(?:'ll| will)(?: then| also)? (?:tell|send|share|message|write"
        r"|post|forward|try|check|look|finish|do|continue|start|run|search) ",
        r"^\W*(?:(?:sure|ok(?:ay)?|great|got it|alright|noted|yes|yep|perfect|done"
        r"|will do)\W+)?will "
        + _REACH,
        r"\b(?:count|rely|depend) on me to " + _REACH,
        r"\bi(?:'m| am)\b.{1,90}?\band will(?: then| also)? " + _REACH,
        r"\blet me (?:get back to you|follow up with you|circle back|check (?:back"
        r"|again) (?:tomorrow|later|in))|\bleave (?:it|this|that) (?:with|to) me\b"
        r"|\bi won't forget to (?:remind|let|tell|check|ping)",
        r"\b(?:you'll|you will|you can expect|expect)\b.{1,40}? from me\b(?: (?:by|at|in|on|once"
        r"|when|as|tomorrow|soon|later|every|tonight|before|again|next)|\W*$)",
        r"\bi(?:'ve| have)(?: just| now)? (?:set|scheduled|created"
        r"|added)(?: up)?(?: (?!no)[\w'-]+){0,4}? reminders?\b(?!.{0,40}(?:yesterday|earlier|last"
        r"|before))|^\W*reminder (?:is )?(?:set|scheduled|created)\b",
    ),
    excuses=one_of(
        r"\bif you(?:'d| would)? (?:\w+ )?(?:tell|give|send|share|provide|confirm|want|wish|like"
        r"|prefer|need (?:me|it|one|that|a)|say|let me|reply with|answer|choose|pick|decide|agree"
        r"|approve|ask|enable|connect|allow|specify|paste|upload|forward|grant|turn on|can (?:tell"
        r"|send|give|share))",
        r"\b(?:once|when|whenever|after|as soon as|the moment) you(?:'ve| have)? " + _PERSON_GIVES,
        r"\b(?:let me know|tell me|send me|give me (?!a (?:few|couple|minute|moment|sec|bit|day"
        r"|while|little)|some time|until|\d|an hour|two|five|ten|one)|just (?:say|ask|tell|reply"
        r"|send|let)|say the word|say when|reply with|ask me|ping me|message me)\b.{0,90}?\bi(?:'ll"
        r"| will)",
        r"^\W*(?:(?:please|just|simply|ok|okay|sure|great),? )*(?:send|reply|say|share|provide"
        r"|confirm|tell|paste|upload|forward|type|specify|pick|choose|click|press"
        r"|tap)\b.{0,110}\bi(?:'ll| will)",
        r"would you like|do you want|want me to|\bif (?:that's|this is|it's) (?:ok|fine|help|use"
        r"|alr|what you)|\bif (?:needed|desired|so|asked|necessary|requested)\b|if (?:that"
        r"|it) (?:works|helps|suits)|(?:up)?on request|\bwhether i(?:'ll| will)",
        r"(?:can't|cannot|won't|not|never|n't) (?:promise|guarantee|claim|say|said|pretend|mean"
        r"|think|believe|sure)\b.{0,25}? i(?:'ll| will)|\b(?:said|told|asked|thought|wrote"
        r"|promised)\b[^,]{0,30} i(?:'ll| will)|(?:said|says|writes?|wrote|reads|answers|whispered"
        r"|promised|replied|sings)[:,]|, (?:he|she|they|the [\w ]{1,20}) (?:said|whispered|replied"
        r"|shouted|cried|answered|promised|thought|told)",
        _ELSEWHERE,
    ),
)  # fmt: skip

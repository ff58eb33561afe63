"""English, as the linter of guidance reads it: what is never said, what invites, what names the way out."""

from __future__ import annotations

import re
from typing import Final

from vr_app.lint_lists import Lists, any_of
from vr_app.profile import Avoid

_ANNOUNCED: Final = any_of(r"(?:no|without|fewer) words", r"(?:be|is|stay|stays|go|goes) quiet", "silence")
_EXIT: Final = any_of("to stop", "stops? this", "can (?:still )?stop", "headset off", "top button")

# guidance.md's list, with the forms in which a word comes back.
_NEVER: Final = {
    "safe": any_of(r"(?:un)?safe(?:r|st|ly|ty)?"),
    "deeper": any_of("deeper", "deepest", "deeply", r"deepen(?:s|ed|ing)?"),
    "sink": any_of(r"sink(?:s|ing)?", "sank", "sunk(?:en)?"),
    "float": any_of(r"float(?:s|ed|ing|y)?", "afloat"),
    "dissolve": any_of(r"dissolv(?:e|es|ed|ing)"),
    "let go": any_of(r"let(?:s|ting)? (?:it |that |this |them |yourself |everything |all |all of it |what comes )?go"),
    "surrender": any_of(r"surrender(?:s|ed|ing)?"),
    "journey": any_of(r"journey(?:s|ed|ing)?"),
    "must": any_of("must(?:n't)?", "you(?:'ll)? (?:should|need to|have to|ought to)", "you'll want to"),
    "relax": any_of(r"relax(?:es|ed|ing|ation)?"),
}
_ABSTRACT: Final = any_of(
    "universe|soul|spirit|energy|energies|essence|consciousness|awareness|vibrations?|healing|heal|oneness|infinite",
    "infinity|eternity|divine|chakras?|inner (?:child|self|world)",
)
_PRAISE: Final = any_of(
    "well done|nicely done|(?:good|great|nice) (?:job|work)|excellent|perfect(?:ly)?|wonderful(?:ly)?|amazing",
    "brilliant|fantastic|bravo|congratulations|proud|keep it up|you did|you(?:'re| are) doing",
    r"that was (?:good|great|lovely|beautiful)|that(?:'s| is) (?:it|right|good|great|very good|lovely)",
    r"(?<![\w,] )(?:very )?(?:good|great)(?=[.!,])",  # alone, as a sentence or its beginning
)
_FEELING: Final = (
    "calm|calmer|calming|peaceful|comfortable|tired|sleepy|heavy|heavier|light|lighter|warm|warmer|grounded|loved|happy"
    "|happier|content|quiet|quieter|still|softer|soft|open|free|held|slow|slower|slowing|softening|opening|settling"
    "|settled|drowsy|rested|resting|healed|whole|ready|anxious|afraid|tense|sad|weightless|numb"
)
_BODY: Final = (
    "body|mind|breath|breathing|heart|chest|belly|stomach|shoulders?|jaw|face|hands?|feet|legs?|arms?|muscles?|eyelids?"
    "|thoughts?|worries|pain|fears?|anxiety|tension"
)
_CLAIM: Final = any_of(
    r"(?<!if )(?<!what )(?<!whatever )(?<!however )(?<!how )(?<!whether )(?<!anything )"
    r"you(?:'re| are|'ll| will| can| now| already| begin to| start to)*(?: now| already| beginning to| starting to)*"
    r" (?:feel|feeling|sense|sensing|enjoy|enjoying)",
    r"(?<!if )(?<!when )you(?:'re| are) (?:now |so |very |more |and |all |getting |becoming |growing )*"
    rf"(?:{_FEELING})",
    rf"(?<!if )your (?:{_BODY}) (?:is|are|feels?|becomes?|grows?|gets?|softens?|slows?|settles?|opens?|drops?|melts?"
    r"|will|knows?|begins?)",
    r"you(?:'ll| will) (?:notice|find|become|begin|start|see how|be able)",
    r"you(?:'re| are) (?:\w+ )?at (?:peace|ease|rest)",
    r"(?:spread|flow|move|run|rise|sweep|wash)(?:s|ing)? (?:through|over|down|up|into|across) your (?:whole )?"
    rf"(?:{_BODY})",
    "everything(?:'s| is) (?:fine|okay|ok|well|all right)",
    r"(?:feels?|feeling) (?:so |very |more )?(?:good|better|nice|calm|peaceful|wonderful|pleasant)",
)
_FOOD: Final = any_of(
    "eat(?:s|ing)?|ate|drink(?:s|ing)?|drank|food|snacks?|meals?|breakfast|lunch|dinner|hungry|hunger|thirst(?:y)?|tea",
    "coffee|juice|chocolate|bread|cakes?|soup|wine|beer|sip(?:s|ping)?|tastes?|glass of|cup of|delicious",
)
_SHUT: Final = r"(?:clos(?:e|es|ed|ing)(?! (?:to|by)\b)|shut(?:s|ting)?)"
_EYES: Final = any_of(
    rf"{_SHUT}\b[\w ]{{0,20}}\beyes", rf"eyes\b[\w ]{{0,24}}\b{_SHUT}", r"eyelids\b[\w ]{0,20}\b(?:close|fall|drop)"
)
_BREATH: Final = any_of(
    r"hold(?:s|ing)? (?:\w+ ){0,3}breath(?:s|e|ing)?",
    r"breath(?:e|es|s|ing)?\b.{0,40}\bhold (?:it|that|there|for|now)",
    r"breath[- ]hold(?:s|ing)?",
    r"(?:deep|big|full|huge|long|large|strong|fast|quick|rapid|forceful)(?:,? \w+)? (?:in-|out-)?breath(?:s|e|ing)?",
    r"breath(?:e|es|ing) (?:\w+ ){0,3}(?:deep|hard|harder|fast|faster|quickly|rapidly|forcefully)",
    r"fill(?:s|ing)? (?:up )?(?:your|the) (?:lungs|chest|belly)",
    r"hyperventilat\w+",
    r"pant(?:s|ing)?",
)


_COUNTS: Final = any_of(r"count(?:s|ing)?[- ]?downs?", r"count(?:s|ing)? (?:\w+ )?(?:backwards?|down|from)")
_NAMED: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS: Final = {name: value for value, name in enumerate(_NAMED)} | {str(value): value for value in range(11)}


_PARTS: Final = (
    "hands?|fingers?|feet|foot|toes?|legs?|arms?|shoulders?|belly|stomach|chest|heart|back|neck|jaw|face|skin|body|spine"
    "|hips?|knees?|eyelids?"
)
_ABOUT: Final[dict[Avoid, re.Pattern[str]]] = {
    "water": any_of(
        "water|waters|sea|seas|ocean|waves?|tides?|surf|stream|river|lake|pond|rain|harbour|swim(?:s|ming)?"
    ),
    "dark": any_of(r"dark\w*|night|nights|midnight|dusk|pitch[- ]black"),
    "forest": any_of("forests?|woods|woodland|(?:among|between|under) (?:the )?trees"),
    "breath": any_of(r"breath\w*|inhal\w+|exhal\w+|lungs?"),
    "body": any_of(rf"your (?:\w+ )?(?:{_PARTS})", rf"(?:an?|one|the other) (?:{_PARTS})", "bod(?:y|ies)|heartbeat"),
    "behind": any_of("behind you|at your back|over your shoulder"),
    "height": any_of("high above|from (?:high )?above|cliffs?|ledges?|towers?|steep|far below"),
    "enclosed": any_of("caves?|cellars?|tunnels?|narrow|shut in|locked in|closed in"),
}


_INVITES: Final = any_of(
    r"(?:you|your eyes|your hands?|your feet|your gaze|an? (?:\w+ )?breath|breath) (?:might|could|may|can)",
    "if you (?:like|want|wish)",
    "perhaps you",
    "(?:you're|you are) (?:welcome|invited|free) to",
    "let's",
    "i invite",
    "why not",
    "(?:would|might) be (?:good|nice) to",
    "would you",
)
_ASKS: Final = re.compile(  # an imperative at the beginning of a sentence or of what follows its first comma
    r"(?:^|, |^(?:(?:now|then|and|please|just|gently|slowly|maybe|perhaps),? )+)"
    r"(?:breathe|look|notice|feel|listen|rest|place|put|touch|follow|watch|imagine|picture|think|close|open|turn|move|let"
    r"|allow|bring|take|stay|hold|return|come|keep|try|see|hear|sit|lie|lean|soften|count|focus|pay|find|choose|press"
    r"|walk|go|reach|step|raise|lift|lower|wait|remember|smile|inhale|exhale|shut|drop|rest|settle|be)\b"
    r"(?! (?:is|are|was|in the|goes)\b)"
)
_CHOICE: Final = re.compile(
    r"^or\b|[,:] or\b|\bor (?:not|leave|stay|stop|don't|just)\b|\bas you like\b|\bif not\b|\bif [\w' ]+n't\b"
    r"|\b(?:either|both|all of it|any of (?:it|these|them)) (?:is|are) (?:fine|all right)\b|\bneedn't\b|\bno need\b"
    r"|\bleave (?:it|them) be\b"
)


LISTS: Final = Lists(
    announced=_ANNOUNCED,
    exit=_EXIT,
    never=_NEVER,
    abstract=_ABSTRACT,
    praise=_PRAISE,
    claim=_CLAIM,
    food=_FOOD,
    eyes=_EYES,
    breath=_BREATH,
    counts=_COUNTS,
    numbers=_NUMBERS,
    between_numbers=frozenset({"and", "then", "now"}),
    about=_ABOUT,
    invites=_INVITES,
    asks=_ASKS,
    choice=_CHOICE,
    other_way="or ",
    says={
        "silence": "The next half minute has no words.",
        "breath": "A small breath might travel with it. Or not.",
        "exit": "To stop, hold the top button.",
        "eyes": "or leave them open",
        "choice": "Or not.",
    },
)

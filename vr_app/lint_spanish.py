"""Spanish, as the linter of guidance reads it: the same rules as English, in forms of tú and of usted."""

from __future__ import annotations

import re
from typing import Final

from vr_app.lint_lists import Lists, any_of
from vr_app.profile import Avoid

_ANNOUNCED: Final = any_of(
    "(?:sin|no hay|no habrá|no tiene|menos) palabras", "silencio", "(?:se|me) (?:calla|callo|quedo callad[oa])"
)
_EXIT: Final = any_of(
    "(?:para|poder) (?:parar|terminar|detener(?:lo|la|se|te)?)",
    "(?:puede[sn]?|se puede|podemos) (?:parar|terminar|detener\\w*)",
    "par(?:a|ar) (?:esto|cuando|en cualquier)",
    "paramos",
    "quitar(?:se|te|le|nos)? (?:el visor|las gafas|el casco)",
    "quít(?:ate|ese) (?:el visor|las gafas|el casco)",
    "(?:fuera|sin) (?:el )?visor",
    "botón (?:de arriba|superior)",
)

_NEVER: Final = {
    "safe": any_of(r"(?:in)?segur(?:[oa]s?|idad|amente|ísim[oa]s?)", "a salvo"),
    "deeper": any_of(r"profund\w+", r"hond[oa]s?", "hondamente", r"ahond\w+"),
    "sink": any_of(r"h[uú]nd\w+", r"sumer[gj]\w+"),
    "float": any_of(r"flot\w+"),
    "dissolve": any_of(r"dis[ou]lv\w+", r"disuelv\w+", r"disuelt\w+"),
    "let go": any_of(
        r"soltar\w*(?! (?:el )?aire)",
        r"su[eé]lt\w+\b(?! (?:el )?aire)",
        r"d[eé]j\w* (?:que )?(?:todo |tod[oa] eso |eso |esto )?(?:ir(?:se)?|se vaya\w*)",
    ),
    "surrender": any_of(
        r"r[ií]nd\w+", r"rend(?:ir\w*|ición|ido|ida)", r"entr[eé]g(?:a|ate|ar|arse|arte|ue|uese|ándo\w+)", r"abandon\w+"
    ),
    "journey": any_of(r"viaj\w+", "travesías?", "trayectos?"),
    "must": any_of(
        r"deb(?:es|e|emos|en|erías?|erás?)",
        r"(?<!no )tien(?:e|es) que",
        r"(?<!no )hay que",
        r"(?<!no )necesitas?",
        "es preciso",
    ),
    "relax": any_of(r"rel[aá]j\w+"),
}
_ABSTRACT: Final = any_of(
    "universo|almas?|espíritus?|espiritual(?:es)?|energías?|esencia|con(?:s)?ciencia",
    "vibraci(?:ón|ones)|sanación|sanar",
    "infinit[oa]s?|infinidad|eternidad|etern[oa]s?|divin[oa]s?|chakras?|(?:niñ[oa]|mundo|yo|ser) interior",
)
_PRAISE: Final = any_of(
    "bien hecho|buen trabajo|excelente|perfect[oa]|perfectamente|maravillos[oa]s?",
    "maravillosamente|increíble|fantástic[oa]",
    "estupendo|genial|brillante|bravo|enhorabuena|felicidades|felicitaciones|orgull\\w+|sigue así|siga así",
    "(?:lo )?(?:estás|está) haciendo|lo (?:has|ha) (?:hecho|logrado|conseguido)",
    "lo (?:haces|hace) (?:muy )?bien|vas? (?:muy )?bien",
    r"(?:eso|así) es(?=[.!,])|qué bien",
    r"(?<![\w,] )(?:muy )?bien(?=[.!,])",
)
_FEELING: Final = (
    "tranquil[oa]|en calma|calmad[oa]|en paz|seren[oa]|cómod[oa]|cansad[oa]|adormilad[oa]"
    "|somnolient[oa]|pesad[oa]|liger[oa]"
    "|calient[eo]|cálid[oa]|arraigad[oa]|querid[oa]|amad[oa]|feliz|content[oa]|quiet[oa]"
    "|suave|bland[oa]|abiert[oa]|libre"
    "|sostenid[oa]|lent[oa]|descansad[oa]|sanad[oa]|complet[oa]|enter[oa]|list[oa]"
    "|preparad[oa]|ansios[oa]|asustad[oa]"
    "|tens[oa]|triste|ingrávid[oa]|dormid[oa]"
)
_BODY: Final = (
    "cuerpo|mente|respiración|aliento|corazón|pecho|vientre|barriga|estómago|hombros?"
    "|mandíbula|cara|rostro|manos?|pies?"
    "|piernas?|brazos?|músculos?|párpados?|pensamientos?|preocupaciones|dolor|miedos?|ansiedad|tensión"
)
_ASKED: Final = r"(?<!si )(?<!que )(?<!qué )(?<!cómo )(?<!como )(?<!cuando )(?<!donde )(?<!si no )"
_CLAIM: Final = any_of(
    rf"{_ASKED}(?<!te )(?<!se )(?<!lo )sientes",
    rf"{_ASKED}(?:te sientes|lo sientes|disfrutas)",
    r"(?:te )?sentirás|disfrutarás|notarás|verás (?:cómo|que)|encontrarás|empezarás|empiezas a|comienzas a|podrás",
    rf"(?<!si )(?<!cuando )(?:ya )?estás (?:ahora |ya |muy |más |tan |cada vez más )*(?:{_FEELING})s?",
    r"(?:usted|ahora|ya) (?:se )?siente\b|usted (?:nota|disfruta)\b|(?:se )?sentirá|notará|empezará a",
    rf"(?<!si )(?<!cuando )(?:usted|ahora|ya) (?:está|se va sintiendo|se siente) (?:muy |más |tan )*(?:{_FEELING})s?",
    rf"(?<!si )(?:tu|su)s? (?:{_BODY}) (?:ya )?(?:está|están|sabe|saben|empieza|empiezan"
    r"|se (?:afloja|ablanda|abre|aquieta|calma|suaviza)n?)",
    r"(?:se )?(?:extiende|fluye|sube|baja|corre|recorre|invade|llena)n? (?:por |a través de |hacia )?(?:todo |toda )?"
    rf"(?:tu|su|el|la)s? (?:{_BODY})",
    "todo (?:está|va|irá|estará) bien",
    "(?:es|resulta|se siente) (?:muy |más )?(?:agradable|placenter[oa])",
)
_FOOD: Final = any_of(
    r"com(?:er\w*|es|ida|idas|iendo)|beb(?:er\w*|es|ida|idas|iendo)|sorb\w+|trag[oa]s?",
    r"desayun\w+|almuerz\w+|cenas?|cenar|meriendas?",
    "hambre|sed|té|café|zumo|jugo|chocolate|pan|pasteles|pastel|sopa|vino|cerveza",
    "sabor(?:es)?|sabore\\w+|delicios[oa]s?",
    "(?:vaso|taza|copa) de",
)
_SHUT: Final = r"(?:cierr\w+|cerrar\w*|cerrad[oa]s?|cerrando\w*|ciérr\w+)"
_EYES: Final = any_of(
    rf"{_SHUT}\b[\w ]{{0,20}}\bojos",
    rf"ojos\b[\w ]{{0,24}}\b{_SHUT}",
    r"párpados\b[\w ]{0,20}\b(?:cierran|caen|bajan|pesan)",
)
_BREATH: Final = any_of(
    r"(?:aguant|conten|contén|reten|retén|manten|mantén|sosten|sostén)\w* (?:\w+ ){0,3}(?:respiración|aliento|aire)",
    r"respir\w*\b.{0,40}\b(?:aguant\w+|retén|contén|mantén(?:lo|la)?|sostén(?:lo|la)?)",
    r"respir\w+ (?:\w+ ){0,3}(?:profund\w+|hond\w+|fuerte|fuertemente|rápid\w+|deprisa)",
    r"(?:respiraci(?:ón|ones)|inspiraci(?:ón|ones)|bocanadas?) (?:\w+ ){0,2}"
    r"(?:profund\w+|hond\w+|grandes?|ampli[oa]s?|largas?|completas?|fuertes?|rápidas?)",
    r"(?:gran|larga|buena|amplia) (?:respiración|inspiración|bocanada)",
    r"llen\w+ (?:\w+ ){0,2}(?:pulmones|pecho|vientre|abdomen)",
    r"hiperventil\w+",
    r"jade\w+",
)
_COUNTS: Final = any_of(
    "cuentas? (?:atrás|regresivas?)", r"cont(?:ar|amos|ando|emos|aré) (?:\w+ )?(?:hacia )?atrás", "de atrás adelante"
)
_NAMED: Final = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez")
_NUMBERS: Final = {name: value for value, name in enumerate(_NAMED)} | {str(value): value for value in range(11)}
_PARTS: Final = (
    "manos?|dedos?|pies?|piernas?|brazos?|hombros?|vientre|barriga|estómago|pecho|corazón"
    "|espalda|cuello|nuca|mandíbula"
    "|cara|rostro|piel|cuerpo|columna|caderas?|rodillas?|párpados?"
)
# A chair has arms and a back, a hill a foot.
_ABOUT: Final[dict[Avoid, re.Pattern[str]]] = {
    "water": any_of(
        "aguas?|mar|mares|océanos?|olas?|mareas?|oleaje|arroyos?|ríos?|lagos?|estanques?"
        "|lluvias?|llueve|puertos?|nad(?:ar|as|a|ando) en"
    ),
    "dark": any_of(r"oscur\w+|noches?|medianoche|anochec\w+|crepúsculo|tinieblas|penumbra"),
    "forest": any_of("bosques?|arboledas?|(?:entre|bajo) (?:los )?árboles"),
    "breath": any_of(r"respir\w*|inhal\w+|exhal\w+|pulm(?:ón|ones)|aliento"),
    "body": any_of(
        rf"(?:tus?|sus?|vuestr[oa]s?) (?:\w+ )?(?:{_PARTS})",
        rf"(?:las?|los|el|una?|otra) (?:{_PARTS})(?! (?:del?|de la|de una?) )",
        "cuerpos?|latidos?",
    ),
    "behind": any_of("(?:detrás|a espaldas) de (?:ti|usted)|a (?:tu|su) espalda|por encima (?:de tu|de su|del) hombro"),
    "height": any_of(
        r"desde (?:muy |lo )?(?:más )?alto|desde (?:lo alto|arriba)|acantilad\w+|precipicios?"
        r"|cornisas?|torres?|empinad\w+|muy abajo"
    ),
    "enclosed": any_of("cuevas?|sótanos?|túnel(?:es)?|estrech[oa]s?|encerrad[oa]s?"),
}

_INVITES: Final = any_of(
    r"(?:tus?|sus?|los|las|la) (?:ojos|manos?|pies|mirada) (?:puede[n]?|podría[n]?)",
    r"(?:una|la|tu|su) (?:\w+ )?respiración (?:puede|podría)",
    r"(?<!no )(?:puedes|podrías|podría)",
    r"(?:^|(?<=, )|usted )puede (?!que\b|ser\b|haber\b)\w+",
    r"(?:quizás?|tal vez|a lo mejor) (?:quieras?|puedas?|te apetezca|prefieras?)",
    r"si (?:te |le |os )?(?:quieres?|gusta|apetece|deseas?|parece)",
    "(?:te|le|os) invito",
    "por qué no",
    "te gustaría|le gustaría|quieres",
)
_VERBS: Final = (
    "respir[ae]|mir[ae]|observ[ae]|not[ae]|escuch[ae]"
    "|sient[ae] (?:el|la|los|las|cómo|tu|su)|descans[ae]|apoy[ae]|pon|ponga|coloc[ae]"
    "|toc[ae]|toque|imagin[ae]|piens[ae]|cierr[ae]|abr[ae] (?:los|las)|gir[ae] (?:la|el)"
    "|muev[ae] (?:la|las|los|el)|dej[ae]|permit[ae]"
    "|tom[ae]|qued[ae]|quéd(?:ate|ese)|mantén|mantenga|intent[ae]|prueb[ae]|fíj(?:ate|ese)"
    "|siént(?:ate|ese)|recuést(?:ate|ese)"
    "|ech[ae]|inclín(?:ate|ese)|suaviz[ae]|prest[ae]|busc[ae]|busque|encuentr[ae]|elige"
    "|elija|escog[ea]|puls[ae]|presion[ae]"
    "|camin[ae]|levant[ae]|esper[ae]|recuerd[ae]|sonríe|sonría|inhal[ae]|exhal[ae]"
    "|inspir[ae]|espir[ae]|acércate|acérquese"
    "|nombr[ae]|cuent[ae] (?:los|las|hasta)|hazlo|haz|haga|ven|venga"
)
_ASKS: Final = re.compile(  # an imperative at the beginning of a sentence or of what follows its first comma
    r"(?:^|, |^(?:(?:ahora|luego|después|entonces|y|por favor|solo|sólo|simplemente|despacio|con suavidad),? )+)"
    rf"(?:{_VERBS}|(?:mír|toc|tóc|déj|escúch|póns|tóm|búsc|obsérv)\w*(?:l[oae]s?|te|se))\b"
)
_CHOICE: Final = re.compile(
    r"^[ou]\b|[,:;] [ou]\b|\bo (?:no|déj\w+|deja\w*|quéd\w+|quedar\w*|solo|sólo|nada|ningun[oa]|bien)\b"
    r"|\bcomo (?:quieras?|prefieras?|gustes?|te parezca|le parezca)\b|\bsi no\b|\bsi [\w ]*\bno\b|\bno hace falta\b"
    r"|\bno (?:tienes?|hay) (?:que|por qué)\b|\bno es necesario\b|\btambién (?:está|vale|va|sirve)\b"
    r"|\b(?:cualquiera|ambas?|ambos|las dos|los dos|todo|nada) (?:está|están|vale|valen|sirve|sirven)(?: bien)?\b"
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
    between_numbers=frozenset({"y", "luego", "después", "ahora"}),
    about=_ABOUT,
    invites=_INVITES,
    asks=_ASKS,
    choice=_CHOICE,
    other_way="o ",
    says={
        "silence": "El próximo medio minuto no tiene palabras.",
        "breath": "Una respiración pequeña puede ir con ella. O no.",
        "exit": "Para parar, mantén el botón de arriba.",
        "eyes": "o déjalos abiertos",
        "choice": "O no.",
    },
)

"""Whose publication, or whose entry into force, a formula of law counts from: the text's own, or another's.

Folded (`vigie.extract.folding`); a pattern that is a string goes into those of `vigie.extract.delays`.
"""

import re

IN_GAZETTE = (
    r"(?: (?:au|dans le|en el|en) ?[«\"]? ?(?:bulletin|journal|boletin|diario) (?:officiel|oficial)(?: del estado"
    r"| de la republique francaise| de l'union europeenne| de la union europea)? ?[»\"]?)?"
)
OWN = (
    r" ?(?:(?:la |le |el |the )?(?:date|fecha|jour|dia|day|mois|mes|month)(?: (?:de|del|of)| d')? ?)?(?:celui |celle |al? "
    r"|that "
    r"|cel(?:le)? )?(?:de |del |of |d')?"
    r"(?:(?:sa|leur|cette|ladite|su|dicha|esta|esa|its|la|l'|the|this) )?"
    r"(?:date de |completa |meme |referida |citada |mencionada |expresada |indicada |misma )?(?:publication"
    r"|publicacion|publicarse|parution)"
    rf"(?!{IN_GAZETTE} (?:de (?:ce|cet|cette|ces|dicho|dicha|ese|esa|aquel) |dudit|de ladite|desdits|de la loi|du decret"
    r"|de l'arrete|des decrets|des arretes|de l'ordonnance|de l'acte|du reglement|d'un|d'une"
    r"|des textes|del reglamento|de la orden|"
    r"del real decreto|de la norma|de las|de los|del decreto|de una?|of the (?:order|regulations|notice"
    r"|decree))\b(?! pr[eé]sent))"
)
OTHER = re.compile(
    rf"(?:publication|publicacion){IN_GAZETTE} (?:des textes|des decrets|des arretes|du decret|de l'arrete|del reglamento"
    r"|de la orden|del real decreto)"
    r"|promulgat|promulgac|notific|signature|firma|adoption|aprob|approbation|ratific|made\b|passed|laid\b|royal assent"
    r"|homologation|agrement"
    r"|(?:publication|publicacion) (?:de (?:ce|cet|cette|ces|dicho|dicha|ese|esa) |dudit|de ladite|desdits)"
    r"|publication (?:de la loi|du decret|de l'arrete|des|d'un|de l'ordonnance|du reglement|de l'acte)"
    r"|publicacion (?:del reglamento|de la orden|del real decreto|de la norma|del decreto|de una?)|cuando se|lorsque"
    r"|des que|en tanto|صدور|النصوص التنظيميه|المصادقه|تبليغ|نشر (?:المرسوم|النص|القرار|القانون)"
)
GAZETTE = re.compile(
    r"(?:(?:journal|bulletin) officiel|boletin oficial|diario oficial|official journal|gaceta oficial) (?:d(?:e la|es|el"
    r"|e los|e las|u|e)"
    r"|of the) ?(?:l')?(?P<place>\w+)"
)
GAZETTES = {"FR": ("republique",), "ES": ("estado",), "EU": ("union", "european")}
"""What the name of a jurisdiction's own gazette goes on with."""
OFF_GAZETTE = re.compile(
    r"publica[ct]ion[^.;,]{0,40}? (?:sur (?:le|son|leur) (?:site|portail)|au recueil|en (?:la|su) (?:sede|pagina|web)"
    r"|en (?:el|su) (?:portal|tablon)|par voie d'affichage)"
)
"""A publication that no gazette dates."""
OWN_FORCE = (
    r" ?(?:la date d'|la fecha de |the )?(?:son |sa |su |l'|la )?(?:entree en vigueur|entrada en vigor|coming into force)"
    r"(?: (?:de la presente|du present|de cette|de ce|de esta|de este|de la presente|del presente|of this|de la ley"
    r"|de la loi)\b|(?! d))"
)
OWN_ARABIC = r"(?:تاريخ |يوم )?نشر(?:ه|ها|هما)\b"

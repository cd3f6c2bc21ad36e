"""Likeness: how much a text looks like running text of a language, which tells a right charset from a wrong one."""

from __future__ import annotations

import re

# Letters that make up a third or more of running text; a wrong charset meets them by accident only.
_FREQUENT = {
    "zh-Hans": "的一是了在不和有大这中人上为个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种"
    "面而方后多定行学法所民得经之进着等部家电力里如水化高自理起业实现加量全制机当使点从本去把性好应开它还因由其些然"
    "前外天政四日那社义事平形相间体与各总职区市省委长组新月建",
    "zh-Hant": "的一是了在不和有大這中人上為個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種"
    "面而方後多定行學法所民得經之進著等部家電力裡如水化高自理起業實現加量全制機當使點從本去把性好應開它還因由其些然"
    "前外天政四日那社義事平形相間體與各總職區市省委長組新月建",
    "ko": "이다는을의에가를은고하한로서지기사도자리대인정어시국일과노동조합회해부수전장있제원상년위보업주동아들으라나만"
    "그것성스공산용경여명안비화중구신게",
    "ja": "のはをにがとでたしいるれてかならもこすさまりっくんきあけつそうよめどえみわせじだ、。ーンスルトリイ"
    "日本年人月者会",
    "ru": "оеаинтсрвлкмдпуяыіїє",
    "el": "αοιετσνηυρπκμςλγδάίόέήύώ",
}
# The letters beyond ASCII of languages that are written in Latin ones; in Western charsets all others count too.
_ACCENTED = {
    "": "àáâãäåæçèéêëìíîïñòóôõöøùúûüßœ",
    "is": "áðéíóúýþæö",
    "fi": "åäöšžõü",
    "pl": "ąćęłńóśźż",
    "cs": "áčďéěíňóřšťúůýž",
    "sk": "áäčďéíľĺňóôŕšťúýž",
    "hu": "áéíóöőúüű",
    "hr": "čćđšž",
    "ro": "ăâîşţ",
    "tr": "çğıöşüâî",
}
#: What share of running text its frequent letters make up; of accented letters it is all.
_TYPICAL = {"zh-Hans": 0.4, "zh-Hant": 0.4, "ko": 0.5, "ja": 0.6, "ru": 0.8, "el": 0.85}
_SETS = {
    **{language: frozenset(letters) for language, letters in _FREQUENT.items()},
    **{
        language: frozenset(letters + letters.upper() + "İ" * (language == "tr"))
        for language, letters in _ACCENTED.items()
    },
}
_FOREIGN = re.compile(r"[^\x00-\xbf\u2000-\u206f\u3000-\u3004\u3008-\u303f\uff00-\uff0f\uff1a-\uff20]")
# Read in a wrong charset, Cyrillic and Greek give single letters within Latin words, or capitals within words.
_WORDS = {
    "ru": re.compile(r"\b[\u0400-\u042f]?[\u0430-\u045f]{3,}\b"),
    "el": re.compile(r"\b[\u0386-\u03ab]?[\u03ac-\u03c1\u03c3-\u03ce]{2,}[\u03ac-\u03ce]\b"),
}
_RUN = re.compile(r"[^\x00-\x7f]+")
#: Signs that Western text has among plain letters.
_SIGNS = "“”‘’„…–—«»©®°€£§·\xa0\xad"


def likeness(text: str, language: str) -> float:
    """Return how much `text` looks like running text of `language`: 0 not at all, 1 as such text does.

    Counted are a language's most frequent letters among all letters beyond Latin-1 punctuation; for languages written
    in Latin letters (Western ones: `language` empty) their accented ones among plain ones.
    """
    known = _SETS[language]
    if language in _ACCENTED:
        return _accented(text, known)
    letters = _FOREIGN.findall(text)
    if not letters:
        return 0.0
    if words := _WORDS.get(language):
        found = sum(letter in known for word in words.findall(text) for letter in word.lower())
    else:
        found = sum(letter in known for letter in letters)
    return min(1.0, found / len(letters) / _TYPICAL[language])


def _accented(text: str, known: frozenset[str]) -> float:
    """Return the share of `known` letters and of signs that stand among plain letters, among all beyond ASCII."""
    found = counted = 0
    for run in _RUN.finditer(text):
        core = run[0].strip(_SIGNS)
        if len(core) > 2:
            counted += len(_FOREIGN.findall(core))
            continue
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        signs = len(run[0]) - len(core)
        letters = sum(letter in known for letter in core)
        # A charset of two bytes gives pairs; accented letters stand in pairs within words only: ação.
        if letters < len(core) or (len(core) == 2 and not (before.isalpha() or after.isalpha())):
            letters = 0
        # A sign within a word, or a letter of another language, is what a wrong charset gives.
        odd = len(core) if letters or core.isalpha() or (before.isalpha() and after.isalpha()) else 0
        found += letters + signs
        counted += odd + signs
    return found / counted if counted else 0.0

"""Months: their names in the languages that unions publish in."""

from __future__ import annotations

import unicodedata

#: Months by number, as the Unicode CLDR writes them within a date and alone, in full and abbreviated.
_TABLE = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct"
    " november/nov december/dec",
    "fr": "janvier/janv février/févr mars avril/avr mai juin juillet/juil août septembre/sept octobre/oct novembre/nov"
    " décembre/déc",
    "de": "januar/jan/jänner februar/feb märz/mär/maerz april/apr mai juni/jun juli/jul august/aug september/sept"
    " oktober/okt november/nov dezember/dez",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sept"
    " octubre/oct noviembre/nov diciembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set"
    " outubro/out novembro/nov dezembro/dez",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set"
    " ottobre/ott novembre/nov dicembre/dic",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sep oktober/okt"
    " november/nov december/dec",
    "sv": "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sep oktober/okt"
    " november/nov december/dec",
    "da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sep oktober/okt"
    " november/nov december/dec",
    "no": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sep oktober/okt"
    " november/nov desember/des",
    "fi": "tammikuuta/tammikuu helmikuuta/helmikuu maaliskuuta/maaliskuu huhtikuuta/huhtikuu toukokuuta/toukokuu"
    " kesäkuuta/kesäkuu heinäkuuta/heinäkuu elokuuta/elokuu syyskuuta/syyskuu lokakuuta/lokakuu"
    " marraskuuta/marraskuu joulukuuta/joulukuu",
    "pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze"
    " lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź"
    " listopada/listopad/lis grudnia/grudzień/gru",
    "cs": "ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec srpna/srpen"
    " září října/říjen listopadu/listopad prosince/prosinec",
    "tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki"
    " kasım/kas aralık/ara",
    "ru": "января/янв/январь февраля/февр/фев/февраль марта/мар/март апреля/апр/апрель мая/май июня/июн/июнь"
    " июля/июл/июль августа/авг/август сентября/сент/сен/сентябрь октября/окт/октябрь ноября/нояб/ноя/ноябрь"
    " декабря/дек/декабрь",
    "uk": "січня/січ/січень лютого/лют/лютий березня/бер/березень квітня/квіт/квітень травня/трав/травень"
    " червня/черв/червень липня/лип/липень серпня/серп/серпень вересня/вер/вересень жовтня/жовт/жовтень"
    " листопада/лист/листопад грудня/груд/грудень",
    "el": "ιανουαρίου/ιανουάριος/ιαν φεβρουαρίου/φεβρουάριος/φεβ μαρτίου/μάρτιος/μαρ απριλίου/απρίλιος/απρ"
    " μαΐου/μάιος/μαΐ ιουνίου/ιούνιος/ιουν ιουλίου/ιούλιος/ιουλ αυγούστου/αύγουστος/αυγ"
    " σεπτεμβρίου/σεπτέμβριος/σεπ οκτωβρίου/οκτώβριος/οκτ νοεμβρίου/νοέμβριος/νοε δεκεμβρίου/δεκέμβριος/δεκ",
    "zh": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
    "id": "januari/jan februari/feb maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep"
    " oktober/okt november/nov desember/des",
}


def fold(name: str) -> str:
    """Return a name in lower case without accents: pages print МАЙ, MAYIS and ΜΑΪΟΥ."""
    letters = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace("ı", "i")


def _months() -> dict[str, int]:
    months: dict[str, int] = {}
    for table in _TABLE.values():
        for number, names in enumerate(table.split(), 1):
            months |= dict.fromkeys(map(fold, names.split("/")), number)
    return months


#: The number of a month by its folded name, in any of the languages.
MONTHS = _months()
#: Names that may stand before the day (May 25, 2024): in full, English or Chinese.
LEADING = frozenset(name for name in MONTHS if len(name) > 3) | {
    fold(name) for language in ("en", "zh") for names in _TABLE[language].split() for name in names.split("/")
}

"""Invented sentences in the languages that unions publish in, by tag, and the charsets that such pages were in."""

from __future__ import annotations

TEXTS = {
    "zh-Hans": "工会组织职工代表巡视车间，大家对食堂和宿舍的意见当天就有了答复，整改的时间表贴在门口。",
    "zh-Hant": "工會組織職工代表巡視車間，大家對食堂和宿舍的意見當天就有了答覆，整改的時間表貼在門口。",
    "ko": "노동조합은 오늘 조합원 총회를 열고 새로운 단체협약의 내용을 설명하였다. 참석자들은 휴게 시간을 물었다.",
    "ja": "労働組合は本日、組合員の集会を開き、新しい協約の内容を説明した。参加者は休憩の時間について尋ねた。",
    "ru": "Профсоюз сегодня рассказал работникам о новом коллективном договоре и порядке отдыха.",
    "uk": "Профспілка сьогодні розповіла працівникам про новий колективний договір і порядок відпочинку.",
    "el": "Το σωματείο εξήγησε στους εργαζόμενους τη νέα συλλογική σύμβαση και απάντησε για τα διαλείμματα.",
    "en": "The union explained the new agreement to its members, and they asked about breaks and shifts.",
    "fr": "Le syndicat a présenté l'accord à ses adhérents réunis à Orléans, où la négociation dura une année entière.",
    "de": "Die Gewerkschaft erklärte den Beschäftigten die neuen Verträge über Löhne, Schichten und größere Pausenräume.",
    "es": "El sindicato explicó la negociación a sus compañeros, y mañana será la votación en la región.",
    "pt": "O sindicato explicou a negociação aos trabalhadores: não há salário que não seja fruto da união.",
    "it": "Il sindacato ha spiegato ai lavoratori il nuovo accordo: la città non può più aspettare, perché è già tardi.",
    "nl": "De vakbond heeft de leden uitgelegd wat er in het nieuwe akkoord staat, en ze vroegen naar de pauzes en één vrije dag.",
    "sv": "Facket förklarade det nya avtalet för medlemmarna på måndagen, och frågorna gällde både löner och raster.",
    "da": "Fagforeningen forklarede den nye overenskomst for medlemmerne, som også spurgte om pauser efter nattevagterne og løn på øerne.",
    "no": "Fagforeningen forklarte den nye avtalen for medlemmene, som også spurte om pauser etter nattevaktene og lønn på øyene.",
    "fi": "Ammattiliitto selitti jäsenille uuden sopimuksen, ja he kysyivät myös tauoista, yövuoroista ja palkasta, mutta se on vielä auki.",
    "pl": "Związek zawodowy wyjaśnił pracownikom nowy układ zbiorowy, a oni pytali o przerwy, płace i święta.",
    "cs": "Odborový svaz vysvětlil zaměstnancům novou smlouvu, a těch se ptalo na přestávky, mzdy i směny během svátků.",
    "tr": "Sendika yeni toplu iş sözleşmesini üyelerine açıkladı; işçiler molaları, ücretleri ve vardiyaları sordu.",
    "vi": "Công đoàn đã giải thích thỏa ước mới cho người lao động, và họ hỏi về giờ nghỉ của các ca đêm.",
    "id": "Serikat pekerja menjelaskan perjanjian baru itu kepada anggotanya, dan mereka bertanya tentang waktu istirahat untuk giliran malam.",
}

#: (language, codec, the labels that pages declare it with)
CHARSETS = [
    ("zh-Hans", "gb18030", ("gb2312", "GBK", "gb18030", "x-gbk", "gb_2312-80")),
    ("zh-Hant", "big5hkscs", ("big5", "Big5-HKSCS", "cn-big5", "x-x-big5")),
    ("ko", "cp949", ("euc-kr", "ks_c_5601-1987", "windows-949")),
    ("ja", "cp932", ("Shift_JIS", "x-sjis", "windows-31j")),
    ("ja", "euc_jp", ("EUC-JP", "x-euc-jp")),
    ("ja", "iso2022_jp", ("ISO-2022-JP", "csiso2022jp")),
    ("ru", "cp1251", ("windows-1251", "x-cp1251")),
    ("ru", "koi8_r", ("KOI8-R", "koi")),
    ("uk", "cp1251", ("windows-1251",)),
    ("uk", "koi8_u", ("koi8-u", "koi8-ru")),
    ("el", "cp1253", ("windows-1253",)),
    ("el", "iso8859_7", ("iso-8859-7", "greek")),
    ("fr", "cp1252", ("iso-8859-1", "windows-1252", "latin1", "iso88591")),
    ("de", "cp1252", ("ISO-8859-1", "us-ascii")),
    ("es", "cp1252", ("iso-8859-15", "x-cp1252")),
    ("pt", "cp1252", ("iso8859-1",)),
    ("it", "cp1252", ("iso-8859-1",)),
    ("sv", "cp1252", ("iso-8859-1",)),
    ("pl", "cp1250", ("windows-1250", "cp1250")),
    ("pl", "iso8859_2", ("iso-8859-2", "iso88592", "latin2")),
    ("cs", "cp1250", ("windows-1250", "x-cp1250")),
    ("cs", "iso8859_2", ("iso-8859-2",)),
    ("tr", "cp1254", ("windows-1254", "iso-8859-9", "latin5")),
]
#: What pages declare that are in another charset.
WRONG = ("utf-8", "iso-8859-1", "gb2312", "big5", "shift_jis", "euc-kr", "windows-1251", "utf-16", "nonsense")

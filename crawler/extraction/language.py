"""The language of a text, by its own letters and, for those written in Latin ones, by its little words.

Cantonese in characters is zh-Hant or zh-Hans, as it is written.
"""

from __future__ import annotations

import re
from collections import Counter

# Simplified forms and their traditional counterparts: the commonest characters that the 1964 table changed.
_SIMPLIFIED = frozenset(
    "们这个国来时为说过对会学发电还后见东车长门问间关开头张马无书语话让认识议论设计许证请谁课调谈该详误读谢"
    "经给统结组织细终维绝续绩练级纪约红纸线网罗买卖费资质贵赛赞财责贸员贺负货贡务动劳势办协单华卫区医压厂历双变"
    "听员响团园图场坏块坚报护担择换据损击战户执扩扫扬拥挂挥环现产业严丧丰临义乌乐习乡亚亲亿仅从仓仪价众优传伤"
    "体余侧侨债倾偿储儿兴养内册军农冲决况冻净准减几凤创划刘则刚剧剂剑导将尔尘尝层属岁岛币师帐带帮广庄庆库应庙废异弃录当总恶态怀怜恋悬惊惧惯愿戏"
)
_TRADITIONAL = frozenset(
    "們這個國來時為說過對會學發電還後見東車長門問間關開頭張馬無書語話讓認識議論設計許證請誰課調談該詳誤讀謝"
    "經給統結組織細終維絕續績練級紀約紅紙線網羅買賣費資質貴賽贊財責貿員賀負貨貢務動勞勢辦協單華衛區醫壓廠歷雙變"
    "聽員響團園圖場壞塊堅報護擔擇換據損擊戰戶執擴掃揚擁掛揮環現產業嚴喪豐臨義烏樂習鄉亞親億僅從倉儀價眾優傳傷"
    "體餘側僑債傾償儲兒興養內冊軍農沖決況凍淨準減幾鳳創劃劉則剛劇劑劍導將爾塵嘗層屬歲島幣師帳帶幫廣莊慶庫應廟廢異棄錄當總惡態懷憐戀懸驚懼慣願戲"
)
_BOTH = _SIMPLIFIED & _TRADITIONAL
_ONLY_SIMPLIFIED = re.compile(f"[{''.join(_SIMPLIFIED - _BOTH)}]+")
_ONLY_TRADITIONAL = re.compile(f"[{''.join(_TRADITIONAL - _BOTH)}]+")

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_KANA = re.compile(r"[\u3041-\u30fa]+")
# The little words of Japanese and of Chinese: names and titles of the other one have none.
_PARTICLES = re.compile("[のはをにがでとたる]")
_CHINESE_WORDS = re.compile("[的了们們这這是]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]+")
_LATIN = re.compile(r"[A-Za-zÀ-ÿ]+")
_SCRIPTS = (
    ("ru", re.compile(r"[\u0400-\u04ff]+")),
    ("ar", re.compile(r"[\u0600-\u06ff]+")),
    ("th", re.compile(r"[\u0e00-\u0e7f]+")),
    ("el", re.compile(r"[\u0370-\u03ff]+")),
    ("he", re.compile(r"[\u0590-\u05ff]+")),
    ("hi", re.compile(r"[\u0900-\u097f]+")),
    ("bo", re.compile(r"[\u0f00-\u0fff]+")),
)
# The little words of languages in Latin letters; two hits in twenty words decide.
_WORDS = {
    "en": "the of and to in that is for with on was as by it from are at be have this which they their has were not",
    "fr": "le la les des et du une est que dans pour qui sur avec pas par au plus ce sont ses aux cette ont où leur",
    "de": "der die und den das von zu mit ist des im nicht auch auf für ein eine sich dem wird über sind werden bei",
    "es": "el la los las que en del y una por con para se su más como al es lo ha sus pero son fue también este",
    "it": "il di che la per un della con del non una sono le dei gli alla nel anche più si ha ai è perché delle nella",
    "pt": "o que do da em os no para uma com não dos na por se mais as ao foi são à aos pela também das ser",
    "nl": "de het een van en dat is te op voor met zijn niet aan er ook bij om door maar wat ze hebben wordt naar",
    "sv": "och att det som en på är av för med den till inte har om ett de var vi från både gällde efter eller nya",
    "da": "og at det som en på er af for med den til ikke har om et de var vi fra også efter blev eller hvor nye",
    "no": "og å at det som en på er av for med den til ikke har om et de var vi fra også etter ble eller hvor nye",
    "is": "og að í á er sem til við um ekki var en hann það þeir með fyrir af því þar ég hún",
    "fi": "ja on ei se että oli hän mutta joka myös kun ovat sekä tai kuin niin jos vain ole mukaan uuden he jotka",
    "tr": "ve bir bu için ile olarak da de çok daha olan gibi sonra kadar ise en ancak yeni göre",
    "pl": "w i na z do nie się że jest to o jak za przez od po ale dla są oraz który było tym a być",
    "cs": "a v se na je že o s z do i to k za by ve si pro tak po které který jsou jako od při jeho ale",
    "vi": "và của là các có cho trong được người với không một những này đã để khi về mới",
    "sw": "ya na wa kwa ni katika za la kuwa hiyo huo cha wake kama hilo",
    "id": "yang dan di untuk dengan dari ini pada itu tidak dalam akan ke oleh juga kepada mereka",
}
# Letters that of these languages only some have; words with them count beside as many little words.
_LETTERS = tuple(
    (tags, frozenset(letters))
    for tags, letters in (
        (("de",), "ß"),
        (("es",), "ñ"),
        (("pt",), "ãõ"),
        (("da", "no"), "æø"),
        (("sv", "fi"), "ä"),
        (("tr",), "ğış"),
        (("pl",), "ąęłńśźż"),
        (("cs",), "ěřůťď"),
        (("vi",), "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"),
    )
)
_WORD_SETS = {tag: frozenset(words.split()) for tag, words in _WORDS.items()}
_SAMPLE = 3000


def language_of(text: str, fallback: str | None = None) -> str | None:
    """Return the BCP 47 tag of `text` by its letters, `fallback` where they do not tell, None without either."""
    sample = text[:_SAMPLE]
    han, kana = _count(_HAN, sample), _count(_KANA, sample)
    if han > 4 and han * 2 > len(sample) and not kana:
        return _chinese(sample)
    hangul, latin = _count(_HANGUL, sample), _count(_LATIN, sample)
    if kana and (kana + han) > 4 and (kana + han) * 4 > latin and _is_japanese(sample, han, kana):
        return "ja"
    if hangul > 4 and hangul > han and hangul * 4 > latin:
        return "ko"
    if han > 4 and han * 4 > latin:
        return _chinese(sample)
    for tag, letters in _SCRIPTS:
        if _count(letters, sample) > max(4, latin):
            return _cyrillic(sample) if tag == "ru" else tag
    return _latin(sample) or fallback


def _count(letters: re.Pattern[str], sample: str) -> int:
    """Return how many characters of `sample` a pattern of runs of letters matches."""
    return sum(map(len, letters.findall(sample)))


def _is_japanese(sample: str, han: int, kana: int) -> bool:
    """Tell Japanese, even with few kana, from Chinese that quotes some: its little words are Japanese ones."""
    particles, chinese = len(_PARTICLES.findall(sample)), len(_CHINESE_WORDS.findall(sample))
    if kana * 8 > han:
        return particles > chinese or not (particles or chinese or _ONLY_SIMPLIFIED.search(sample))
    return particles >= 2 and particles * 25 > han and not chinese


def _chinese(sample: str) -> str:
    """Return zh-Hans or zh-Hant; text of shared characters only counts as simplified, the mainland's form."""
    traditional = _count(_ONLY_TRADITIONAL, sample)
    return "zh-Hant" if traditional and traditional > _count(_ONLY_SIMPLIFIED, sample) else "zh-Hans"


def _cyrillic(sample: str) -> str:
    """Return uk or ru, by the letters that the other one has not."""
    lower = sample.lower()
    return "uk" if sum(map(lower.count, "іїєґ")) > sum(map(lower.count, "ыэъё")) else "ru"


def _latin(sample: str) -> str | None:
    """Return the language whose little words are commonest, when they are common enough to tell."""
    words = re.findall(r"[^\W\d_]+", sample.lower())
    if not words:
        return None
    counts = Counter(words)
    scores = {tag: sum(counts[word] for word in known if word in counts) for tag, known in _WORD_SETS.items()}
    accented = [word for word in words if not word.isascii()]
    for tags, letters in _LETTERS:
        marked = sum(not letters.isdisjoint(word) for word in accented)
        for tag in tags:
            scores[tag] += min(marked, scores[tag])
    best = max(scores, key=lambda tag: scores[tag])
    return best if scores[best] >= max(2, len(words) * 0.05) else None

"""Invented texts that weigh on an index as a real archive's do: a Zipfian vocabulary, word salad, three languages."""

import random
from array import array
from collections.abc import Sequence
from itertools import cycle, islice

from opencc import OpenCC

#: Bits of an index of a table of draws: for a vocabulary that is large, and for one that is small.
_LARGE, _SMALL = 22, 18
#: No body is shorter, in characters.
SHORTEST = 1_500


def listed(words: str) -> list[str]:
    """Return words that are written with spaces between."""
    return words.split()


_FUNCTION = listed(
    "的 和 在 了 是 为 对 与 中 一 不 等 有 上 将 以 也 到 就 并 个 及 这 从 后 里 他们 我们 以及 通过 进行"
)
_UNION = listed("""
    职工 劳动 工作 企业 活动 服务 开展 代表 工资 组织 建设 权益 培训 发展 全国 会议 保障 公司 主席 技能 集体协商
    劳模 工匠 农民工 女职工 困难职工 帮扶 维权 法律援助 职代会 职工代表大会 民主管理 厂务公开 安全生产 劳动竞赛
    技能竞赛 送温暖 送清凉 金秋助学 互助保障 户外劳动者 驿站 货车司机 网约车 外卖 快递员 新就业形态 劳动争议 调解
    仲裁 劳动合同 工伤 社会保险 工时 休假 加班 班组 车间 集团 副主席 干部 会员 入会 建会 换届 选举 学习 推进 电台
    里程 复工 制度 台风 发放 团结 记录 面对 岗位 食堂 托管班 计件单价
    2024年 2023年 ２０２２年 5月1日 ３０名 12家 100% APP ＡＰＰ GDP 5G Ａ级 “五一” 十四五
""")
_ENGLISH = listed("""
    the of and to in a for workers union wages members bargaining collective agreement strike safety labour women with
    on at contract employers delegates council campaign training pay hours overtime pension solidarity congress picket
""")
#: The word that most articles hold, in some of its surroundings; no other word of the vocabulary holds it.
_EVERYWHERE = ("工会", "总工会", "工会", "区工会", "工会主席", "工会")
_STOPS = (("，", 0.075), ("。", 0.025), ("、", 0.01), ("。\n\n", 0.012), ("：“", 0.003), ("”", 0.003))
_ENGLISH_STOPS = ((".", 0.05), (",", 0.06), (".\n\n", 0.012))
_SYLLABLES = listed(
    "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo za bran cler dost frin glam stor tred plen"
)


class Texts:
    """Draws texts from vocabularies of `words` words that `seed` makes; the same arguments make the same ones."""

    def __init__(self, words: int, seed: int) -> None:
        draw = random.Random(f"vocabulary/{seed}")
        vocabulary = _chinese(words, draw)
        self.everywhere = {"zh-Hans": _EVERYWHERE, "zh-Hant": _traditional(_EVERYWHERE), "en": ("trade union", "union")}
        english = _english(max(500, words // 10), draw)
        self.tables = {
            "zh-Hans": _table(vocabulary, _STOPS),
            "zh-Hant": _table(_traditional(vocabulary), _STOPS),
            "en": _table(english, _ENGLISH_STOPS),
        }
        self.titles = {
            "zh-Hans": _table(vocabulary, ()),
            "zh-Hant": _table(_traditional(vocabulary), ()),
            "en": _table(english, ()),
        }

    def body(self, language: str, draw: random.Random, *, everywhere: bool) -> str:
        """Return a body of 1,500 characters or more: paragraphs with a blank line between; `everywhere`: with 工会."""
        table, blank = self.tables[language], " " if language == "en" else ""
        wanted = SHORTEST + int(draw.expovariate(1 / 250))
        words = _repeated(_draw(table, draw, int(wanted / (7.8 if blank else 2.5))), draw)
        while len(blank.join(words)) < wanted:
            words += _draw(table, draw, 40)
        if everywhere:
            for _ in range(draw.randint(1, 8)):
                words[draw.randrange(len(words) - 1)] = draw.choice(self.everywhere[language])
        parts = (part.strip("，。、：“”., ") for part in blank.join(words).split("\n\n"))
        text = "\n\n".join(filter(None, parts))
        return text + text[: max(0, SHORTEST - len(text))]

    def title(self, language: str, draw: random.Random, *, words: int = 8) -> str:
        """Return a headline of some words."""
        return (" " if language == "en" else "").join(_draw(self.titles[language], draw, words))


def _draw(table: Sequence[str], draw: random.Random, count: int) -> list[str]:
    shift = 33 - len(table).bit_length()
    return [table[bits >> shift] for bits in array("I", draw.randbytes(4 * count))]


def _repeated(words: list[str], draw: random.Random) -> list[str]:
    """Return a fourth more words: phrases of four drawn again and again, as an article keeps to its subject.

    Some 60 of 100 pairs of neighbouring characters are then the first of their kind in the article, as in real news.
    """
    phrases = [words[at : at + 4] for at in range(0, len(words), 4)]
    chosen = draw.choices(phrases, k=len(phrases) * 5 // 4)
    return [word for phrase in chosen for word in phrase]


def _table(vocabulary: Sequence[str], stops: Sequence[tuple[str, float]]) -> list[str]:
    """Return words (a power of two of them), each as often as Zipf's law has it for its rank, stops by their share."""
    draws = 1 << (_LARGE if len(vocabulary) > 10_000 else _SMALL)
    table = [stop for stop, share in stops for _ in range(int(share * draws))]
    weights = [1 / (rank + 2.7) for rank in range(1, len(vocabulary) + 1)]
    left = (draws - len(table) - len(vocabulary)) / sum(weights)
    for word, weight in zip(vocabulary, weights, strict=True):
        table += [word] * (1 + int(weight * left))
    return table + list(islice(cycle(vocabulary), draws - len(table)))


def _chinese(words: int, draw: random.Random) -> list[str]:
    """Return distinct words by rank: common ones, those of unions, and invented ones of one to four characters."""
    level_1 = _gb2312(0xB0, 0xD7)
    draw.shuffle(level_1)
    level_2 = _gb2312(0xD8, 0xF7)
    draw.shuffle(level_2)
    characters = level_1 + level_2
    cumulated, total = [], 0.0
    for rank in range(len(characters)):
        total += 1 / (rank + 10)
        cumulated.append(total)
    found = dict.fromkeys([*_FUNCTION, *_UNION])
    while len(found) < words:
        lengths = draw.choices((1, 2, 3, 4), (3, 62, 20, 15), k=1000)
        drawn = iter(draw.choices(characters, cum_weights=cumulated, k=sum(lengths)))
        found |= dict.fromkeys("".join(next(drawn) for _ in range(length)) for length in lengths)
    return [word for word in found if "工会" not in word][:words]


def _gb2312(first: int, last: int) -> list[str]:
    pairs = (bytes((row, cell)) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return [character for pair in pairs if (character := pair.decode("gb2312", "ignore"))]


def _english(words: int, draw: random.Random) -> list[str]:
    found = dict.fromkeys(_ENGLISH)
    while len(found) < words:
        found["".join(draw.choices(_SYLLABLES, k=draw.randint(1, 4)))] = None
    return list(found)


def _traditional(words: Sequence[str]) -> list[str]:
    return OpenCC("s2t").convert("\n".join(words)).split("\n")

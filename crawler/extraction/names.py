"""Names of people: split as bylines print them; words of roles and agencies are no names."""

from __future__ import annotations

import re

from crawler.extraction.outline import SEAM
from crawler.extraction.surnames import COMPOUND, PINYIN, SURNAMES
from crawler.extraction.words import either

_ROLES = re.compile(
    either(
        r"本报 本网 本刊 本台 全媒体 融媒体 特约 见习 实习 首席 驻站 驻地 职工 工报 中工网 新华社 人民网 央视"
        r" 经济日报 工人日报 《?[\u4e00-\u9fff]{2,6}(?:日报|晚报|晨报|时报|工报|新闻|网|社)》?"
    )
    + r"?[\s-]*"
    + either(
        "记者 記者 通讯员 通訊員 特约撰稿人 撰稿人 作者 责任编辑 責任編輯 编辑 編輯 责编 实习生 摄影 文字 供稿 撰文"
        " 文/图 图/文 报道员 评论员"
    )
    + r"[\s:：/／]*"
)
_SPLIT = re.compile(r"[\s、，,；;/／|丨&\x1f]+|(?<=[\u4e00-\u9fff])[和与及](?=[\u4e00-\u9fff]{2})")
_HAN_NAME = re.compile(
    r"[\u4e00-\u9fff\u3400-\u4dbf]{2,4}$|[\u4e00-\u9fff]{1,8}(?:[·•‧・.\uff0e][\u4e00-\u9fff]{1,8}){1,3}$|[a-zA-Z]{1,4}\d{3,6}$"
)
_LATIN_NAME = re.compile(r"[A-ZÀ-Þ][\w'\u2019.-]*(?:\s+(?:[a-z]{1,3}\s+)?[A-ZÀ-Þ][\w'\u2019.-]*){0,4}$")
#: AFP, DPA: an agency.
_CAPITALS = re.compile(r"[A-Z]{2,6}$")
_NICK = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,20}$")
_HANGUL_NAME = re.compile(r"[\uac00-\ud7a3]{2,5}(?=\s*기자|\s*$)|[\u3040-\u30ff\u4e00-\u9fff]{2,8}$")
# The number of a newsroom's terminal, printed beside an editor's name: 王五_AB0001, 王五 AB001.
_CODE = re.compile(r"(?<=[\u4e00-\u9fff])[\s_-]*[A-Z]{1,4}\d{2,6}\b")
# What is printed where a name belongs, and is none.
_NO_NAME = re.compile(
    either(
        r"[报報]$ 报社 報社 [日晚晨时時]报 日報 晚報 時報 新闻 新聞 中心 工会 总工 委员 办公 公司 学院 大学 医院"
        r" 集团 协会 平台 客户端 频道 网$ 網$ 网站 网络 电视 电台 媒体 编辑 編輯 编缉 记者 記者 通讯 摄影 摄$ 报道"
        r" 報導 报导 管理员 匿名 佚名 未知 综合 本站 本网 本报 来源 來源 转载 责任 作者 发布 关闭 打印 返回 纠错"
        r" 分享 收藏 下载 更多 阅读 评论 点击 审核 初审 复审 终审 校对 校對 监制 实习 见习 首席 专栏 专题 责编 供稿"
        r" 供图 供圖 整理 整合 无$ 原创 宣传 处$ 局$ 科$ 部$ 社$ 社會 厅$ 室$ 委$ 支部 网易 搜狐 新浪 腾讯 凤凰 杂志"
        r" 企业家 快讯 快訊 即時 特稿 文章 字号 小编 版权 声明 今日 昨日 目前 近日 删改 删节 待续 未完 为您 感谢"
        r" 图为 图片 视频 直播 热线 ^admin ^name$ ^null$ ^none$ ^test ^user ^root ^staff reporter editor news agency"
        r" press team desk redaktion redazione r[ée]daction redacci[oó]n correspondent writer contributor"
        r" nachrichten \bajans agentur agence agenzia"
    ),
    re.I,
)


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a printed list, in order and once each; what is no name is left out.

    `王五、赵六`, `周文远 吴小山`, `钱 多` (one name, spaced) and `Li Na, Wang Wu` are all understood. Names that
    are printed without anything between them cannot be told apart: such a run is no name.
    """
    text = re.sub(r"《[^》]{1,20}》", " ", text.strip(" ()（）[]【】\u3014\u3015.。:：" + SEAM))
    text = _CODE.sub("", _ROLES.sub(" ", text))
    if re.search(r"[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7a3]", text):
        parts = _joined([part for part in _SPLIT.split(text) if part])
        names = (part.strip(" ()（）[]【】.。:：<>《》“”\"'") for part in parts)
        return tuple(dict.fromkeys(name for name in names if is_name(name)))
    parts = re.split(r"\s*(?:[,;、，；/|&\x1f]|\b(?:and|und|et|og|och)\b)\s*", text)
    names = (
        name for part in parts for name in _paired(re.sub(r"^(?:by|von|par|por|di)\s+", "", part, flags=re.I).strip())
    )
    return tuple(dict.fromkeys(name for name in names if is_name(name)))


def _paired(text: str) -> list[str]:
    """Split `Lin Shuhe Du Ruoqing`, Chinese names without commas as translators print them: family names tell where."""
    words = text.split()
    if len(words) < 4 or len(words) % 2 or not all(word.lower() in PINYIN for word in words[::2]):
        return [text]
    return [" ".join(pair) for pair in zip(words[::2], words[1::2], strict=True)]


def is_name(text: str) -> bool:
    """Tell whether `text` may be the name of a person, pen names included; never of an agency or an office."""
    if not 2 <= len(text) <= 40 or _NO_NAME.search(text) or _CAPITALS.match(text):
        return False
    return bool(_HAN_NAME.match(text) or _LATIN_NAME.match(text) or _NICK.match(text) or _HANGUL_NAME.match(text))


def is_no_name(text: str) -> bool:
    """Tell whether `text` names an agency, an office or a role."""
    return _NO_NAME.search(text) is not None


def is_likely_name(text: str) -> bool:
    """Tell whether an unlabelled word is a Chinese personal name: it begins with a family name."""
    text = text.replace(" ", "").replace("\u3000", "")
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", text) or _NO_NAME.search(text):
        return False
    if text.startswith(COMPOUND):
        return len(text) > 2
    return text[0] in SURNAMES and len(text) <= 3


def _joined(parts: list[str]) -> list[str]:
    """Join 钱 多, a name of two characters spaced to the width of three, into one name."""
    joined: list[str] = []
    single = False
    for part in parts:
        alone = len(part) == 1 and "\u4e00" <= part <= "\u9fff"
        if alone and single:
            joined[-1] += part
            single = False
        else:
            joined.append(part)
            single = alone
    return joined

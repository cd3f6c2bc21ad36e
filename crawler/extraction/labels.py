"""Labels: the small print about an article (来源, 发布时间, 作者, 责任编辑 …) and the values beside it.

Pages glue them (`来源:某区总工会发布时间:2025-09-09`) and space them out (`信 息 | 甲`), so a line is split at the
labels known here, not at blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.extraction.outline import SEAM
from crawler.extraction.words import words

# kind -> labels, longest forms too; "other" ones only end the value before them.
# kind -> labels; "other" ones only end the value before them.
_LABELS = {
    "source": words(
        "稿件来源 文章来源 信息来源 新闻来源 消息来源 本文来源 内容来源 资料来源 转载来源 来源于 来源 稿源 来自"
        " 文章出处 稿件出处 出处 转载自 转自 供稿单位 来稿单位 稿件來源 文章來源 新聞來源 來源 來自"
    ),
    "date": words(
        "发布时间 发布日期 发表时间 发表日期 发稿时间 刊发时间 刊发日期 刊登日期 上传时间 上传日期 添加时间 录入时间"
        " 提交时间 时间 日期 发布于 发表于 出版日期 见报日期 發佈時間 發布時間 發佈日期 發布日期 發表時間 發表日期"
        " 時間 刊登時間"
    ),
    "author": words(
        "全媒体记者 本报记者 本网记者 特约记者 实习记者 见习记者 首席记者 报道记者 文字记者 记者 記者 文章作者"
        " 本文作者 作者 撰文 撰稿 采写 文字 供稿人 投稿人 特约撰稿人 执笔 文"
    ),
    "correspondent": words("特约通讯员 职工通讯员 通讯员 通訊員"),
    "editor": words(
        "责任编辑 责任编缉 责编 本文编辑 网络编辑 网站编辑 网页编辑 初审编辑 值班编辑 文字编辑 见习编辑 实习编辑"
        " 执行编辑 图文编辑 编辑录入 录入编辑 编辑 責任編輯 責編 編輯"
    ),
    "original": words("原标题 原文标题 原題 原標題"),
    "other": words(
        "浏览次数 浏览人数 浏览量 浏览数 浏览 阅读量 阅读次数 阅读数 阅读 访问量 访问次数 点击量 点击次数 点击率"
        " 点击数 点击 人气 字体大小 字体 字号 字體 分享到 分享至 分享 打印 收藏 评论 审核人 审核 审校 校对 校對 校审"
        " 责任校对 初审 复审 二审 三审 终审 审签 签发 核稿 编审 编发 执行主编 主编 主任 总编 值班主任 值班总编 监制"
        " 监审 总监制 策划 统筹 出品 制作 美编 排版 设计 制图 摄影 摄像 视频 图片来源 图片 图 供图 翻译 编译 运营"
        " 索引号 主题分类 信息分类 信息索引 发布机构 发文机关 发文单位 发文字号 文号 成文日期 生成日期 生效日期"
        " 公开日期 公开方式 公开范围 有效性 有效期 更新时间 更新日期 更新于 修改时间 修改日期 最后更新 页面生成时间"
        " 生成时间 收稿日期 关键词 关键字 關鍵字 标签 主题词 主题 标题 信息 录入员 录入人 录入 发布人 发布者 发布单位"
        " 发布 上传者 所属栏目 所属专题 栏目 栏目类别 分类 类别 类型 版次 版面 作者单位 单位 电话 地址 邮箱 电子邮箱"
        " 微信号 微信 版权声明 免责声明 声明 大 中 小 手机版"
    ),
}
_ENGLISH = {
    "source": "Sources?|Article source|News source",
    "date": "Published(?: on| at| time)?|Publication date|Release date|Release time|Date|Time|Posted(?: on)?",
    "author": "Reporters?|Authors?|Written by|Author's name|Byline",
    "correspondent": "Correspondents?",
    "editor": "Editors? in charge|Editors?-in-charge|Responsible editors?|Editors?|Editing|Edited by",
    "original": "Original title",
    "other": "Updated(?: on)?|Last updated|Views?|Hits|Browse|Share(?: to)?|Print|Reviewers?|Review"
    "|Proofread(?:ing|er)?|Chief editor|Photo(?:s|graphy)? by|Photo",
}
_KIND_OF = {word: kind for kind, table in reversed(_LABELS.items()) for word in table}
_LONGEST = max(map(len, _KIND_OF))
_SEPARATOR = re.compile(r"[:：\ufe30丨︱|｜/／]|(?<=来源|來源|作者|编辑|責編|责编|記者|记者)\x1f(?=[^\s:：|/丨])")
# Words that may stand before a slash: 文/图, 摄影/甲, 编辑/乙.
_SLASHED = frozenset(words("文 执笔 撰文 编辑 编輯 责编 责任编辑 摄影 图 制图 校对 审核 监制 统筹 作者 文字 采写"))
_ENGLISH_LABEL = re.compile(
    r"(?:^|(?<=[\s\x1f(（|]))(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _ENGLISH.items()) + r")\s*[:：]",
    re.I,
)
_MUTE = frozenset(" \u3000\xa0" + SEAM)
_OPENERS = frozenset(SEAM + "|丨/　（([【;；,，。、>》 ")
#: Longer lines are prose, whatever they begin with.
_LONGEST_LINE = 600


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the raw value up to the next label; `line` numbers the line it stood on, `start` the character."""

    kind: str
    word: str
    value: str
    line: int
    start: int


def read_labels(lines: Iterable[str]) -> list[Label]:
    """Return the labels of lines, in order; values keep their seams."""
    found: list[Label] = []
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            continue
        spots = sorted(_spots(line))
        for i, (start, end, kind, word) in enumerate(spots):
            stop = spots[i + 1][0] if i + 1 < len(spots) else len(line)
            found.append(Label(kind, word, line[end:stop], number, start))
    return found


def starts_with_label(line: str) -> bool:
    """Tell whether a line is small print: it begins with a label, past brackets and seams."""
    if len(line) > _LONGEST_LINE:
        return False
    lead = len(line) - len(line.lstrip(" （([【\u3000\xa0>·●■◎" + SEAM))
    return any(start <= lead for start, *_ in _spots(line[:40]))


def role_values(line: str) -> list[tuple[str, str]]:
    """Return (kind, value) of the people that a line names from its beginning on; empty when it begins otherwise."""
    labels = [label for label in read_labels([line]) if label.kind in ("author", "correspondent", "editor")]
    return [(label.kind, label.value) for label in labels] if labels and labels[0].start <= 3 else []


def _spots(line: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield (start of the label, start of its value, kind, word) of each label in a line."""
    last = 0
    for separator in _SEPARATOR.finditer(line):
        if (spot := _before(line, separator.start(), last)) is None:
            continue
        start, word = spot
        if separator[0] in "/／" and (word not in _SLASHED or line[separator.end() : separator.end() + 1] in ("", "/")):
            continue
        last = separator.end()
        yield start, last, _KIND_OF[word], word
    if ":" in line or "：" in line:
        for match in _ENGLISH_LABEL.finditer(line):
            yield match.start(), match.end(), match.lastgroup or "other", match[0].rstrip(":： ").lower()


def _before(line: str, stop: int, last: int) -> tuple[int, str] | None:
    """Return (start, word) of the longest known label that ends at `stop`, blanks inside it ignored."""
    word, best, position = "", None, stop
    while position > last and len(word) < _LONGEST:
        position -= 1
        character = line[position]
        if character in _MUTE:
            continue
        if not "\u4e00" <= character <= "\u9fff":
            break
        word = character + word
        if word in _KIND_OF and _begins(line, position, word):
            best = (position, word)
    return best


def _begins(line: str, position: int, word: str) -> bool:
    """Words of one character (文, 图) are labels only where a phrase begins; longer ones stand anywhere."""
    return len(word) > 1 or position == 0 or line[position - 1] in _OPENERS

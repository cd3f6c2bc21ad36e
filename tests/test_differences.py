"""What a site changed in an article: just the edit, in words that are read, in bounded time."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import matching
from archive.article import COMPARED, digest
from archive.differences import GONE, NEW, SAME, Line, Piece, changes
from archive.matching import Steps
from archive.pieces import compared

PLENTY = 1_000_000
CLAUSES = (
    "市总工会举办培训班", "学员来自十二家企业", "课程讲集体协商的准备", "职工之家开放到晚上", "代表们提出了意见",
    "工会主席作了报告", "大家学习劳模精神", "活动为期五天", "奖金发给先进班组", "会议由副主席主持",
    "the union met in May", "工会工会", "一一一一", "。", "，",
)  # fmt: skip


def marked(pieces) -> str:
    """Pieces with marks, as the command prints them."""
    marks = {SAME: "{}", GONE: "[-{}-]", NEW: "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


def edit(before: str, after: str) -> str:
    return marked(compared(before, after, Steps(PLENTY)))


def lines(before: str, after: str) -> list[Line]:
    (change,) = changes({"text": before}, {"text": after})
    return change.lines


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("二三四", "二六四", "二[-三-]{+六+}四"),
        ("2023年的总结", "2024年的总结", "[-2023-]{+2024+}年的总结"),
        ("选举张三为主席", "选举李四为主席", "选举[-张三-]{+李四+}为主席"),
        ("产值1,200万元", "产值1,350万元", "产值[-1,200-]{+1,350+}万元"),
        ("增长3.5%", "增长13.5%", "增长[-3.5-]{+13.5+}%"),
        ("2023年5月3日开会", "2024年6月4日开会", "[-2023年5月3-]{+2024年6月4+}日开会"),
        ("到会的有张三、李四和来宾", "到会的有王五、赵六和来宾", "到会的有[-张三、李四-]{+王五、赵六+}和来宾"),
        ("A meeting of 40 held", "A meeting of 41 held", "A meeting of [-40-]{+41+} held"),
        ("the members voted", "the member voted", "the [-members-]{+member+} voted"),
        ("la réunión del comité", "la reunión del comité", "la [-réunión-]{+reunión+} del comité"),
        ("собрание в мае", "собрание в июне", "собрание в [-мае-]{+июне+}"),
        ("단체협약을 맺었다", "새 단체협약을 맺었다", "{+새 +}단체협약을 맺었다"),
    ],
)
def test_a_change_is_shown_as_the_word_the_number_or_the_characters_that_changed(before, after, shown):
    assert edit(before, after) == shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("共有三家工会。", "共有两家工会。共有三家工会。", "{+共有两家工会。+}共有三家工会。"),
        ("张三，王五到会", "张三，李四，王五到会", "张三，{+李四，+}王五到会"),
        ("有王明、赵海、钱二。", "有王明、钱二。", "有王明、[-赵海、-]钱二。"),
        ("over the lazy dog", "over the big lazy dog", "over the {+big +}lazy dog"),
        ("工匠精神和工会法", "“工匠”精神和《工会法》", "{+“+}工匠{+”+}精神和{+《+}工会法{+》+}"),
    ],
)
def test_what_came_or_went_begins_where_a_reader_would_begin_it(before, after, shown):
    assert edit(before, after) == shown


def test_no_one_or_two_unchanged_characters_stand_inside_a_change():
    assert edit("记者走访服务大厅的窗口", "记者走访办事中厅的前台") == "记者走访[-服务大厅的窗口-]{+办事中厅的前台+}"


def test_another_sentence_is_not_a_sprinkling_of_characters_that_both_have():
    before, after = "职工代表听取了关于合同履行情况的报告。", "本次会议由工会主席主持，审查了经费的决议。"
    assert edit(before, after) == f"[-{before}-]{{+{after}+}}"
    assert edit("会议召开。", f"会议召开。{after}") == f"会议召开。{{+{after}+}}"


def test_white_space_and_width_are_no_change():
    assert changes({"text": "第１期\u3000培训\n\n免费"}, {"text": "第1期 培训 免费"}) == []
    (line,) = lines("第１期\u3000培训，为期五天", "第1期 培训，为期六天")
    assert marked(line.pieces) == "第1期 培训，为期[-五-]{+六+}天"


def test_a_paragraph_that_moved_or_came_leaves_the_others_alone():
    first, second, third = "甲段说的是培训的安排。", "乙段说的是竞赛的结果和名单。", "丙段是联系方式。"
    found = lines(
        "\n\n".join((first, second, third)), "\n\n".join((third, "新的一段。", first, second.replace("和", "与")))
    )
    assert [(line.kind, line.moved) for line in found] == [
        ("new", True), ("new", False), ("same", False), ("changed", False), ("gone", True),
    ]  # fmt: skip
    assert marked(found[3].pieces) == "乙段说的是竞赛的结果[-和-]{+与+}名单。"


def test_an_edited_paragraph_is_compared_with_what_it_was_though_others_come_beside_it():
    old = ["区总工会表彰了先进班组和个人。", "培训班每月办两期，职工可以报名。"]
    new = ["来宾参观了书屋。", "区总工会表彰了先进班组和集体。", "食堂换了菜单。", "培训班每月办三期，职工可以报名。"]
    found = lines("\n\n".join(old), "\n\n".join(new))
    assert [line.kind for line in found] == ["new", "changed", "new", "changed"]
    assert [line.before for line in found if line.before] == old


def test_other_fields_are_compared_each_by_itself_and_their_values_as_wholes():
    old = {"title": "培训班开班", "authors": ["李晓", "王大山"], "editors": [], "published_at": "2025-02-03"}
    new = {
        "title": "培训班延期",
        "authors": ["李晓", "王小山"],
        "editors": ["赵一"],
        "published_at": "2025-02-04",
        "attachments": [{"url": "http://a.example.org/", "name": "表"}],
        "html": "<p>not compared</p>",
    }
    found = {change.field: [marked(line.pieces) for line in change.lines] for change in changes(old, new)}
    assert found == {
        "title": ["培训班[-开班-]{+延期+}"],
        "authors": ["李晓", "[-王大山-]", "{+王小山+}"],
        "editors": ["{+赵一+}"],
        "published_at": ["[-2025-02-03-]", "{+2025-02-04+}"],
        "attachments": ["{+表 http://a.example.org/+}"],
    }


def test_two_names_are_not_one_of_two_words():
    (change,) = changes({"authors": ["Ann Lee"]}, {"authors": ["Ann", "Lee"]})
    assert [line.kind for line in change.lines] == ["gone", "new", "new"]


def test_a_line_is_shortened_around_its_changes():
    line = Line((Piece(SAME, "一" * 50), Piece(GONE, "二" * 50), Piece(SAME, "三" * 50), Piece(NEW, "四")))
    assert marked(line.shortened(3).pieces) == f"…一一一[-{'二' * 50}-]三三三…三三三{{+四+}}"
    assert marked(line.shortened(3, longest=2).pieces) == "…一一一[-二二…-]三三三…三三三{+四+}"
    same = Line((Piece(SAME, "一" * 50),))
    assert same.shortened(3) == same


@st.composite
def edited(draw) -> tuple[list[str], list[str], set[str]]:
    """A text's paragraphs, those of a later one, and which of the first nobody touched. No two are the same."""
    clause = st.sampled_from(CLAUSES)
    text = st.lists(clause, max_size=6).map("".join)
    before = [f"第{number}段{''.join(draw(st.lists(clause, min_size=1, max_size=6)))}" for number in range(1, 8)]
    after = list(before)
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, max(0, len(after) - 1)))
        what = draw(st.sampled_from(["replace", "insert", "remove"]))
        if what == "insert" or not after:
            after.insert(place, f"新{draw(text)}")
        elif what == "remove":
            del after[place]
        else:
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(after[place]))] * 2)))
            after[place] = after[place][:start] + draw(text) + after[place][end:]
    after = [part for part in dict.fromkeys(after) if part.strip()]
    return before, after, set(before) & set(after)


@settings(max_examples=100, deadline=None)
@given(edited())
def test_pieces_make_both_texts_and_what_nobody_touched_is_unchanged(texts):
    before, after, untouched = texts
    old, new = "\n\n".join(before), "\n\n".join(after)
    found = changes({"text": old}, {"text": new})
    if digest_of(old) == digest_of(new):
        assert found == []
        return
    (change,) = found
    assert [line.before for line in change.lines if line.before] == before
    assert [line.after for line in change.lines if line.after] == after
    same = [line.after for line in change.lines if line.kind == SAME]
    assert same == [part for part in before if part in untouched]
    for line in change.lines:
        kinds = [piece.kind for piece in line.pieces]
        assert all(piece.text for piece in line.pieces)
        assert all(one != other for one, other in pairwise(kinds)), line


def digest_of(text: str) -> str:
    return digest(dict.fromkeys(COMPARED) | {"text": text})


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(CLAUSES[:10]), min_size=8, max_size=20, unique=False),
    st.text("工会职代表一二，。", max_size=8),
    st.data(),
)
def test_one_edit_marks_no_more_than_itself(clauses, came, data):
    before = "，".join(clauses)
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, min(len(before), start + 8)))
    after = before[:start] + came + before[end:]
    found = compared(before, after, Steps(PLENTY))
    assert sum(len(piece.text) for piece in found if piece.kind == GONE) <= end - start
    assert sum(len(piece.text) for piece in found if piece.kind == NEW) <= len(came)


def sentences(chance: random.Random, characters: int, every: int) -> str:
    """An invented text of some characters that are as frequent as in Chinese; `every` so many are a paragraph."""
    alphabet = [chr(0x4E00 + 7 * number) for number in range(2_500)]
    text = chance.choices(alphabet, [1 / (number + 5) for number in range(2_500)], k=characters)
    return "".join("\n\n" if number % every == every - 1 else one for number, one in enumerate(text))


def scattered(chance: random.Random, text: str, edits: int) -> str:
    parts = []
    for part in (text[start : start + len(text) // edits] for start in range(0, len(text), len(text) // edits)):
        at = chance.randrange(len(part))
        parts.append(part[:at] + "改" * chance.randint(0, 9) + part[at + chance.randint(0, 9) :])
    return "".join(parts)


@pytest.mark.parametrize(
    ("how", "every"),
    [("edited", 200), ("edited", 10**9), ("other", 200), ("other", 10**9), ("few characters", 10**9)],
)
def test_a_text_of_200_kb_is_compared_in_less_than_a_second(how, every):
    chance = random.Random(5)
    before = sentences(chance, 66_000, every)
    after = {
        "edited": lambda: scattered(chance, before, 300),
        "other": lambda: sentences(chance, 66_000, every),
        "few characters": lambda: "".join(chance.choices("甲乙", k=66_000)),
    }[how]()
    taken = []
    while not taken or (min(taken) >= 1 and len(taken) < 3):  # the machine may have other things to do
        began = time.process_time()
        found = lines(before, after)
        taken.append(time.process_time() - began)
    assert min(taken) < 1
    if how == "edited":
        kept = sum(len(piece.text) for line in found for piece in line.pieces if piece.kind == SAME)
        assert kept > 0.9 * len(before) - 2 * before.count("\n")


def test_where_steps_run_out_lines_are_wholes():
    (change,) = changes({"text": "甲乙丙丁戊"}, {"text": "己庚丙辛壬"}, steps=0)
    assert [marked(line.pieces) for line in change.lines] == ["[-甲乙丙丁戊-]{+己庚丙辛壬+}"]
    (change,) = changes({"text": "甲\n\n" * 10}, {"text": "乙\n\n" * 10}, steps=0)
    assert [line.kind for line in change.lines] == ["gone"] * 10 + ["new"] * 10


@given(st.text("甲乙丙丁戊己", max_size=300), st.text("甲乙丙丁戊己", max_size=300), st.integers(0, 2_000))
def test_blocks_are_what_both_have_in_the_order_of_both(a, b, steps):
    found = matching.blocks(a, b, Steps(steps))
    i = j = 0
    for m, n, size in found:
        assert m >= i
        assert n >= j
        assert size > 0
        assert a[m : m + size] == b[n : n + size]
        i, j = m + size, n + size


@given(st.lists(st.integers(0, 30), unique=True))
def test_the_longest_growing_run_is_found(numbers):
    run = matching.increasing(list(enumerate(numbers)))
    assert run == sorted(run, key=lambda pair: pair[1])
    assert set(run) <= set(enumerate(numbers))
    best = [1] * len(numbers)
    for place in range(len(numbers)):
        best[place] += max((best[k] for k in range(place) if numbers[k] < numbers[place]), default=0)
    assert len(run) == max(best, default=0)

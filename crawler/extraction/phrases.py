"""Phrases: lines and elements that belong to a page and not to its article, by how they are worded or named."""

from __future__ import annotations

import re

from crawler.extraction.lexicon import any_of, compiled, finder

#: Tools of a page: each is a whole line, in brackets or not.
TOOL = compiled(rf"^[\s\[【(（|\u00d7>\uff1e■●·*-]*{any_of('tools.tool')}[\s\]】)）|\u00d7<\uff1c]*$", re.I)
#: Several tools on one line.
TOOLS = compiled(rf"^[\s\[【(（|/]*(?:{any_of('tools.row')}[\s\[\]【】()（）|/]*){{2,}}$")
#: What a publisher says about rights and ways to reach it.
NOTICE = compiled(rf"^[\s（(【\[*※]*{any_of('tools.notice')}", re.I)
#: The heading of a list of other articles.
RELATED = compiled(rf"^[\s【\[■●◆>·—-]*{any_of('tools.related')}[\s】\]:：>…]*$", re.I)
#: Words of footers and of what asks the reader for something; a segment with them is no article's.
is_legal = finder("tools.legal")
#: Class and id names of elements inside a body that are beside the article.
JUNK_NAME = compiled(
    rf"(?:^|[\s_-]){any_of('elements.junk')}(?:$|[\s\d_-])|{any_of('elements.junk_part')}",
    re.I,
)
#: Those of them that a column with the article is never called; `sidebar-grid` may hold it.
NEVER_TEXT = compiled(any_of("elements.never_text_part"), re.I)

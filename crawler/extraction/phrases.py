"""Phrases: lines and elements that belong to a page and not to its article, by how they are worded or named."""

from __future__ import annotations

import re

from crawler.extraction.words import either

#: Tools of a page: each is a whole line, in brackets or not.
TOOL = re.compile(
    r"^[\s\[【(（|\u00d7>\uff1e■●·*-]*"
    + either(
        r"图片 图集 [\u00d7xX] T\|T [小中大] [Aa][+-]? 关闭 打印 返回 保存 收藏 纠错 举报 分享 评论 点赞 推荐 字号"
        r" 顶部 更多 上一页 下一页 首页 尾页 末页 阅读原文 展开全文 点击播放 广告 \d+ Share Print Tweet Advertisement"
        r" Close Menu (?:打印|关闭|保存)(?:本页|页面|窗口|此页|网页|文章) 关闭本?窗口"
        r" 我要(?:打印|留言|纠错|评论|分享|投稿) 推荐给?朋友 全文浏览 发送给?好友 返回(?:首页|顶部|列表|上页|上一页)"
        r" 加入收藏 设为首页 (?:分享|转发)(?:到|至|本文|给好友).{0,40} 调整?字[体體號号].{0,12} 調整字體.{0,12}"
        r" 字体.{0,10} 【?字[体體號号][\s:：]*[大中小\s]*】? 扫一扫.{0,24} 扫描二维码.{0,24} 扫码.{0,20} 长按.{0,24}"
        r" 微信扫.{0,20} 分享让更多人看到 手机(?:看新闻|扫码.{0,12}) [本全]文[完结]束? 微信(?:公众号)? 新浪微博"
        r" QQ空间 QQ好友 朋友圈 人人网 豆瓣 微博 复制链接 一键复制 保存图片 [上下]一?[篇条页则][\s:：].{0,120} 没有了"
        r" 已是最[后前]一[篇条] 本页面?.{0,6}打开 您?(?:当前|的|现在的)位置.{0,80} Current_location.{0,80}"
    )
    + r"[\s\]】)）|\u00d7<\uff1c]*$",
    re.I,
)
#: Several tools on one line.
TOOLS = re.compile(
    r"^(?:[\s\[【(（|/]*"
    + either(
        r"保存 全文浏览 打印(?:本页)? 关闭(?:窗口)? 我要留言 推荐朋友 返回首页 返回顶部 纠错 收藏 分享[到至]?[:：]?"
        r" 大 中 小 字[体号][:：]? 放大 缩小 默认 上一[版篇期] 下一[版篇期] 3 4"
    )
    + r"[\s\]】)）|/]*){2,}$"
)
#: What a publisher says about rights and ways to reach it.
NOTICE = re.compile(
    r"^[\s（(【\[*※]*"
    + either(
        r"特别声明 免责声明 免責聲明 版权声明 版權聲明 版权所有 声明[:：]"
        r" 本文(?:仅代表|系|为.{0,10}原创|来源.{0,20}版权) 以上(?:内容|文章|图片).{0,20}(?:不代表|仅代表|来源)"
        r" 凡(?:本网|注明|本站|来源|本报).{0,40} 未经.{0,16}(?:授权|许可|允许|同意).{0,60} 转载[请须时].{0,60}"
        r" 如(?:有|涉及|需).{0,10}(?:侵权|转载|版权).{0,60} copyright\b.{0,120} ©.{0,120} all_rights_reserved.{0,60}"
        r" [本该]文(?:不代表|观点).{0,60} (?:新闻)?(?:热线|爆料|投稿).{0,4}[:：].{0,60}"
        r" (?:违法和不良信息)?举报(?:电话|邮箱).{0,80} 打开.{0,10}(?:APP|客户端).{0,30}"
        r" (?:欢迎)?关注.{0,20}(?:公众号|微信|微博|客户端).{0,30} 下载.{0,16}(?:客户端|APP).{0,30}"
        r" .{0,12}(?:客户端|APP)(?:下载|内打开).{0,20} \(?本文来自.{0,40} 欢迎(?:您|进入|访问|光临|来到).{0,60}"
        r" Welcome_to_.{0,120} 更多(?:精彩|新闻|内容|资讯).{0,40}(?:关注|点击|登录|下载).{0,40} 本报地址.{0,80}"
    ),
    re.I,
)
#: The heading of a list of other articles.
RELATED = re.compile(
    r"^[\s【\[■●◆>·—-]*"
    + either(
        r"相关(?:新闻|阅读|链接|报道|文章|推荐|内容|专题|资讯|稿件|信息|热词) 相關(?:新聞|文章|報導|閱讀)"
        r" 延伸(?:阅读|閱讀) 推荐阅读 推薦閱讀 热门(?:推荐|新闻|文章|评论) 热点(?:推荐|新闻) 精彩推荐 为您推荐"
        r" 猜[你您]喜欢 更多(?:新闻|阅读|内容|推荐|相关.{0,4}) [今编][日辑]推荐 网友评论 最新(?:评论|文章|新闻|资讯)"
        r" 您可能(?:还)?(?:感兴趣|喜欢|也).{0,8} 大家都在看 往期(?:回顾|推荐) 新闻排行.{0,4}"
        r" Related(?:_(?:articles?|news|stories|links|topics|content|posts))? Read_(?:more|also|next) See_also"
        r" More_(?:on_this_story|from_.{1,30}|stories|news) Recommended.{0,20} You_may_also_like"
    )
    + r"[\s】\]:：>…]*$",
    re.I,
)
#: Words of footers and of what asks the reader for something; a segment with them is no article's.
LEGAL = re.compile(
    either(
        r"版权 版權 copyright all_rights_reserved © ICP[备證证] 公网安备 许可证 許可證 违法和不良信息 举报电话"
        r" 联系电话 技术支持 主办单位 承办 网站声明 免责声明 未经.{0,12}(?:授权|许可) cookie javascript 浏览器 登录"
        r" 登錄 注册 網友 网友评论 发表评论 扫一扫 扫码 二维码 客户端 广告 欢迎(?:您|进入|访问|光临) ^welcome_to_the"
        r" privacy_policy terms_of_(?:use|service) sign_up subscribe newsletter 無断転載 著作権"
    ),
    re.I,
)
#: Class and id names of elements inside a body that are beside the article.
JUNK_NAME = re.compile(
    r"(?:^|[\s_-])"
    + either(
        r"shares? sharing bdshare\w* jiathis\w* print tools? toolbar related? recommend(?:ed|s)? tuijian comments?"
        r" pinglun copyright footer qr-?code ewm erweima pagination pager pages?-?nav pre-?next prev next hits"
        r" breadcrumbs? crumbs? advert\w* ads? adv adsbygoogle side-?bar social\w* tags? tag-?list keywords vote"
        r" subscribe\w* newsletter\w* promo\w* popup modal font-?size author-?(?:bio|info|box|card) more-?news"
        r" hot-?news moreread sponsor\w* signup disclaimer shengming mianze statement toc byline dateline"
        r" timestamp"
    )
    + r"(?:$|[\s\d_-])|-share|share-|\x5fshare|relate[dN\x5f-]|recommend|article-?tags|post-?tags|newsletter|advertis",
    re.I,
)
#: Those of them that a column with the article is never called; `sidebar-grid` may hold it.
NEVER_TEXT = re.compile(
    either(
        r"comment pinglun share relate recommend tuijian newsletter subscri disclaimer advert promo more-?news"
        r" hot-?news"
    ),
    re.I,
)

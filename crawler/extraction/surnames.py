"""Family names: the Chinese ones (百家姓 and the commonest of today), in characters and in pinyin."""

from __future__ import annotations

from crawler.extraction.words import words

SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花"
    "方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝"
    "明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管"
    "卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌"
    "焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲台从鄂索咸籍赖卓"
    "蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼"
    "容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠"
    "须丰巢关蒯相查后荆红游竺权逯盖益桓公仉督岳帅缑亢况郈有琴归海晋楚闫法汝鄢涂钦商牟佘佴伯赏墨哈谯笪年爱阳佟言福肖"
    "邸付代初禤昝趙錢孫鄭馮陳衛蔣韓楊許呂張嚴華謝鄒蘇範魯韋馬鳳賀湯羅畢鄔樂時齊顧黃蕭計談龐紀項閔賈婁顏鍾駱淩萬盧經"
    "應鄧單諸鈕陸榮儲烏車寧葉龍劉黨譚貢勞溫莊閻連習魚廣東歐師鞏聶簡饒豐關遊權蓋闕"
)
COMPOUND = tuple(
    words(
        "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 端木 公冶 南宫 独孤 歐陽 司馬 諸葛 東方 公孫 范姜"
    )
)
PINYIN = frozenset(
    words(
        "ai an bai bao bi bian bo bu cai cao cen chai chang chao che chen cheng chi chu chuai cui dai dang deng di"
        " diao ding dong dou du duan fan fang fei feng fu gai gan gao ge geng gong gou gu guan guang gui guo hai han"
        " hao he hei heng hong hou hu hua huai huan huang huo ji jia jian jiang jiao jin jing ju kang ke kong kou"
        " kuai kuang lai lan lang lao le lei leng li lian liang liao lin ling liu long lou lu luan luo lv ma man mao"
        " mei meng mi miao min mo mou mu na nan ni nie ning niu nong ou ouyang pan pang pei peng pi ping pu qi qian"
        " qiang qiao qin qiu qu quan que ran rao ren rong ru ruan rui sang sha shan shang shao shen sheng shi shu"
        " shui si situ song su sui sun tai tan tang tao teng tian tong tu wan wang wei wen weng wu xi xia xian xiang"
        " xiao xie xin xing xiong xu xuan xue xun yan yang yao ye yi yin ying you yu yuan yue yun zang zeng zha zhai"
        " zhan zhang zhao zhen zheng zhi zhong zhou zhu zhuang zhuo zong zou zu zuo"
    )
)

"""README.txt of a proof: what it proves and what not, in plain words, in both languages."""

TEXT = """\
A PROOF OF WHAT AN ARCHIVE HOLDS

How to check it: python3 check.py proof.zip (or, in the unpacked folder: python3 check.py). It needs Python 3.9 or
newer and nothing else. `sha256sum -c SHA256SUMS` checks the files with other tools. Whoever changes a proof can change
check.py in it too: if that matters to you, take check.py from the source code of union-archive
(archive/check_proof.py, it is the same file), and compare the two hashes at the end with those that were published.

What is in it
  article.json     the article as the archive reads it today, with its revisions
  records.warc.gz  what was sent and received, byte for byte: responses, revisits (the same bytes again, and the
                   response that they stand for), requests, and what the archive noted beside them
  manifest.jsonl   the list of the archive's files, each line with the hash of the line before it
  proof.json       which record lay in which file, and the hashes that lead from it to that file's line
  SHA256SUMS       the hashes of all these files

What it proves
  1. These records lay, byte for byte, in files of the archive when the lines of the manifest about these files were
     written, and no bit of them has changed since.
  2. No line of the manifest was changed, removed or put between others after the last line's hash became known to
     somebody else. If you have that hash, or a later one, from a newspaper, a time stamp or a letter, then the records
     are at least as old as that.

What it does not prove
  * That the site really sent this. Whoever keeps an archive could have written records himself. Two archives that do
    not know each other, and that hold the same, prove more.
  * When it was received. The dates in records and manifest are the archive's own; only a hash that somebody else kept
    since then shows that they are not younger.
  * Who wrote the manifest. It is not signed. Publish the hash of its last line now and then, or have it time-stamped.
  * That article.json is read rightly out of the pages. Look into the records: they are what counts.
  * That the archive holds everything. A page that was never fetched, or a record that was left out, leaves no trace.

----------------------------------------------------------------------------------------------------------------------

存档证明

如何核对：python3 check.py proof.zip（解压后在文件夹中运行 python3 check.py 亦可）。只需 Python 3.9 或更新版本，
无需安装其他软件。也可以用 sha256sum -c SHA256SUMS 核对各文件。能改动本证明的人也能改动其中的 check.py；
如果担心这一点，请从 union-archive 的源代码中取同一文件（archive/check_proof.py），
并把最后显示的两个散列值与已公布的值对照。

内容
  article.json     档案今天读出的文章，含各版本
  records.warc.gz  收发的原始字节：响应、重访记录（内容相同，附其所代表的原响应）、请求，以及档案的附注
  manifest.jsonl   档案文件清单，每行都含上一行的散列值
  proof.json       每条记录位于哪个文件，以及从该记录推到该文件清单行的散列值
  SHA256SUMS       以上各文件的散列值

能证明什么
  一、清单写下有关各行时，这些记录已逐字节存在于档案的文件之中，此后没有任何改动。
  二、清单最后一行的散列值一旦为他人所知，此前各行便未再被修改、删除或插入。如果您从报纸、时间戳或信函中得到了该散列值
      （或更晚的散列值），这些记录至少与它一样早。

不能证明什么
  · 不能证明网站确实发送过这些内容。保管档案的人有可能自己编造记录。两个互不相识的档案保存了同样的内容，才更有说服力。
  · 不能证明收到的时间。记录和清单中的日期由档案自己写下；只有他人当时留存的散列值才能说明它们不是后来写的。
  · 不能证明清单由谁写下。清单没有签名。请不时公布最后一行的散列值，或为其加盖时间戳。
  · 不能证明 article.json 对网页的解读正确。请查看原始记录，以记录为准。
  · 不能证明档案是完整的。从未抓取的网页，或被略去的记录，不会留下痕迹。
"""

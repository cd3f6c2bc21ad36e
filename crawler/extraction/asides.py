"""Asides: lines of Western, Japanese and Korean bodies that are beside the article, by what they say.

Pointers to other articles (`Read more:`), bylines and dates set into the body, offers (newsletter, app, subscription),
consent for embedded content, tools. Chinese bodies are
read elsewhere.
"""

from __future__ import annotations

import re

from crawler.extraction.lines import Line
from crawler.extraction.names import is_name
from crawler.extraction.words import either

#: Characters that tell what a text is written in.
_ENOUGH = 1000
_HAN = re.compile(r"[\u3400-\u9fff]+")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30fa\uac00-\ud7a3]+")
_SENTENCE = re.compile(r"[.!?…。！？][\"'”»\u2019)]*$")
#: How a pointer to other articles begins, or all that its heading says.
_POINTER = re.compile(
    r"^[\s>»\u203a→▶►●•*+\[【(-]*"
    + either(
        r"read_(?:more|also|next|the_full)(?:_on_this)? also_read see_also see_more"
        r" more_(?:on_this|like_this|stories|from_.{2,30}) watch"
        r" related(?:_(?:articles?|stories|news|coverage|content|topics?|links?|posts?))? recommended(?:_.{2,20})?"
        r" you_may_also_like don['\u2019]t_miss trending(?:_now)? most_(?:read|popular) must_read"
        r" lesen_sie_(?:auch|mehr|dazu|hier).{0,30} (?:lies|lest)_auch auch_interessant mehr_zum_thema.{0,30}"
        r" mehr_(?:dazu|lesen) weitere_artikel das_könnte_(?:sie|dich)_auch.{0,20} passend_dazu zum_thema"
        r" hier_lesen_sie.{0,20} (?:à_)?lire_aussi à_lire.{0,12} lisez_aussi (?:à_)?voir_aussi sur_le_même_sujet"
        r" lea_también lee_también leer_más te_puede_interesar noticias?_relacionadas? más_(?:información|noticias)"
        r" ver_también leggi_anche leggi_tutto potrebbe_interessarti (?:leia|veja)_(?:também|mais) saiba_mais"
        r" lees_(?:ook|meer|verder) les_også les_mer læs_også läs_(?:också|mer|även)"
        r" czytaj_(?:też|także|więcej|również) zobacz_(?:też|także) čtěte_také přečtěte_si.{0,12}"
        r" taip_pat_skaitykite lue_(?:myös|lisää) читайте_(?:также|ещё|еще) читайте_також по_теме"
        r" ilgili_haber(?:ler)? bunlar_da_ilginizi.{0,20} baca_juga xem_thêm 関連(?:記事|ニュース|リンク|キーワード)"
        r" 【?関連記事】? あわせて読みたい 続きを読む おすすめ(?:記事|情報) 관련\s*기사 관련\s*뉴스 더보기"
        r" 당신이_관심.{0,12}"
    )
    + r"",
    re.I,
)
_JOINED = re.compile(r"^[\s]*(?:[:：|–—-]|$|…)")
_TOOL = re.compile(
    r"^[\s\[(|]*"
    + either(
        r"video audio image \d+\s*(?:/|of)\s*\d+[\s|]* copy link_copied e-?mail facebook twitter whatsapp line"
        r" telegram embed advertisement advertisement_\w+ anzeige annonse annons werbung(?:_überspringen)?"
        r" publicidad publicité pubblicità reklama reklame article_content continue_reading story_continues.{0,30}"
        r" show_more load_more view_more.{0,12} more_(?:videos|offers) recommended_videos weitere_videos"
        r" ver_más_artículos back_to_(?:video|top) share_this.{0,40} (?:add_)?comments?"
        r" \d+_(?:comments?|kommentare?r?|commentaires|comentarios|commenti) kommentare\s*(?:drucken|öffnen)?"
        r" player_wird_geladen.{0,10} news_folgen schriftgröße_anpassen!? placeholder_image.{0,6}"
        r" (?:aktuelle_zeit|gesamtdauer).{0,40} neuer_(?:abschnitt|bereich) hauptinhalt"
        r" ende_der_weiteren_informationen .{0,12}box_(?:auf|zu)klappen.{0,30} skip_past.{0,40}"
        r" after_newsletter_promotion add_a_comment save log_in sign_(?:in|up) (?:s.)?inscrire(?:_gratuitement)?"
        r" se_connecter anmelden einloggen \s*abo_abschließen abo_abschliessen(?:login)? 新規登録 ログイン(?:する)?"
        r" メールで送る はてなブックマーク 記事一覧 会員登録(?:する)? この記事の画像を見る.{0,8} th?emen thema temas"
        r" tags? topics? keywords? schlagw[oö]rte?r?.{0,24} 더보기 구독 댓글 noticias?_relacionadas?"
        r" ajouter_à_vos_sélections hinweis: placeholder"
    )
    + r"[\s\])|:…]*$",
    re.I,
)
#: What asks the reader for something; each is looked for in a line that is no long paragraph.
_OFFER = re.compile(
    # No word of these begins within another one: most places need not be looked at.
    r"(?<!\w)"
    + either(
        r"an_dieser_stelle_(?:finden|findest).{0,60}extern externe[rn]?_inhalte?_(?:von|anzeigen|datenschutz)"
        r" empfohlener_redaktioneller_inhalt ich_bin_damit_einverstanden,_dass_mir"
        r" personenbezogene_daten_können_an_drittplattformen mit_einem_klick_(?:anzeigen|laden) inhalte_erlauben"
        r" ein_klick_für_den_datenschutz link_zum_\w+-inhalt ^bitte_aktivieren_sie_javascript"
        r" this_video_has_failed_to_load try_refreshing_your_browser to_see_other_videos_from_our_team"
        r" allow_\w+_content\? this_content_(?:is_hosted|could_not)"
        r" (?:sign_up|subscribe)_(?:to|for|here|now).{0,80}(?:newsletters?|e-?mails?|inbox|app|edition|access|updates)"
        r" signing_up_(?:to|for)_our.{0,60}newsletter"
        r" (?:delivered|straight|sent)_(?:directly_)?to_your_(?:inbox|phone|device|mailbox)"
        r" ^get_(?:the_latest|daily|our).{0,80}(?:newsletter|news_to_your|alerts|app)"
        r" click_here_to_get_the.{0,30}app \bjoin_us_on_whatsapp"
        r" follow_\S+_on_(?:twitter|facebook|instagram|whatsapp|x\b) abonniere.{0,20}(?:whatsapp|newsletter|kanal)"
        r" (?:meiner|ihrer)_anmeldung_zum_newsletter jederzeit_wieder_abmelden newsletter-?(?:promotion|promo)"
        r" ^newsletter: täglichen?_\S*newsletter \bin_der_app_anhören der_vorlesefunktion"
        r" folgst_du_schon.{0,30}auf_whatsapp teile_deine_tipps ^fehler_gefunden senden_sie_uns_ihr_feedback"
        r" hat_ihnen_(?:dieser|der)_artikel_gefallen got_a_(?:news_)?(?:story|tip)\?(?!.{200})"
        r" do_you_have_a_(?:story|tip) for_more_stories_like_this check_out_more_of_the protected_by_recaptcha"
        r" our_website_is_(?:the_place|your_destination) save_this_article_by_registering reserved_for_subscribers"
        r" (?:may|might)_earn_(?:us_)?(?:a|an)_(?:affiliate_)?commission"
        r" affiliate-?links?.{0,60}(?:enthalten|provision|commission) (?:contains?|enthält).{0,20}affiliate"
        r" il_vous_reste_\d.{0,12}de_cet_article la_suite_est_réservée réservée?_(?:aux|à_nos)_abonnés"
        r" pour_ajouter_l.article suscríbete_(?:para|a) este_contenido_es_exclusivo"
        r" contenuto_riservato_agli_abbonati dieser_artikel_wurde_ausgedruckt"
        r" this_article_(?:was_)?first_(?:appeared|published) ^rechte:_ ^bildrechte:_"
    ),
    re.I,
)
_ORIENTAL_OFFER = re.compile(
    "会員限定|有料会員|ご利用には会員登録|会員の方のみ|無断転載|無断複製|무단\\s*전재|재배포\\s*금지|구독하기"
)
_BY = re.compile(
    r"^[\s|•·]*(?:by|von|par|por|di|door|av|af|od|text|autor(?:in)?|author|redaktion|kommentar\svon|words\sby)[:\s]+"
    r"(?P<names>.{3,90})$",
    re.I,
)
_NAMES = re.compile(r"\s*(?:,|/|\||\band\b|\bund\b|\bet\b|\by\b|&|\bog\b|\boch\b)\s*")
_DATED = re.compile(
    r"(?:19|20)\d\d|\b\d{1,2}[:.h]\d\d\b|\b(?:min(?:ute)?s?\.?|lesezeit|lesedauer|minuti|minutos|分|ago|hours?|stunden)\b|\bvor_\d",
    re.I,
)
_DATE_WORDS = re.compile(
    r"^[\s|•·(]*"
    + either(
        r"stand aktualisiert.{0,12} publiziert veröffentlicht.{0,8} erstellt published.{0,6} (?:last_)?updated.{0,6}"
        r" posted.{0,6} publi(?:é|cado|cato|cerad|sert) actuali[sz]ado aggiornato mis_à_jour uppdaterad oppdatert"
        r" opdateret"
    ),
    re.I,
)
_AGENCIES = re.compile(
    r"^[\s(]*(?:(?:mit|quelle:?|source:?|with)\s+)?[A-Za-z\u00c0-\u017f]{2,9}(?:[/,\s]+[A-Za-z]{2,9}){0,4}[\s)]*$"
)
_SOURCE = re.compile(
    r"^[\s(]*(?:quellen?|sources?|fuente|fonte|bron|kilder?|källa|foto|bild|sendung|redaktion|mitarbeit)\s*[:：].{1,80}$",
    re.I,
)


def is_foreign(sample: str) -> bool:
    """Tell whether the text of a body is not Chinese."""
    sample = sample[:_ENOUGH]
    han, others = (sum(map(len, letters.findall(sample))) for letters in (_HAN, _KANA_OR_HANGUL))
    return others * 8 > han or han * 5 < len(sample)


def is_pointer(line: Line) -> bool:
    """Tell whether a line points to other articles: it says so, and is a heading or a link."""
    match = _POINTER.match(line.text)
    if match is None or len(line.text) > 260:
        return False
    rest = line.text[match.end() :]
    return bool(not rest.strip(" :：…>»]】.") or (_JOINED.match(rest) and line.linked > 0.3) or line.linked > 0.6)


def is_link(line: Line) -> bool:
    """Tell whether a line is nothing but the headline of another page; a sentence or an address is the article's."""
    text = line.text
    return (
        line.linked > 0.9 and len(text) > 15 and not text.endswith((".", "。")) and (" " in text or not text.isascii())
    )


def is_heading_of_pointers(text: str) -> bool:
    """Tell whether a line is the heading of other articles and nothing else."""
    match = _POINTER.match(text)
    return match is not None and not text[match.end() :].strip(" :：…>»]】.")


def is_tool(text: str) -> bool:
    """Tell whether a line is a tool of the page, or offers the reader something."""
    if len(text) > 400:
        return False
    if _TOOL.match(text):
        return True
    return len(text) < 330 and (_OFFER.search(text) is not None or _ORIENTAL_OFFER.search(text) is not None)


def is_meta(text: str) -> bool:
    """Tell whether a line above the text says who wrote it, when, or how long it takes to read."""
    if len(text) > 110 or (len(text) > 40 and _SENTENCE.search(text.rstrip("hr."))):
        return False
    if not _DATED.search(text) or not any(c.isdigit() for c in text):
        return is_byline(text)
    return sum(c.isalpha() for c in text) <= 26 or _DATE_WORDS.match(text) is not None or is_byline(text)


def is_byline(text: str) -> bool:
    """Tell whether a line is a byline: `By`, `Von`, `Par`, and names."""
    match = _BY.match(text)
    if match is None:
        return False
    return is_name(_NAMES.split(match["names"].strip())[0].strip(" ."))


def is_closing(text: str) -> bool:
    """Tell whether a line below the text is a credit: `(dpa)`, `Source: …`."""
    if len(text) >= 90:
        return False
    agency = len(text) < 40 and (text.startswith("(") or text[:1].islower()) and _AGENCIES.match(text) is not None
    return agency or _SOURCE.match(text) is not None

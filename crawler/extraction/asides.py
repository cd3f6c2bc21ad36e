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

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30fa\uac00-\ud7a3]")
_SENTENCE = re.compile(r"[.!?…。！？][\"'”»\u2019)]*$")
#: How a pointer to other articles begins, or all that its heading says.
_POINTER = re.compile(
    r"^[\s>»›→▶►●•*+\[【(-]*"
    + either(
        r"read_(?:more|also|next|the_full)(?:_on_this)? also_read see_also see_more more_(?:on_this|like_this|stories|from_.{2,30}) watch"
        r" related(?:_(?:articles?|stories|news|coverage|content|topics?|links?|posts?))? recommended(?:_.{2,20})? you_may_also_like"
        r" don['\u2019]t_miss trending(?:_now)? most_(?:read|popular) must_read"
        r" lesen_sie_(?:auch|mehr|dazu|hier).{0,30} (?:lies|lest)_auch auch_interessant mehr_zum_thema.{0,30} mehr_(?:dazu|lesen) weitere_artikel"
        r" das_könnte_(?:sie|dich)_auch.{0,20} passend_dazu zum_thema hier_lesen_sie.{0,20}"
        r" (?:à_)?lire_aussi à_lire.{0,12} lisez_aussi (?:à_)?voir_aussi sur_le_même_sujet lea_también lee_también leer_más te_puede_interesar"
        r" noticias?_relacionadas? más_(?:información|noticias) ver_también leggi_anche leggi_tutto potrebbe_interessarti"
        r" (?:leia|veja)_(?:também|mais) saiba_mais lees_(?:ook|meer|verder) les_også les_mer læs_også läs_(?:också|mer|även)"
        r" czytaj_(?:też|także|więcej|również) zobacz_(?:też|także) čtěte_také přečtěte_si.{0,12} taip_pat_skaitykite lue_(?:myös|lisää)"
        r" читайте_(?:также|ещё|еще) читайте_також по_теме ilgili_haber(?:ler)? bunlar_da_ilginizi.{0,20} baca_juga xem_thêm"
        r" 関連(?:記事|ニュース|リンク|キーワード) 【?関連記事】? あわせて読みたい 続きを読む おすすめ(?:記事|情報) 관련\s*기사 관련\s*뉴스 더보기"
        r" 당신이_관심.{0,12}"
    )
    + r"",
    re.I,
)
_JOINED = re.compile(r"^[\s]*(?:[:：|–—-]|$|…)")
_TOOL = re.compile(
    r"^[\s\[(|]*"
    + either(
        r"video audio image \d+\s*(?:/|of)\s*\d+[\s|]* copy link_copied e-?mail facebook twitter whatsapp line telegram embed"
        r" advertisement advertisement_\w+ anzeige annonse annons werbung(?:_überspringen)? publicidad publicité pubblicità reklama reklame"
        r" article_content continue_reading story_continues.{0,30} show_more load_more view_more.{0,12} more_(?:videos|offers)"
        r" recommended_videos weitere_videos ver_más_artículos back_to_(?:video|top) share_this.{0,40} (?:add_)?comments?"
        r" \d+_(?:comments?|kommentare?r?|commentaires|comentarios|commenti) kommentare\s*(?:drucken|öffnen)? player_wird_geladen.{0,10}"
        r" news_folgen schriftgröße_anpassen!? placeholder_image.{0,6} (?:aktuelle_zeit|gesamtdauer).{0,40} neuer_(?:abschnitt|bereich)"
        r" hauptinhalt ende_der_weiteren_informationen .{0,12}box_(?:auf|zu)klappen.{0,30} skip_past.{0,40} after_newsletter_promotion"
        r" add_a_comment save log_in sign_(?:in|up) (?:s.)?inscrire(?:_gratuitement)? se_connecter anmelden einloggen"
        r" \s*abo_abschließen abo_abschliessen(?:login)? 新規登録 ログイン(?:する)? メールで送る はてなブックマーク 記事一覧 会員登録(?:する)?"
        r" この記事の画像を見る.{0,8} th?emen thema temas tags? topics? keywords? schlagw[oö]rte?r?.{0,24} 더보기 구독 댓글"
        r" noticias?_relacionadas? ajouter_à_vos_sélections hinweis: placeholder"
    )
    + r"[\s\])|:…]*$",
    re.I,
)
#: What asks the reader for something; each is looked for in a line that is no long paragraph.
_OFFER = re.compile(
    either(
        r"an_dieser_stelle_(?:finden|findest).{0,60}extern externe[rn]?_inhalte?_(?:von|anzeigen|datenschutz)"
        r" empfohlener_redaktioneller_inhalt ich_bin_damit_einverstanden,_dass_mir"
        r" personenbezogene_daten_können_an_drittplattformen mit_einem_klick_(?:anzeigen|laden) inhalte_erlauben"
        r" ein_klick_für_den_datenschutz link_zum_\w+-inhalt ^bitte_aktivieren_sie_javascript this_video_has_failed_to_load"
        r" try_refreshing_your_browser to_see_other_videos_from_our_team allow_\w+_content\? this_content_(?:is_hosted|could_not)"
        r" (?:sign_up|subscribe)_(?:to|for|here|now).{0,80}(?:newsletters?|e-?mails?|inbox|app|edition|access|updates)"
        r" signing_up_(?:to|for)_our.{0,60}newsletter (?:delivered|straight|sent)_(?:directly_)?to_your_(?:inbox|phone|device|mailbox)"
        r" ^get_(?:the_latest|daily|our).{0,80}(?:newsletter|news_to_your|alerts|app) click_here_to_get_the.{0,30}app"
        r" \bjoin_us_on_whatsapp follow_\S+_on_(?:twitter|facebook|instagram|whatsapp|x\b) abonniere.{0,20}(?:whatsapp|newsletter|kanal)"
        r" (?:meiner|ihrer)_anmeldung_zum_newsletter jederzeit_wieder_abmelden newsletter-?(?:promotion|promo) ^newsletter:"
        r" täglichen?_\S*newsletter news-app mehr_lesekomfort \bin_der_app_anhören der_vorlesefunktion"
        r" folgst_du_schon.{0,30}auf_whatsapp teile_deine_tipps fehler_gefunden senden_sie_uns_ihr_feedback"
        r" hat_ihnen_(?:dieser|der)_artikel_gefallen got_a_(?:news_)?(?:story|tip)\?(?!.{200}) do_you_have_a_(?:story|tip)"
        r" for_more_stories_like_this check_out_more_of_the protected_by_recaptcha our_website_is_(?:the_place|your_destination)"
        r" save_this_article_by_registering reserved_for_subscribers"
        r" (?:may|might)_earn_(?:us_)?(?:a|an)_(?:affiliate_)?commission affiliate-?links?"
        r" il_vous_reste_\d.{0,12}de_cet_article la_suite_est_réservée réservée?_(?:aux|à_nos)_abonnés pour_ajouter_l.article"
        r" suscríbete_(?:para|a) este_contenido_es_exclusivo contenuto_riservato_agli_abbonati"
        r" 会員限定 有料会員 ご利用には会員登録 会員の方のみ 無断転載 無断複製 著作権法 무단\s*전재 재배포\s*금지 구독하기"
        r" dieser_artikel_wurde_ausgedruckt this_article_(?:was_)?first_(?:appeared|published) ^rechte:_ ^bildrechte:_"
    ),
    re.I,
)
_BY = re.compile(
    r"^[\s|•·]*(?:by|von|par|por|di|door|av|af|od|text|autor(?:in)?|author|redaktion|kommentar_von|words_by)[:\s]+(?P<names>.{3,90})$".replace("_", r"\s"),
    re.I,
)
_NAMES = re.compile(r"\s*(?:,|/|\||\band\b|\bund\b|\bet\b|\by\b|&|\bog\b|\boch\b)\s*")
_DATED = re.compile(
    r"(?:19|20)\d\d|\b\d{1,2}[:.h]\d\d\b|\b(?:min(?:ute)?s?\.?|lesezeit|lesedauer|minuti|minutos|分|ago|hours?|stunden)\b|\bvor_\d", re.I
)
_DATE_WORDS = re.compile(
    r"^[\s|•·(]*"
    + either(
        r"stand aktualisiert.{0,12} publiziert veröffentlicht.{0,8} erstellt published.{0,6} (?:last_)?updated.{0,6} posted.{0,6} publi(?:é|cado|cato|cerad|sert)"
        r" actuali[sz]ado aggiornato mis_à_jour uppdaterad oppdatert opdateret"
    ),
    re.I,
)
_AGENCIES = re.compile(r"^[\s(]*(?:(?:mit|quelle:?|source:?|with)\s+)?[A-Za-z\u00c0-\u017f]{2,9}(?:[/,\s]+[A-Za-z]{2,9}){0,4}[\s)]*$")
_SOURCE = re.compile(r"^[\s(]*(?:quellen?|sources?|fuente|fonte|bron|kilder?|källa|foto|bild|sendung|redaktion|mitarbeit)\s*[:：].{1,80}$", re.I)


def is_foreign(sample: str) -> bool:
    """Tell whether the text of a body is not Chinese."""
    han, others = len(_HAN.findall(sample)), len(_KANA_OR_HANGUL.findall(sample))
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
    return line.linked > 0.9 and len(text) > 15 and not text.endswith((".", "。")) and (" " in text or not text.isascii())


def is_heading_of_pointers(text: str) -> bool:
    """Tell whether a line is the heading of other articles and nothing else."""
    match = _POINTER.match(text)
    return match is not None and not text[match.end() :].strip(" :：…>»]】.")


def is_tool(text: str) -> bool:
    """Tell whether a line is a tool of the page, or offers the reader something."""
    if len(text) > 400:
        return False
    return _TOOL.match(text) is not None or (len(text) < 330 and _OFFER.search(text) is not None)


def is_meta(text: str) -> bool:
    """Tell whether a line above the text says who wrote it, when, or how long it takes to read."""
    if len(text) > 110 or _SENTENCE.search(text.rstrip("hr.")) and len(text) > 40:
        return False
    letters = sum(c.isalpha() for c in text)
    if _DATED.search(text) and (letters <= 26 or _DATE_WORDS.match(text)):
        return any(c.isdigit() for c in text)
    return is_byline(text)


def is_byline(text: str) -> bool:
    """Tell whether a line is a byline: `By`, `Von`, `Par`, and names."""
    match = _BY.match(text)
    if match is None:
        return False
    return is_name(_NAMES.split(match["names"].strip())[0].strip(" ."))


def is_closing(text: str) -> bool:
    """Tell whether a line below the text is a credit: `(dpa)`, `Source: …`."""
    return len(text) < 90 and bool(
        _SOURCE.match(text) or (len(text) < 28 and text.strip("( )")[:1].islower() and _AGENCIES.match(text)) or (len(text) < 40 and text.startswith("(") and _AGENCIES.match(text))
    )

"""Invented news in English, French, Spanish and Korean; the numbers, days and times are those of `stories`."""

from dataclasses import dataclass, replace

from family_sites.stories import story


@dataclass(frozen=True)
class Tongue:
    """What the stories of a language are made of; `opening` has the place, the number and the part."""

    places: tuple[str, ...]
    titles: tuple[str, ...]
    opening: str
    says: tuple[str, ...]
    authors: tuple[str, ...]


ENGLISH = Tongue(
    ("Northwick", "Eastmoor", "Saltby", "Harrow Quay", "Pennfield"),
    (
        "Dockers at {} vote to keep the night rota",
        "{} nurses win a second break on long shifts",
        "Bus drivers in {} settle after nine weeks",
        "{} bakery workers elect their first committee",
    ),
    "In {}, entry {} of the branch diary has a part {} to it.",
    (
        "The stewards read every card aloud before the count, and nobody asked them to hurry.",
        "Managers agreed to post the roster three weeks ahead and to pay for changes made later than that.",
        "The kettle in the canteen, broken since spring, was mended on the same afternoon.",
        "Members said that the agreement should have been on the table a year ago.",
        "A hardship fund will pay the rent of eleven families until the end of the month.",
    ),
    ("Maud Ferris", "Owen Tallis", "Ruth Okoro"),
)
FRENCH = Tongue(
    ("Marsanne", "Brévent", "Cassagne", "Louvières", "Saint-Aubry"),
    (
        "À {}, les conducteurs obtiennent un repos entier",
        "Les salariées de {} refusent le travail du dimanche",
        "La fonderie de {} signe un accord sur les horaires",
        "{} : la bourse du travail rouvre ses portes",
    ),
    "À {}, la page {} du cahier de la section raconte une partie {} de cette affaire.",
    (
        "Les délégués ont lu chaque bulletin à voix haute, et la salle est restée debout jusqu'à la fin.",
        "La direction s'est engagée à publier les plannings trois semaines à l'avance.",
        "Une caisse de solidarité paiera les loyers des familles jusqu'à la fin du mois.",
        "Les adhérents ont rappelé que cet accord aurait dû être signé il y a un an.",
        "Le lendemain, la nouvelle grille était affichée devant l'atelier de soudure.",
    ),
    ("Élise Marchand", "Karim Besson", "Anne Lorieux"),
)
SPANISH = Tongue(
    ("Villalba del Río", "Montenar", "Puerto Claro", "Almeriza", "Fuente Honda"),
    (
        "La plantilla de {} aprueba el convenio por amplia mayoría",
        "Las limpiadoras de {} consiguen contratos indefinidos",
        "Huelga de autobuses en {} tras nueve semanas de reuniones",
        "{} abre una oficina sindical para jóvenes",
    ),
    "En {}, la hoja {} del cuaderno de la sección cuenta la parte {} de esta historia.",
    (
        "Las delegadas leyeron cada papeleta en voz alta y nadie les pidió que fueran más deprisa.",
        "La empresa se comprometió a publicar los turnos con tres semanas de antelación.",
        "Un fondo solidario pagará el alquiler de once familias hasta el final del mes.",
        "Los afiliados recordaron que este acuerdo tenía que haberse firmado hace un año.",
        "Al día siguiente, la nueva tabla salarial estaba colgada en la puerta del taller.",
    ),
    ("Marta Olmedo", "Iker Zabala", "Rosa Pineda"),
)
KOREAN = Tongue(
    ("푸른들", "새벽항", "달맞이", "한솔", "갈매"),
    (
        "[성명] {} 조선소 야간 교대제를 당장 바꿔라",
        "[논평] {} 병원의 휴게 시간 합의를 환영한다",
        "[보도자료] {} 버스 노동자 총회 결과",
        "[성명] {} 물류센터 폭염 대책을 요구한다",
    ),
    "{} 지부의 기록장 {}쪽에는 이 일의 {}번째 대목이 적혀 있다.",
    (
        "대의원들은 조합원이 적어 낸 쪽지를 하나씩 소리 내어 읽었고, 아무도 서두르라고 하지 않았다.",
        "회사는 근무표를 석 주 전에 게시하고 그 뒤에 바꾼 근무에는 수당을 주겠다고 약속하였다.",
        "연대 기금은 이달 말까지 열한 가구의 월세를 대신 내기로 하였다.",
        "조합원들은 이 합의가 한 해 전에 나왔어야 한다고 거듭 지적하였다.",
        "다음 날 아침, 새로운 임금표가 작업장 문 앞에 붙었다.",
    ),
    ("교육선전실", "정책기획실", "조직쟁의실"),
)


def told(tongue, number):
    """Story `number` in a language: with an author, without source and editor."""
    place = tongue.places[number % len(tongue.places)]
    paragraphs = tuple(
        f"{tongue.opening.format(place, number, part)} {tongue.says[(number + part) % len(tongue.says)]}"
        f" {tongue.says[(2 * number + part + 1) % len(tongue.says)]}"
        for part in range(1, 5)
    )
    title = f"{tongue.titles[number % len(tongue.titles)].format(place)} ({number})"
    author = tongue.authors[number % len(tongue.authors)]
    return replace(story(number), title=title, author=author, source="", editor="", paragraphs=paragraphs)

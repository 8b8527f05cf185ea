"""Languages without replies of Sayso. A match here only makes a message unclear."""

from preference_center.rules.messages.wordings.grammar import Wordings

OTHER = Wordings(
    language=None,
    hints="""
        не пиш*|присыл*|отправля*|звон*|шлит*|беспоко*
        отпи* ~1 меня|мене
        отписать*|отписыва*|відпис*
        удалите|уберите|видаліть|приберіть
        хватит|перестан*|прекрат*|припин*|досить
        больше|більше не
        не хочу|надсил*|хочемо
        стоп
        neposílejte|neposielajte|nepište|nepíšte|přestaňte|prestaňte|odhla*|nechci|nechcem|zastavte
        afmeld|avmeld|frameld|meld_meg_av
        ikke ~2 skriv|send|sende|kontakt|skrive|flere
        slett meg|mig|mitt|nummeret
        slet mig|mit
        vil|ønsker ikke ~3 sms*|beskeder|meldinger|mer|mere|lenger|længere
        ingen flere|mer
        stop|slutt|hold_op med|å
        älä|älkää lähet*|laita*|kirjoita*
        stop med
        ngừng gửi|nhắn
        mesaj ~2 atma*|yolla*
        yazma*|arama* lütfen
        lopeta*|lopettakaa|poista*|en_halua
        nu ~3 trimite*|scrie*|vreau|doresc
        dezabon*
        ne küldj*|írj*|kérek|zaklass*
        leiratkoz*|nem_kérek
        gönderme*|istemiyorum|iptal|abonelikten|listeden|yazmayın
        配信停止|配信を停止|解除|送らない|いりません|要らない|止めて|やめて|不要です|送ってこない
        그만|그만해|그만하세요|보내지|수신거부|거부|차단|중단|해지|싫어요|필요없*
        توقف|توقفوا|أوقف*|يوقف*|لا_ترسل*|لا_تراسل*|إلغاء|الغاء|لا_أريد
        הסר*|הסירו|תפסיקו|להסיר|די
        σταματήστε|σταματα|διαγραφή|διαγράψτε|μη|μην ~2 στέλνετε|μου
        nehmet|odjav*|prestanite|spriniet|спрете|откажи*|отпиш*
        berhenti|jangan ~2 kirim|hubungi|sms
        hủy|huỷ|từ_chối|đừng ~2 gửi|nhắn
        मत भेजो|भेजें|भेजिए|करो
        बंद
    """,
    negations="",
)

"""Polish."""

from preference_center.rules.messages.wordings.grammar import Wordings

POLISH = Wordings(
    language="pl",
    names={
        "rid": "usuń* usuni* usuwa* skreśl* wykreśl* skasuj* kasuj* wymaż* wyrzuć* odpisz* zabierz*",
        "mine": "mnie nas numer* list* baz* kontakt* dan* rejestr*",
        "ending": """zatrzym* wstrzym* zakończ* anuluj* przesta* skończ* zaprzest* wyłącz* powstrzym*
            unikaj* zrezyg* rezygn* koniec stop*""",
        "msg": """sms* esemes* wiadomo* reklam reklama reklamy reklamę reklamą reklamami reklamom
            reklamowych reklamowe reklamowe ofert* newsletter* powiadomie* spam* marketing* promocj*
            whatsapp* subskrypcj* informacji_handlowych informacje_handlowe mailing* śmieci* komunikat*
            treści""",
        "sending": """wysyła* przysyła* pisać spamować nękać dzwonić słać zawracać męczyć kontaktować
            nagabywać przesyłać zasypywać esemesować niepokoić""",
        "dont_send": """wysyłaj* przysyłaj* pisz piszcie spamuj* nękaj* dzwoń* ślij* zawracaj* męcz
            męczcie kontaktuj* przesyłaj* nagabuj* niepokój* wysyłać przysyłać pisać kontaktować dzwonić
            przesyłać""",
        "drop": "usuń* usunąć usunięcie skreśl* wykreśl* wyrzuć* skasuj* zabierz* wymaż*",
        "wish": "chcę chcemy chciałbym chciałabym życzę życzymy potrzebuję potrzebujemy",
        "file": "list* baz* numer* kontakt* rejestr* spis*",
    },
    requests="""
        ^ nigdy więcej $
        nie zgadzam się? na ~2 <msg>
        dajcie|daj spokój ~2 <msg>
        stop|stopp ~2 <msg>
        usunięt*|wykreślon*|skreślon*|wypisan* ~3 <file>
        oszczędź* mi
        wypisz|wypiszcie|wypisać|wypisywać|wypisywanie|wypisanie|wypisuję|wypiszesz|wypiszę|wypisania
        odsubskryb*|wyrejestr*|odsubskryp*
        rezygnuję|rezygnujemy|zrezygnować|rezygnować|rezygnacja|rezygnację|rezygnacji ~4 <msg>|usług*|\
            kontaktu|listy
        rezygnuję|rezygnujemy|zrezygnować|rezygnować|rezygnacja|rezygnację ~1 $
        <drop> ~1 mnie|nas|mój|moje|moją|naszego|ten|ze|z ~4 <file>
        <drop> mnie|nas ~1 stąd|prosz* $
        <drop> mnie|nas $
        <drop> mój ~1 numer*|telefon*
        mój|mojego numer* ~2 <drop>
        mnie|nas <drop>
        przesta*|skończ*|zaprzest* ~4 <sending>|<msg>|wysyłania|pisania|spamowania
        zatrzymaj*|wstrzymaj*|zakończ*|anuluj*|przerwij*|wyłącz*|wyłączyć|zablokuj*|odwołaj|odwołuję ~3 <msg>
        nie <dont_send>|wysyłania ~1 do_mnie|mi|nam|do_nas|mnie|już|więcej|tego|tych|nic|żadn*|<msg>
        nie ~1 mi|mnie|do_mnie|nam ~1 <dont_send>
        nie <dont_send> $
        już|więcej|nigdy ~2 nie <dont_send>
        proszę|prosze ~1 nie <dont_send>
        nie <wish> ~2 sobie? ~5 <msg>
        nie <wish> ~3 otrzymywać|dostawać|kontaktu|czytać
        nie <wish> ~2 żeby*|aby* ~4 pisa*|wysyła*|przysyła*|kontaktowa*|dzwoni*
        nie <wish> ~1 więcej|już|tego $
        nie <wish> sobie
        żadnych|dość|dosyć|koniec|bez ~1 więcej|już|z|ze|tych|waszych ~2 <msg>
        żadnych|dość|dosyć|koniec <msg>
        ani jednego więcej
        nigdy|ani więcej <msg>
        dajcie|daj|dać|proszę_dać ~1 mi|nam ~1 spokój
        zostaw*|odczep* ~1 mnie|nas|się ~1 spokoju|ode_mnie
        zostaw* mnie
        cofam|wycofuję|odwołuję|cofnąć|wycofać|cofnięcie|wycofanie ~2 zgod*
        nie wyrażam|wyrażamy ~2 zgod*
        wnoszę|zgłaszam|składam|wyrażam ~1 sprzeciw*
        sprzeciwiam się
        żądam ~3 usunięcia|zaprzestania|wykreślenia|wypisania
        zaprzestan* ~3 wysył*|kontakt*|<msg>|przetwarz*
        nie kontaktuj*|pisz*|skontaktuj* się? ze_mną|z_nami
        otrzymywać|dostawać ~3 przest*
        przesta* ~1 otrzymywać|dostawać
        proszę ~1 o ~1 niewysył*|nieprzysył*|niepisanie|zaprzestanie|zakończenie|wykreślenie|usunięcie|\
            nieprzesył*
        chcę|chciałbym|chciałabym ~1 stop
    """,
    hints="""
        <rid> ~4 <mine>
        <mine> ~2 <rid>
        <ending> ~4 <msg>|<sending>
        odmawiam|nie_zgadzam|nie_wyrażam|nie_akceptuję
        wolę|wolałbym|wolałabym ~2 mail*|e|email*
        to nie ja|do_mnie
        ^ przestać|przestac|przestańcie|przestań $
        spokój|spokoju
        nie ,? dziękuję|dzięki $
        rzadziej
        mniej ~1 <msg>
        znów|znowu|ponownie|z_powrotem ~3 <msg>|dostawać|otrzymywać|zapis*
        nie|żadn*|ani|dość|dosyć|bez ~3 <msg>|<sending>|<dont_send>|dostawać|otrzymywać
        <msg> ~3 nie|żadn*
        odpisz|odpiszcie mnie
        rezygnuję|rezygnujemy|zrezygnować|rezygnować|rezygnacja|rezygnację|rezygnacji
        kto to|tam|mówi|pisze|jest
        kim jesteś|pan*|jesteście
        skąd ~3 numer*
        zły|błędny|nieprawidłowy|nie_ten|pomylony numer
        pomyłka|pomyłk*
        pomylił* numer*
        nie interesuj*|zainteresowan*
        nie jestem|jesteśmy zainteresowan*
        policj*|uokik|uodo|prawnik*|adwokat*|prokurat*|pozew|pozwę|sądu
        rodo|gdpr|uke
        zgłosz*|zgłaszam|zgłosić
        oszust*|scam|spam*|nękani*|molestowani*|natręt*
        zgod*|zgadzałem|zgadzałam
        nie|nigdy ~3 zapisywa*|podawa*|prosi*|subskrybowa*|zamawia*
        mam ~1 dość|dosyć
        za dużo ~1 <msg>
        mniej <msg>
        odwal*|odczep*|spadaj*|spierdal*|wypierdal*|pierdol*|jebać|wypad|won
        nie chcę|chcemy ~1 $
        nie chcę|chcemy już|więcej|tego
        przestań|przestańcie
        wypisał*|wypisany|wypisana
        mnie|nas ponownie|znowu|znów|z_powrotem
        zapisz* ~2 mnie|ponownie
        usuń*|usunąć|usunięcie|skasuj* ~2 dane|danych|konto
        usuń* ~1 to
        nie żyje
        zmarł*
        dlaczego|czemu|po_co|ciągle ~3 pisze*|wysyła*|dostaję|przychodz*
        nie znam
        nie ~1 mój|moj|jestem
    """,
    innocent="""
        nie ~1 dostaję|otrzymuję|przychodzą|dostajemy ~3 <msg>
        czemu|dlaczego ~2 przestali*|przestał*
        czemu|dlaczego ~1 już ~1 nie <dont_send>|piszecie|wysyłacie
        wysłane|wysłano z ~1 iphone|iphonea|telefonu
        wypis* ~3 recept*|faktur*|zwolnien*|skierowan*|lek*|szpital*|czek*|mandat*|druk*
        wypis* ~1 tusz*|długopis*
        recept*|faktur*|skierowan* ~3 wypis*
        anuluj*|anulować|odwołaj|odwołać|odwołuję|zrezygnować|rezygnuję|zakończ* ~3 \
            wizyt*|zamówieni*|rezerwacj*|termin*|spotkani*|lot*|kurs*|zwrot*|paczk*|stolik*|przesyłk*|umow*
        na|do|od|pod|z|w|za konie*|końc*
        koniec roku|świata|miesiąca|tygodnia|dnia|wakacji|filmu|promocji|końców|języka|zajęć|meczu
        non stop
        autostop*
        znak|znaku|znakiem stop*
        stop klatk*
        nie mogę ~1 przestać
        nie ~2 dostał*|otrzymał*|przyszł*|doszł* ~2 <msg>
        <msg> ~2 nie ~1 dosz*|przysz*|dotar*
        przestań* ~2 śmia*|żartować|pada*|płakać
        przestało
        dziękuję za ~3 <msg>
        poproszę|proszę|chcę|ciekaw* ~2 ofert*
        dajcie|daj ~1 znać
        usuń* zamówieni*
        lista zakupów
    """,
    instructions="""
        wyślij|odpisz|odpowiedz|napisz|wpisz|sms|prześlij|odeślij ~3 stop|koniec|wypisz|rezygnuję|anuluj|\
            tak|start
        aby|żeby|by|chcesz|jeśli_chcesz ~4 zrezygnować|wypisać|rezygnacji|odsubskrybować|zakończyć \
            ~4 wyślij|odpisz|odpowiedz|kliknij|napisz|stop|zadzwoń
        rezygnacja|wypisanie|wypis wyślij|odpisz|kliknij|sms|http*|stop
        stop aby|by|żeby ~2 zrezygnować|wypisać|zakończyć
    """,
    negations="nie nigdy",
    negatives="żadnych żadnej żadnego ani bez dość dosyć",
    bridges="""chcę chcemy chciałbym chciałabym proszę się mnie nas mi jeszcze wcale zamierzam mam zamiaru
        absolutnie trzeba musicie musisz jednak mówię oczywiście czasem tylko tam mojego mój to""",
    doubts="""
        jak|jaki*|gdzie|kiedy|dlaczego|czemu|jeśli|jeżeli|gdybym|gdyby|kto|ile|zastanawiam|może|chyba|zanim|\
            dopóki|co
        czy ~1 mogę|można|mam|muszę|da_się|jest|są|to|ktoś|trzeba|powin*|wystarczy|ja|po
        przez przypadek|pomyłkę
        zapomniał*|prawie|miałem|miałam
        on|ona|oni|wy|ty|żona|mąż|mama|sąsiad ~2 nie
        powiedz*|napisz* ~1 mu|jej|im
    """,
    limits="""
        do jutra|poniedziałku|końca|piątku|wtorku|środy|czwartku|soboty|niedzieli
        w nocy|weekend*|niedziel*|święta|godzinach
        tak|zbyt często|dużo|późno|wcześnie
        po|przed 1*|2*|0*|8|9|godz*
        na razie
        tylko|jedynie ~2 mail*|e|telefon*
        mojej|mojego|mojemu żon*|męż*|mam*|syn*|cór*|brat*|siostr*
        codziennie|co_godzinę
        ale ~3 mail*|zostaw*|chcę|nie
    """,
    polite="""proszę prosze dziękuję dzięki natychmiast teraz już wreszcie kurwa pls dobry dzień witam
        cześć sms smsy smsów wszystko wszystkie zaraz mi mnie się od tego pozdrawiam poproszę bardzo hej
        do""",
    answers="nie tak dobra okej hej witam cześć przepraszam no",
)

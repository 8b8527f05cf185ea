"""Swedish."""

from preference_center.rules.messages.wordings.grammar import Wordings

SWEDISH = Wordings(
    language="sv",
    names={
        "rid": "ta* radera* stryk* plocka* avlägsna* rensa*",
        "mine": "mig oss nummer numret listan register registret uppgifter",
        "ending": """sluta* slut* stopp* stoppa* avsluta* avbryt* avbeställ* avregistr* avanmäl* slopa*
            upphör* avstå* avsäg* undanb* avböj* undvik* stäng*""",
        "msg": """sms* meddelande* reklam* spam* nyhetsbrev* utskick* notis* notiser erbjudande* mejl*
            mail* whatsapp* prenumeration* skräp* aviseringar""",
        "send": """skicka* skriv* sms_a smsa* messa* kontakta* stör* ring* spamma* mejla* maila* höra_av
            tjata* trakassera*""",
        "me": "mig oss mitt mina numret nummer det_här_numret detta_nummer",
        "not": "inte ej aldrig inga",
        "stop": "sluta slutar stopp stoppa upphör upphöra lägg_av",
    },
    requests="""
        stäng ~1 av ~2 <msg>
        vill <not> bli kontakt*|störd|spammad|uppringd
        hör* <not> av
        slopa ~2 <msg>
        avsäg* ~2 <msg>
        nej ~1 till ~2 <msg>
        stop ~2 <msg>
        slippa ~3 <msg>
        slippa få|era
        tas|bli bort|borttagen|borttagna ~2 från
        <stop> ~5 <send>|<msg>
        avsluta*|avbeställ*|avbryt|stäng_av|avböj* ~3 <msg>
        skicka*|sänd* ~1 inget|ingenting|inga ~1 mer|fler
        samtycker|godkänner ~1 inte|ej
        inga|ingen|ingenting|inte ~1 fler|mer|flera ~3 <msg>
        inga|ingen fler|mer|flera tack
        ^ inga ~1 <msg> tack?
        inga <msg> tack
        inga <msg> ~1 till|längre
        vill|önskar|behöver|orkar ~2 <not> ~6 <msg>|kontaktas
        vill <not> ~1 längre $
        vill ~2 <not> ~2 ha|få ~2 mer|fler|detta|det_här|dessa|era
        <send> ~2 <not> ~3 mer|fler|igen|längre|<msg>
        <send> ~1 <not> till? ~1 mig|oss
        <send> ~1 mig|oss <not>
        <not> ~1 <send> ~2 mig|mer|oss|igen
        ta* ~3 bort ~1 <me>
        ta* <me> ~2 bort|av|från
        stryk|radera|plocka_bort|avlägsna ~1 <me>
        bort|ur|från ~2 listan|registret|listor|lista|sändlistan|utskickslistan|er_lista
        avregistrer*|avprenumerer*|avanmäl*|avpren*|avanmal*
        säga*|säg|säger upp ~3 <msg>
        lämna ~1 <me> ~1 ifred|fred
        låt ~1 mig vara
        återkalla*|återtar ~3 samtycke*|medgivande*|godkännande*
        dra*|tar tillbaka ~2 samtycke*|medgivande*
        invänder|motsätter|invändning
        nej till ~2 <msg>
        undanber* ~2 <msg>|mig|fler
        undanbedes
        tacka* nej ~4 <msg>
        jag ~1 vill sluta
    """,
    hints="""
        <rid> ~2 bort ~2 <mine>
        <ending> ~4 <msg>|<send>
        föredrar|hellre ~2 mejl|mail|epost
        vägrar|avböjer
        inte bett|beställt
        nej ,? tack $
        mindre|färre|sällan ~1 <msg>|ofta
        <msg> igen
        listan igen
        inga|inte|ej|aldrig|ingen|nej|utan ~3 <msg>|<send>
        <msg>|<send> ~3 inte|aldrig|inga|nej
        vem är ~1 det*|du|detta|ni
        vilka är ni
        var|varifrån|hur ~2 mitt nummer
        fel ~1 nummer|person
        inte intresserad*
        ointresserad*
        anmäler|anmäla er|dig|detta|till
        polisanmäl*
        polis*|advokat*|jurist*|konsumentverket|imy|datainspektionen|pts
        gdpr|dataskydd*
        spam*|scam|bedrägeri*|trakasser*|oönskad*|bluff*
        aldrig|inte ~3 anmält|prenumerer*|godkänt|bett|samtyckt|tackat
        samtycke*
        dra åt|till
        fuck|fan jävla|off|you
        tjat*|jobbig*|störande|irriterande
        för många ~1 <msg>
        färre <msg>
        nog nu
        det räcker
        nu räcker
        sluta ~1 nu|med|tjata|genast
        vill inte detta|det|mer? $
        lägg av
        försvinn|stick
        avregistrerad
        radera*|ta_bort ~2 uppgifter|konto|data|personuppgifter
        anmäl|lägg_till ~2 mig ~2 igen
        börja ~2 <send> ~2 igen
        varför ~4 <send>|<msg>
        känner ~1 inte
        är inte ~1 jag|min|mitt
        avliden|död
    """,
    innocent="""
        var god|vänlig|snäll ~1 och?
        inte|inga ~1 fått|fick|får ~2 <msg>
        får ~2 inga|inte ~2 <msg>
        varför slutade|slutat
        varför ~1 skickar|skriver ni ~1 inga|inte ~3 längre|mer|sms
        skickat från min
        på|till|i|mot|vid|från slut*
        slut på|i|med ~2 månaden|veckan|året|lager|dagen|nu
        slutar|slutade|sluta jobba|jobbet|skolan|röka|snusa|jobb|klockan|kl
        vad|när|hur|vilken ~4 slutar|slutade
        avboka*|avbeställ*|avbryt* ~3 tid*|bokning*|order*|beställning*|bord|resa*
        kan|kunde inte|ej sluta ~2 skratta|äta|tänka|le|gråta
        sluta skratta|gråta|oroa|skoja
        busstopp|hållplats*
        non stop
        nonstop
        fick|fått|får|kom|kommit|mottagit ~2 inga|inte|inget ~2 <msg>
        tack för ~3 <msg>
        ta bort ~2 produkt*|artikel|vara|order*
        från listan över
        ring mig|upp
    """,
    instructions="""
        svara|skicka|sms|skriv|smsa ~3 stop|stopp|avsluta|nej|start ~2 för|till|så
        svara|skicka|smsa ~2 stop|stopp
        för|vill_du|om_du_vill ~2 avsluta|avregistrera|avprenumerera|avanmäla|avsäga ~5 svara|skicka|sms|\
            klicka|stopp|stop
        avregistrera|avsluta|avanmäl ~1 sms*|svara|skicka|klicka|http*|via|stopp
        stop|stopp för att
    """,
    negations="inte ej aldrig",
    negatives="inga ingen ingenting nej",
    negations_after="inte ej aldrig",
    bridges="vill snälla jag ni att mig er du skulle absolut tänker ska kan bara behöver av",
    doubts="""
        hur|när|var|varför|vad|vem|om|ifall|kanske|vilken|undrar|innan|nästan
        kan|får|måste|ska|skulle|borde|bör|behöver jag|man|vi
        kan|går ~2 inte
        jag ska|måste|borde|kan
        han|hon|de|det|ni|du ~2 inte|aldrig
        säg|be ~1 honom|henne|dem
        av_misstag|råkade
    """,
    limits="""
        till|förrän måndag|tisdag|onsdag|torsdag|fredag|imorgon|lördag|söndag
        så ofta|mycket|många|tidigt|sent
        på|om nätterna|natten|kvällen|kvällarna|helger|helgen|söndagar
        efter|före 1*|2*|klockan|kl
        just nu
        varje dag
        bara|endast ~3 mejl|mail|epost
        men ~4 mejl|mail|gärna
        min|mina fru|man|mamma|pappa|son|dotter|barn
        honom|henne|dem
    """,
    polite="""tack snälla nu genast omedelbart alla allt sms hej tusen vänligen hälsningar mvh jävla fan
        direkt gärna er""",
    answers="nej ja hej tack snälla ok okej förlåt ursäkta hallå",
)

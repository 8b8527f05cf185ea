"""Dutch."""

from preference_center.rules.messages.wordings.grammar import Wordings

DUTCH = Wordings(
    language="nl",
    names={
        "rid": "haal* verwijder* schrap* gooi wis* delete uitschrij*",
        "mine": "mij me ons nummer lijst bestand systeem gegevens database naam",
        "ending": """stop* houd hou ophoud* kap* beëindig* annul* opzeg* stopzet* weiger* blokk* vermijd*
            uitzet*""",
        "msg": """sms* bericht* appje* whatsapp* reclame* spam* nieuwsbrie* mails mail mailtjes meldingen
            aanbieding* advertentie* notificatie* promo* abonnement* rommel tekstbericht* zooi troep""",
        "send": """stur* stuur* schrijv* schrijf* app appen sms smsen sms_en bel bellen contacteer* mail
            mailen spammen benader* contact_op lastig_val* lastigval* storen val_mij val_me toesturen
            zenden contact_opnemen berichten_sturen""",
        "end": """stop stopt stoppen stopzetten beëindig* annuleer annuleren opzeggen hou houd houdt
            blokkeer""",
        "drop": "haal haalt verwijder* schrap* gooi wis wissen delete",
        "me": "mij me ons mijn_nummer mijn_naam mijn_gegevens dit_nummer mijn_telefoonnummer mijn_06",
        "not": "niet nooit geen niks niets",
    },
    requests="""
        zet|schakel|doe ~2 <msg> ~1 uit|af|stop
        wil|willen ~1 niet|nooit meer gecontacteerd|benaderd|gebeld|lastiggevallen|gemaild
        wil ~2 lijst* af
        weiger ~4 <msg>
        stop ~2 <msg>
        lijst*|bestand* ~2 verwijderd|gehaald|geschrapt
        geef ~2 geen toestemming
        bespaar me
        stop|stopt|stoppen|hou|houd|houdt|ophouden|kap|kappen ~3 met|op ~5 <send>|<msg>
        <end> ~4 <msg>
        stop ~1 deze|die|al ~1 <msg>
        <msg> ~3 stoppen|stopzetten|beëindigen|opzeggen|afmelden
        geen ~3 <msg> ~1 meer
        geen <msg> ~1 alstublieft|aub|svp|sturen|a_u_b|ajb
        ^ geen ~1 <msg> $
        wil|willen|wens|wensen|hoef|hoeven ~4 <not> ~5 <msg>|ontvangen|benaderd
        wil|wens|hoef ~1 dit|deze|die|het? niet|niets meer $
        wil|wens|hoef ~4 geen|niets|niks ~5 ontvangen|krijgen
        <send> ~3 <not> ~3 meer|<msg>
        <send> mij|me|ons ~1 <not>
        <not> ~1 meer <send>
        neem|opnemen ~4 geen contact
        geen contact ~1 meer|opnemen|op
        <drop> ~2 <me> ~6 uit|van|lijst*|bestand*|database|weg
        <drop> ~1 <me> $
        <drop> ~1 <me> aub|alstublieft|direct|a|svp|ajb
        <me> ~4 verwijderen|uitschrijven|afmelden|schrappen|wissen|uit_te_schrijven
        <me> ~3 van|uit ~2 lijst*|bestand* ~1 halen|verwijderen|af
        meld* ~3 af
        afmeld*|afmelden|af_te_melden|uitschrij*|uit_te_schrijven|opzegging
        schrijf ~3 uit
        zeg ~5 op
        laat|laten ~2 met_rust
        trek*|intrekken ~5 toestemming ~1 in?
        toestemming in|intrekken
        bezwaar
        van|uit ~1 jullie|de|uw|je|deze lijst*|bestand*|mailinglijst* ~1 af|halen|gehaald
        vergeet mijn_nummer
        val* ~2 niet|nooit ~2 lastig
        genoeg|klaar met ~3 <msg>
    """,
    hints="""
        <rid> ~4 <mine>
        <ending> ~4 <msg>|<send>
        liever ~2 mail|email|post
        nooit ~2 gevraagd
        contact ~3 niet|geen|nooit
        nee ,? bedankt|dank_u|dank_je $
        minder vaak
        weer ~2 <msg>|aan
        geen|niet|nooit|niks|niets|zonder|genoeg ~3 <msg>|<send>
        <msg>|<send> ~3 niet|nooit|geen
        niet zo ~1 aub|alsjeblieft
        niet|minder zo? vaak
        wie is|ben|bent|zijn ~1 dit|dat|je|u|jij|jullie
        hoe|waar|waarvandaan ~3 mijn nummer
        verkeerd* ~1 nummer|persoon|verbonden
        geen interesse
        niet geïnteresseerd
        aangifte|politie|advocaat|acm|autoriteit*|rapporteer*|klacht|rechter
        avg|gdpr|privacy*
        spam*|stalk*|oplicht*|lastig|ongewenst*|scam
        nooit|niet|geen ~4 aangemeld|ingeschreven|gevraagd|toegestemd|gegeven|geabonneerd
        toestemming
        rot|flikker|sodemieter|donder|tyf* op
        fuck|val dood|off|you
        genoeg
        hou ~1 op
        houd|hou ermee
        stop|kap|kappen ~1 hiermee|ermee|daarmee|nu
        te veel ~1 <msg>
        minder <msg>
        zat
        wil|willen niet dit|dat|meer? $
        ga|donder weg
        afgemeld|uitgeschreven
        schrijf ~1 mij|me ~1 weer in
        aanmelden
        verwijder* ~3 gegevens|account|data
        waarom ~4 <send>|<msg>|stuurt|krijg
        ken ~2 niet
        niet ~1 mij|de_juiste
        overleden
        lazer op
    """,
    innocent="""
        krijg|ontvang|krijgen|ontvangen ~3 geen ~2 <msg>
        einde van|der|maand|week|dag|jaar|middag
        het|aan|op|tot|naar|eind einde
        annuleer|annuleren|opzeggen|verwijder* ~4 afspraak|bestelling|boeking|reservering|order|tafel|\
            vlucht|levering
        afspraak|bestelling|boeking|reservering|order|tafel|vlucht ~4 annuleren|afzeggen|opzeggen|verwijderen
        opzeggen|zeg ~3 huur|baan|contract
        bushalte
        kan|kon niet ~1 stoppen|ophouden
        stop* ~2 met ~1 roken|lachen|drinken|huilen|regenen|werken|eten
        heb|kreeg|ontving|krijg|kregen|hebben ~3 geen ~2 <msg>
        non stop
        nonstop
        bedankt voor ~3 <msg>
        nooit meer zonder
        laat ~1 weten
        stuur* mij|me ~1 info*|foto*
        meer info*
        waarom stu*|schrij*|app*|krijg* ~2 <not> <msg>? ~1 meer
        waarom ~3 gestopt|opgehouden
        stop ~5 in de|het|een brievenbus|zak|tas|doos|envelop|oven|wasmachine
        verzonden|verstuurd vanaf|met|van mijn
        geen zorgen|probleem|idee|tijd
    """,
    instructions="""
        antwoord*|stuur*|sms|verstuur|reageer|typ ~3 stop|afmelden|uit|aan|start ~2 om|naar|voor|en
        antwoord*|reageer|verstuur ~3 stop
        om|voor ~2 af_te_melden|afmelden|uit_te_schrijven|stoppen|te_stoppen|uitschrijven ~4 \
            antwoord*|stuur*|sms|klik|stop|reageer|http*
        afmelden|uitschrijven ~1 sms|stuur|via|klik|http*|stop
        stop om|naar|voor ~1 af|uit|1*|2*|3*|4*|afmelden
    """,
    negations="niet nooit zonder",
    negatives="geen niets niks",
    negations_after="niet nooit",
    bridges="mij me ons alsjeblieft aub wil ik je jullie alstublieft graag hoor meer te ermee u af echt",
    doubts="""
        hoe|wanneer|waarom|waar|wat|wie|of|als|indien|welke|misschien|tenzij|voordat|hoezo
        kan|mag|moet|zal|zou|kun ik|men|we|wij
        ik ~1 moet|kan|zal|ga
        hij|zij|ze|mijn_ex|jullie|niemand ~2 niet|nooit
        zeg|vraag ~1 hem|haar|hun
        per_ongeluk|bijna
    """,
    limits="""
        tot maandag|dinsdag|woensdag|donderdag|vrijdag|morgen|volgende|zaterdag|zondag
        zo vaak|veel|laat|vroeg
        s nachts|avonds|ochtends
        na|voor 1*|2*|middernacht
        in het weekend|nacht
        op zondag
        elke|iedere dag|week
        alleen|enkel ~3 mail*|email*
        maar ~4 mail*|email*|wel
        mijn vrouw|man|moeder|vader|zoon|dochter
        even|voorlopig
    """,
    polite="""alstublieft alsjeblieft aub svp bedankt dank u je wel nu direct onmiddellijk meteen alles
        alle sms hallo hoi beste graag groet groeten ajb verdomme godverdomme a b""",
    answers="nee ja hallo hoi bedankt ok oké sorry mensen dag",
)

"""German. Umlauts may be written out: hoeren."""

from preference_center.rules.messages.wordings.grammar import Wordings

GERMAN = Wordings(
    language="de",
    names={
        "rid": "lösch* loesch* entfern* streich* austrag* raus* runter* herausnehm* rausnehm*",
        "mine": "mich uns nummer* liste verteiler* daten kontakt* datenbank adresse",
        "cease": """stopp* beend* abbestell* einstell* unterlass* unterlaß* kündig* kuendig* untersag*
            verbiet* verbitte* verzicht* ableh* lehne* storn* deaktiv* abschalt* ausschalt* abseh*
            abzuseh*""",
        "nix": "nix nichts nüscht",
        "msg": """sms* nachricht* werbung werbe* newsletter* spam* mitteilung* whatsapp* benachrichtigung*
            angebot* reklame* zeug texte mails mail meldungen zusendung* abo abonnement* infos müll
            kontakt anrufe botschaften""",
        "send": """schreib* schick* send* kontaktier* anschreib* nerv* belästig* belaestig* spam* zuspam*
            text* zusend* zuschick* simsen zu_schreiben zu_schicken zu_senden zuzusenden zuzuschicken
            anruf* anzuschreiben anzurufen schreibst kontaktaufnahme meld* zu_nerven zu_belästigen""",
        "end": """stop stopp stoppt stoppen stoppe beende* abbestell* einstellen unterlass* kündig*
            kuendig* abbrechen abschalten ausschalten deaktivier* blockier*""",
        "ending": """stoppen beenden abbestell* einstellen unterlassen kündigen kuendigen abschalten
            deaktivieren abzubestellen stornieren ausschalten""",
        "drop": "lösch* loesch* entfern* streich*",
        "take": "nehm* nimm trag* werft schmeiß*",
        "me": "mich uns meine_nummer meine_handynummer meinen_namen diese_nummer unsere_nummer mein_handy",
        "no": "kein keine keinen keinerlei keiner nie_wieder nie_mehr",
        "wish": """will wollen möchte moechte möchten moechten wünsche wuensche wünschen brauche brauchen
            mag wünsch will_ich""",
    },
    requests="""
        schalt*|stell* ~1 die|eure|alle ~1 <msg> ~1 ab|aus|ein
        seh* ~1 von ~2 <msg> ab
        löschung|entfernung|streichung|austragung ~1 meiner|unserer nummer|daten|telefonnummer|handynummer
        <wish> ~1 nix ~2 mehr
        will|möchte|wollen ~1 <nix> ~1 mehr ~3 hören|lesen|wissen|haben
        verzichte|verzichten auf ~2 <msg>
        untersag*|verbiet*|verbitte* ~5 <msg>|kontaktaufnahme
        kontaktier* ~1 mich|uns ~1 nicht
        <msg> ~1 stornieren|abstellen
        zieh*|nehm* ~4 einwilligung|zustimmung|erlaubnis ~1 zurück
        verschon* ~1 mich|uns
        <end> ~4 <msg>
        <msg> ~3 <ending>
        hör*|hoer* ~3 auf|endlich_auf ~4 <send>|<msg>
        aufhör*|aufhoer*|aufzuhören|aufzuhoeren ~4 <send>|<msg>
        <send>|<msg> ~2 aufhör*|aufhoer*
        <no> ~2 <msg> ~1 mehr
        <no> weitere*|mehr ~1 <msg>
        bitte|ab_sofort|künftig|ich ~1 <no> ~2 <msg>
        <no> ~2 <msg> bitte|danke $
        ^ <no> ~1 <msg> $
        <no> ~2 <msg> ~1 schick*|send*|zusend*|zuschick*|schreib*
        schick*|send* ~3 <no> ~3 <msg>
        <wish> ~3 <no>|nichts|nicht ~4 <msg>
        <wish> ~1 das|dies|diese|sowas|es ~1 nicht|nie ~1 mehr
        will|wollen|möchte|moechte|wünsche nicht|nichts mehr $
        <wish> nichts mehr ~3 hören|erhalten|bekommen|von
        <wish> ~3 nicht ~4 kontaktiert|angeschrieben|angerufen|belästigt|belaestigt|zugespamt|gestört|genervt
        nicht|nie|niemals mehr|wieder|länger <send>|anschreib*|kontaktier*|anruf*
        schreib*|schick*|send*|kontaktier*|meld*|text*|nerv* ~4 nicht|nie|niemals|nichts ~1 mehr|wieder
        schreib*|schick*|send*|kontaktier*|nerv* ~1 mir|mich|uns|mehr nicht|nie|niemals|nichts
        nicht|nie|niemals ~1 anschreiben|kontaktieren|belästigen|belaestigen
        lass* ~4 ruhe|frieden
        <drop> ~2 <me> ~5 aus|von|raus|heraus|runter|liste|verteiler|weg
        <take> ~2 <me> ~5 aus|von|raus|heraus|runter|weg
        <drop> ~2 <me> ~1 bitte|sofort
        <drop> ~1 <me> $
        <me> ~4 löschen|loeschen|entfernen|streichen|austragen|rausnehmen|herausnehmen|nehmen|abmelden|\
            abzumelden
        nummer|daten|kontakt ~3 aus|von ~3 löschen|loeschen|entfernen|streichen|nehmen
        aus|von dem|der|eurem|ihrem|eurer|ihrer|deiner verteiler*|liste|kartei|datenbank
        raus|runter aus|von
        meld* ~3 ab
        abmelden|abmeldung|abzumelden|abmelde
        abbestell*|abzubestellen
        bestell* ~4 ab
        trag* ~4 aus
        austragen|auszutragen|deabonnier*|deabo|entabonnier*
        widerruf* ~3 einwilligung*|zustimmung|erlaubnis|genehmigung|einverständnis*
        widersprech*|widerspruch|einspruch
        entzieh* ~4 einwilligung|erlaubnis|zustimmung
        schluss|genug|ende|schluß mit|von ~3 <msg>|<send>
        vergesst|vergiss|vergessen ~1 meine nummer
        keine einwilligung|zustimmung
        von|auf ~3 <msg> ~1 absehen|abzusehen|verzichten|verzichte
    """,
    hints="""
        unterlass*|unterlaß*
        <rid> ~4 <mine>
        <mine> ~4 <rid>
        <cease> ~4 <msg>|<send>|kontaktaufnahme
        will|möchte ~1 lieber ~1 mail*|email*
        lieber|nur per ~1 mail|email|post
        nichts|nix bestellt|abonniert
        stoppt|stoppen|lasst|lassen ~1 das|es|sie_das $
        <msg> ~3 <ending>
        nein|nee ,? danke $
        nicht so oft|viel|viele|häufig
        seltener
        wieder ~3 <msg> ~2 bekommen|erhalten|haben
        <no>|nicht|nie|nichts|ohne|genug|weiterer|weiteren|weitere ~3 <msg>|<send>|zusend*
        <msg>|<send> ~3 nicht|nie|nichts|<no>
        zeige|zeig ~3 an
        wer ist|bist|sind|seid|schreibt ~1 das|da|du|sie|ihr|dort|hier
        wer bist|sind
        woher ~2 nummer
        woher haben|habt|hast
        falsche*|verkehrte* ~1 nummer|person|verbindung
        falsch verbunden
        nummer ist falsch
        kein interesse
        nicht|nie interessiert
        desinteress*
        anzeige|anzeigen|polizei|anwalt*|rechtsanwalt|abmahn*|verklag*|verbraucherzentrale|\
            bundesnetzagentur|gericht
        dsgvo|gdpr|datenschutz*|art|artikel 21|17
        melde|melden|gemeldet ~3 spam|bundesnetzagentur|behörde|polizei
        spam*|belästig*|belaestig*|scam|betrug|betrüger*|unverlangt*|unerwünscht*|unerwuenscht*|stalk*
        nie|nicht|keine ~4 angemeldet|zugestimmt|abonniert|eingewilligt|bestellt|erlaubt|einverstanden
        einwilligung|einverständnis|zustimmung
        verpiss*|fick*|verzieh*|leck
        geht|gehst ~1 mir|uns ~3 nerven|sack|keks|geist
        nervt|nerven|nervig
        hau* ~1 ab
        ruhe
        hört|hör|hoert|hoer bitte|endlich|mal|jetzt|doch|sofort? auf
        hören|hoeren sie ~2 auf
        aufhören|aufhoeren
        zu|viel* viele <msg>
        weniger <msg>
        es|mir|jetzt reicht
        genug ~1 <msg>
        abgemeldet
        lösch*|loesch* ~3 daten|konto|account
        <drop> mich
        melde* ~3 wieder|an
        anmelden|angemeldet
        warum|wieso|weshalb|ständig|dauernd ~4 schreib*|schick*|<msg>
        kenne ~2 nicht
        bin|ist nicht ~3 person|richtige*
        verstorben|gestorben
        ich will nicht $
        lassen sie das
        lass|lasst das
    """,
    innocent="""
        bekomm*|erhalt*|krieg*|empfang* ~3 <no> ~2 <msg> ~1 mehr
        warum|wieso|weshalb|schade_dass ~4 schreib*|schick*|send*|meld* ~4 nicht|keine <msg>? ~2 mehr
        von meinem iphone|handy|samsung gesendet
        gesendet von
        am|bis|zum|gegen|zu|vom|seit|ans ende
        ende des|der|vom|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|\
            nächster|dieser
        monatsende|wochenende
        termin*|bestellung*|buchung*|reservierung*|tisch|zimmer|flug|lieferung ~4 \
            stornier*|absag*|abbestell*|kündig*|löschen|abbrech*|beenden
        stornier*|absag*|abbestell*|kündig*|abbrech*|beende* ~4 termin*|bestellung*|buchung*|reservierung*|\
            tisch|flug|lieferung
        kündig*|kuendig* ~3 wohnung|job|arbeit|vertrag|mietvertrag|handyvertrag|stelle
        wohnung|job|arbeit|mietvertrag|stelle ~2 kündig*|gekündigt|gekuendigt
        hab*|hatte|wurde ~2 <no> ~1 <msg> ~1 bekommen|erhalten|gekriegt|gesehen|empfangen
        ist|kam|kommt|kamen|bekam ~2 <no> ~1 <msg>
        nicht aufhören ~2 lachen|grinsen|essen|lächeln|weinen
        hör*|hoer* ~2 auf ~2 lachen|weinen|heulen|jammern
        nonstop
        non stop
        bushaltestelle
        stop over
        stoppschild
        auf dem laufenden
        freue ~5 <msg>|nachricht
        danke für ~3 <msg>
        melde mich ~1 morgen|später|dann|bei|wieder|gleich|bald
        keine ahnung|sorge|frage|problem|zeit|angst
        auf der liste
    """,
    instructions="""
        antwort*|sende*|schick*|schreib*|text*|sms|tipp* ~4 stop|stopp|abmelden|ende|start ~2 um|zum|an|\
            abmelden|abzubestellen|zur
        antwort*|sende*|schick* ~3 stop|stopp
        zum|zur|um ~2 abmelden|abmeldung|abbestellen|abzumelden|abzubestellen|beenden ~3 \
            antwort*|sende*|schick*|klick*|stop|stopp|sms|http*
        abmelden|abmeldung|abbestellen mit|via|per|unter|über|an|sms|http* ~1 stop|stopp|http*
        stop|stopp zum|zur|um abmelden|abmeldung|abbestellen
        stop|stopp an 1*|2*|3*|4*|5*|6*|7*|8*|9*
    """,
    negations="nicht nie niemals ohne keinesfalls",
    negatives="kein keine keinen keiner keinerlei nichts",
    negations_after="nicht nie niemals",
    bridges="""bitte mich uns mir mehr sie ihr euch das damit auf gar überhaupt jetzt einfach doch
        wirklich wollen zu""",
    doubts="""
        wie|wann|warum|wieso|weshalb|wo|wohin|ob|wenn|falls|was|wer|wodurch|welche*|vielleicht|eventuell|\
            bevor|sobald
        kann|könnte|koennte|darf|soll|sollte|muss|kann_man|möchte_ihr ich|man|wir
        ich ~1 werde|muss|sollte|kann|könnte
        er|meine_frau|mein_mann|es ~2 nicht
        kann|konnte|geht|klappt ~3 nicht
        sag|sage|sagen ~1 ihm|ihr|ihnen
        aus_versehen|versehentlich|fast|beinahe
    """,
    limits="""
        bis montag|dienstag|mittwoch|donnerstag|freitag|morgen|ende|nächste*|zum|samstag|sonntag
        so oft|viel|viele|früh|spät|häufig|spaet
        nach|vor 1*|2*|mitternacht
        nachts|abends|morgens|sonntags
        in der|dieser nacht|woche|zeit
        am wochenende|sonntag
        nur ~3 mail*|email*|whatsapp
        sondern
        täglich|jeden
        meiner|meinem|meine|meinen frau|mann|mutter|vater|sohn|tochter|chef
        vorerst|erstmal|momentan
        aber ~4 weiter*|mail*|noch
    """,
    polite="""bitte danke sofort jetzt alle alles sms endlich hallo hi verdammt nochmal mal umgehend ab
        guten tag vielen dank sehr geehrte damen herren gerne liebe grüße mfg gruß bitteschön an""",
    answers="nein ja hallo hi danke bitte ok okay nee ne entschuldigung sorry leute",
)

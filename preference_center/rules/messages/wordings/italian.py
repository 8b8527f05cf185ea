"""Italian."""

from preference_center.rules.messages.wordings.grammar import Wordings

ITALIAN = Wordings(
    language="it",
    names={
        "rid": "cancell* togli* rimuov* elimin* leva* rimozione",
        "mine": "mi mio numero lista elenco dati database nominativo rubrica",
        "ending": """smett* ferm* annull* disdi* disatt* interromp* blocc* sospend* cess* rifiut* basta
            evit* asten* disattiv*""",
        "msg": """sms messaggi* messagg* pubblicit* spam* promo* offert* newsletter* notific* whatsapp*
            mail email comunicazion* avvis* reclam* msg msgs messaggini iscrizione abbonamento servizio""",
        "send": """mand* invi* scriv* contatt* disturb* messaggi* chiam* tempest* stress* rompere rompermi
            spamm* importun* scoccia* telefon* assill* tartass*""",
        "dont_send": """mandate* mandatemi mandarmi mandare mandarci mandi inviate* inviatemi inviarmi
            inviare inviarci scrivete* scrivetemi scrivermi scrivere scriverci scriva contattate*
            contattatemi contattarmi contattare contattarci disturbate* disturbarmi disturbare
            disturbatemi chiamate* chiamatemi chiamarmi rompete mandarmene inviatemene scrivermi""",
        "drop_me": """cancellami cancellatemi cancellarmi cancellateci toglietemi toglimi togliermi
            toglieteci rimuovetemi rimuovimi rimuovermi eliminatemi eliminami eliminarmi levatemi levami
            disiscriv* disiscriz* depennatemi""",
        "drop": "cancell* togl* rimuov* elimin* leva* depenn* rimozione rimoss* tolt*",
        "wish": "voglio vogliamo desidero desideriamo vorrei intendo gradisco accetto autorizzo",
    },
    requests="""
        non <wish> ~1 essere ~1 contattat*|disturbat*|chiamat*
        chiedo|prego ~1 non ~3 ricever*|<msg>
        smettete|smettetela|smettila ~1 $
        rifiuto ~4 <msg>
        stop ~2 <msg>
        essere ~1 rimoss*|cancellat*|tolt*|eliminat*
        risparmiatemi ~3 <msg>
        smett*|basta|finit*|piant*|cess*|stop|finiamola ~2 di|con ~3 <send>|<msg>
        smett*|cess* ~1 <send>
        smett*|cess* di ~1 ricever*
        non ~1 mi|ci ~1 <dont_send>
        non <dont_send> ~2 più|mai|altr*|nulla|niente|<msg>
        non mandatemi|inviatemi|scrivetemi|contattatemi|disturbatemi|chiamatemi|scrivermi|mandarmi|inviarmi|\
            contattarmi
        non <wish> ~6 <msg>
        non <wish> ~2 più ~1 ricever*|essere|saperne|nulla|niente|sentir*
        non <wish> ~1 ricever*
        non <wish> più $
        basta|stop|niente|nessun*|mai|no ~1 più ~1 <msg>
        basta|stop|niente|nessun* ~1 altr* ~1 <msg>
        basta|niente|nessun* <msg>
        basta con
        <drop_me>
        <drop> ~2 mio|mia ~1 numero|contatto|nominativo|nome|utenza
        <drop> ~6 lista|elenco|database|mailing|rubrica|liste|elenchi
        annull*|disdi*|disatt*|interromp*|blocc*|ferm*|sospend*|cancell*|terminate|\
            terminare ~4 <msg>|invio
        lasci*|lasciatemi|lasciami|lasciateci ~1 pace|stare
        lasci* ~1 in pace
        revoc*|ritir* ~3 consenso|autorizzazione
        oppongo|opposizione
        voglio|vorrei|desidero|chiedo ~2 disiscri*|disdire|cancella*|rimozione|cancellazione|interrompere
        dimenticate ~2 numero
        recesso
    """,
    hints="""
        <rid> ~4 <mine>
        <ending> ~4 <msg>|<dont_send>
        preferisco ~2 email|mail|posta
        che palle
        ^ smettete|smettila|smettetela|basta $
        non ho ~1 chiesto|richiesto
        non voglio ~1 essere
        no ,? grazie $
        meno spesso
        ricevere ~1 nuovo
        di nuovo ~2 <msg>
        non|niente|nessun*|mai|senza|no ~3 <msg>|<dont_send>
        <msg> ~2 no|mai|non
        chi è|sei|siete|parla|scrive|sarebbe
        come|dove|da_dove avete|hai|ha ~3 numero
        numero sbagliato|errato
        sbagliato ~1 numero|persona
        non ~2 interess*
        denunci*|polizia|carabinieri|avvocat*|garante|segnal*|querel*|tribunale|postale
        gdpr|privacy|dati_personali
        spam*|truff*|molest*|scam|indesiderat*|stalk*
        mai|non ~3 iscritt*|autorizzat*|richiest*|chiest*|dato|acconsentit*|registrat*
        consenso
        vaffanculo|fanculo|andate|sparite|levatevi|vai ~1 a|via|cagare
        vaffanculo|fanculo|sparite
        basta ~1 così|per
        ora basta
        avete rotto
        mi avete|hai stufat*|rotto|stancat*
        troppi ~1 <msg>
        meno <msg>
        smett*|piantatela|finitela
        non voglio nulla|niente|questo? $
        disiscritt*|iscrivetemi|iscrivimi
        iscriv* ~2 nuovo
        cancell*|elimin* ~2 dati|account|profilo
        perché ~4 <send>|<msg>
        non ~1 conosco
        non sono ~1 io|la|il
        decedut*|morto|morta|defunt*
    """,
    innocent="""
        non ~2 ricevo|riceviamo|arrivano ~3 <msg>
        perché ~1 non ~2 scriv*|mand*|invi* ~2 più
        perché ~2 smesso
        inviato da|dal
        basta ~1 chiedere|cliccare|mostrare|presentare|dire|fare|andare
        alla|la|il|a|fino|in|lieto|verso|per fine
        fine settimana|mese|anno|del|della|di|giornata
        fermata
        non riesco|posso ~2 smettere
        smett* di ~1 ridere|piovere|fumare|piangere|mangiare|scherzare
        annull*|cancell*|disdi* ~4 ordin*|appuntament*|prenotazion*|volo|tavolo|consegna|visita|viaggio|\
            biglietto
        disdi* ~2 contratto|palestra
        ferma ~1 a|qui|davanti|al|alla
        mi fermo
        non ~2 ricevuto|arrivat*|ho ~4 <msg>
        <msg> ~2 non ~2 arriva*
        grazie per|del|dei|della ~3 <msg>
        basta ~2 poco|così_poco|un|una|che
        non stop
        non smett*
        non mi ha|hanno
        interessa* ~3 offert*
    """,
    instructions="""
        rispond*|invi*|scriv*|mand*|digit*|sms ~3 stop|annulla|cancella|basta|sì|start ~2 per|al|e
        rispond*|invi* ~2 stop
        per ~4 disiscriv*|cancella*|annulla*|disattiva*|interrompere|smettere ~5 rispond*|invi*|scriv*|\
            clicc*|stop|mand*|http*
        stop per|al ~2 cancell*|disiscriv*|annull*|non|3*|4*
        disiscrizione|cancellazione|stop ~1 http*|www*|clicc*|rispond*
    """,
    negations="non mai senza",
    negatives="nessun nessuno nessuna niente nulla più",
    bridges="""mi ci vi si voglio volete dovete vogliamo desidero per favore ancora assolutamente il la i
        intendo bisogno di ho che""",
    doubts="""
        come|quando|dove|perché|chi|se|quale|quanto|cosa|che_cosa|forse|prima|magari
        posso|potrei|devo|dovrei|possiamo|si_può
        lui|lei|loro|mia_moglie|voi|tu|nessuno ~2 non
        dite|digli|ditegli|chiedi
        per_errore|per_sbaglio|quasi
    """,
    limits="""
        fino a|al|alla|domani|lunedì
        di|la notte|sera|domenica
        così spesso|tanti|tardi|presto
        dopo|prima ~1 le|delle|di 1*|2*|8|9|dieci|nove|mezzogiorno
        per|al ora|momento
        ogni|tutti giorno|i
        solo|soltanto ~3 mail|email
        ma ~4 mail|email|continuate
        a mia|mio moglie|marito|madre|figlio|figlia|padre
    """,
    polite="""per favore perfavore grazie ora adesso subito tutto tutti tutte sms ciao buongiorno salve
        buonasera cortesia mille saluti cordiali immediatamente cazzo gentilmente piacere""",
    answers="no sì si ciao grazie scusa scusate salve ok buongiorno",
)

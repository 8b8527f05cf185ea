"""French."""

from preference_center.rules.messages.wordings.grammar import Wordings

FRENCH = Wordings(
    language="fr",
    names={
        "rid": "retir* supprim* enlev* enlèv* ray* effac* sortez suppression",
        "mine": "moi me m nous numéro* liste* fichier* coordonnées contact* base données nom",
        "ending": """arrêt* cess* annul* supprim* résili* bloqu* interromp* stopp* suspend* refus*
            désactiv* finissez abst* évit*""",
        "msg": """sms texto* message messages pub pubs publicité* publicitaire* spam* newsletter*
            notification* promo* offre* courriel* mail mails whatsapp* envoi envois communication* alerte*
            sollicitation* démarchage* abonnement* infolettre* msg msgs""",
        "send": """envoy* envoi* écri* contact* harcel* harcèl* spam* dérang* embêt* emmerd* sollicit*
            relanc* appel* importun* texter téléphon* saoul* recontact* polluer""",
        "end": """arrêt* stop stoppe* stoppez cess* annul* supprim* résili* bloqu* interromp* finissez
            suspend* désactiv* fini terminer terminez""",
        "drop": "retir* supprim* enlev* enlèv* ray* effac* ôte* éliminez sortez",
        "never": "plus jamais pas aucun* rien",
        "wish": "veux veut voulons souhait* désir* voudr* veu accepte tiens",
    },
    requests="""
        ne mecri*|mécri*|menvoy*|mecontact* plus|pas
        refuse ~3 <msg>|recev*
        résili*|annul* ~1 mon|l inscription|abonnement
        cess* ~1 l|les|vos|tout|tous envoi*
        <rid> ~1 mes|mon coordonnées|numéro|contact
        <drop> ~4 liste*|fichier*|répertoire*
        épargnez moi
        <end> ~1 de|d ~3 <send>
        <end> ~3 <msg>
        arrêt*|stop|cess* avec vos|les|ces
        mett* fin ~4 <msg>|abonnement|inscription
        ne|n ~2 <send> ~2 plus|jamais
        ne|n ~2 contact*|écri*|harcel*|harcèl*|dérang*|spam*|sollicit*|importun*|texter ~1 pas
        ne|n ~1 envoy* pas ~1 de|vos|ces|vos ~1 <msg>
        me|m|nous <send> plus|pas|jamais
        me|m|nous plus|jamais <send>
        ^ plus ~1 de|d|aucun* ~1 <msg>
        plus ~1 aucun* ~1 <msg>
        ne|n ~1 <wish> ~1 <never> ~5 <msg>|recev*|être|entendre|rien|avoir
        <wish> plus|pas|rien|aucun* ~2 recev*|être
        ne ~1 plus|pas ~2 recevoir|être_contacté*|<send>
        ne|n <wish> plus rien|rien_recevoir
        aucun* ~1 <msg> ~2 merci|svp|plus
        pas|jamais de <msg> ~1 merci|svp|stp
        désabonn*|désinscri*|desincri*|désincri*|désabo
        <drop> ~1 moi|mon|nous|mes|ma|me|m ~6 liste*|fichier*|base*|numéro*|répertoire*|contact*|nom|diffusion
        <drop> moi|nous $
        <drop> moi|nous svp|s|merci|immédiatement|tout_de
        me|m|nous <drop> ~4 liste*|fichier*|base*
        laiss* ~1 moi|nous|me ~1 tranquille*|en|paix
        fichez|foutez|fiche|fous ~1 moi|nous ~1 la|paix
        lâch* moi|nous
        oubli* ~1 moi|mon_numéro
        assez|marre de|d|des|avec ~2 <msg>
        fini|finis|terminé les|ces|vos <msg>
        retir*|révoqu*|annul* ~2 consentement|accord|autorisation
        m oppose
        opposition ~5 prospection|traitement|<msg>|données
        je ~1 veux|voudrais|souhaite ~1 arrêter|stopper|résilier|me_retirer
        pas ~1 me|m <send>
        ne prenez|prends plus|pas ~1 contact
        ne <send> plus
    """,
    hints="""
        <rid> ~3 <mine>
        <ending> ~4 <msg>|<send>|inscription|abonnement|harcèlement
        préfère|préférerais ~2 mail*|courriel*|email
        qui me parle|écrit|contacte
        jamais ~1 demandé
        non ,? merci $
        moins souvent
        nouveau ~2 recevoir
        pas|plus|jamais|aucun*|assez|sans ~3 <msg>
        <msg> ~2 pas|jamais|assez|non
        ne|n ~2 <send> ~1 pas|plus|jamais
        qui est|êtes|es|c|t
        c est qui
        t es qui
        vous êtes qui
        d|comment ~4 mon numéro
        mauvais|faux ~1 numéro
        erreur de|sur numéro|destinataire|personne|le
        trompez|trompé de|numéro
        pas|plus|aucunement ~1 intéress*
        plainte|police|avocat|cnil|33700|signal*|porter_plainte|tribunal|gendarmerie|bloctel
        rgpd|gdpr|données_personnelles
        spam*|arnaque*|harcèl*|harcel*|escro*|indésirable*
        jamais|pas|rien ~4 inscrit*|abonné*|demand*|consent*|donné*|autoris*|accept*
        consentement
        va|allez te|vous ~1 faire|foutre
        dégage*|casse*
        ta gueule
        ça suffit
        assez
        ras le bol
        marre
        trop ~1 de|d <msg>
        moins de <msg>
        plus de <msg>
        veux|veut|voulons plus|pas $
        arrêt*|stop ~1 ça|cela|maintenant|tout_de
        arrêtez|arrête
        désabonné*|désinscrit*
        supprim*|effac* ~2 données|compte
        réabonn*|réinscri*|inscriv*
        abonnez ~1 moi
        pourquoi ~4 <send>|<msg>
        connais pas
        pas ~1 bon|moi|la_bonne
        décédé*
        foutez|fous le camp
    """,
    innocent="""
        ne ~2 reçois|reçoit|recevons plus|pas
        arrêt de ~1 bus|tram|travail|métro|car
        arrêt* ~2 rire|pleurer|fumer|boire|manger|sourire|penser|travailler|rigoler
        peux|peut|pouvais|n plus|pas ~1 arrêter|m_arrêter
        prochain|dernier|quel|cet|l|un|sans|d arrêt
        pourquoi ~2 ne ~2 <send> ~1 plus
        pourquoi ~2 arrêté
        envoyé de|depuis mon
        fin de|du|des|d
        à|en|la|une|jusqu|le|ma fin
        annul*|supprim* ~4 commande*|rendez|rdv|réservation*|livraison*|table|vol|billet*|séance|visite|course
        résili* ~3 bail|contrat|mutuelle|assurance|box
        quitt* le|la|mon|ma|l|un ~1 travail|maison|bureau|boulot|école
        n|pas|jamais ~2 reçu* ~3 <msg>
        n ai ~4 <msg>
        merci pour ~3 <msg>
        merci de votre|vos|ton|ce|ces <msg>
        non stop
        arrêt* me voir
        <send> moi ~4 <msg>|offre*|plus
        salle|livre retir*
    """,
    instructions="""
        répond*|envoy*|tap*|écri*|sms|texto|rép ~3 stop|arrêt|oui|start ~2 pour|au|afin|à
        répond*|envoy* ~3 stop|arrêt
        pour|afin_de ~3 désabonner|désinscrire|arrêter|stopper|recevoir ~5 répond*|envoy*|tap*|cliqu*|stop|\
            sms|http*
        stop au|à|pour 1*|2*|3*|4*|5*|6*|7*|8*|9*|désinscription|vous|se|ne
        stop sms|pub ~2 au|http*
        désabonnement|désinscription|stop ~1 http*|cliqu*|répond*|envoy*|www*
    """,
    negations="ne n pas jamais sans",
    negatives="plus aucun aucune rien",
    negations_after="pas jamais surtout_pas",
    bridges="""me m vous nous te se s surtout veux voulons souhaite l les la le moi y envie de du tout
        dois faut il""",
    doubts="""
        comment|quand|pourquoi|si|quel*|combien|qui|que|qu_est|peut_être|est_ce|avant
        puis|peux|dois|pourrais|devrais|faut je|on|il
        je peux|dois|pourrais|vais
        il|elle|on|ça|ils|elles ~2 n|ne|arrêt*
        vous n|ne
        dis|dites|demand* ~1 lui|leur
        par_erreur|failli|presque|sans_faire
    """,
    limits="""
        avant|après|entre 1*|2*|3*|4*|5*|6*|7*|8*|9*|midi|dix|huit|neuf|minuit
        jusqu|avant demain|lundi|au|à|mardi|jeudi|vendredi
        la nuit|nuits|soir
        le week|soir|dimanche|weekend|matin
        si|aussi|trop souvent|tôt|tard|nombreux
        après 1*|2*|minuit
        pour l|le instant|moment
        tous les
        chaque jour
        que|seulement|uniquement ~3 mail*|courriel*|email*
        mais ~4 mail*|courriel*|continu*|garde*
        à ma|mon mère|femme|mari|fils|fille|père
    """,
    polite="""merci svp stp s il te vous plaît plait maintenant immédiatement tout tous toutes sms bonjour
        salut suite de cordialement messieurs madame monsieur putain enfin au aux d avance""",
    answers="non oui bonjour salut merci ok désolé pardon svp ah bon",
)

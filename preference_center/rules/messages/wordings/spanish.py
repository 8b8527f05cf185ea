"""Spanish."""

from preference_center.rules.messages.wordings.grammar import Wordings

SPANISH = Wordings(
    language="es",
    names={
        "rid": "quit* elimin* borr* borren saqu* sac* remuev* retir*",
        "mine": "me mi número* lista* datos base contacto",
        "ending": """dej* par* cancel* anul* deten* suspend* rechaz* interrump* termin* ces* abst*
            absteng* evit* desactiv*""",
        "msg": """sms mensaje* mensajito* texto* publicidad propaganda* spam promo* oferta* anuncio*
            notificacion* whatsapp* correo* boletín* newsletter* alerta* comunicacion* basura msj*
            suscripción* envíos msg msgs""",
        "send": """enví* envi* mand* escrib* contact* molest* llam* spame* acos* fastidi* jod* texte*
            mensajear* insist* marque*""",
        "dont_send": """envíe* envíen* envíes mande* manden* mandes escriba* escriban* escribas contacte*
            contacten* moleste* molesten* llame* llamen* llames enviar* mandar* escribir* contactar*
            molestar* mandéis enviéis escribáis sigan siga insistan""",
        "drop_me": """quítenme quíteme quítame quitarme quitadme elimínenme elimíneme elimíname eliminarme
            bórrenme bórreme bórrame borrarme borradme sáquenme sáqueme sácame sacarme sacadme remuévanme
            remuéveme remuévame retírenme retíreme retírame eliminadme""",
        "drop": "quit* elimin* borr* saq* saca* remuev* remov* retir*",
        "wish": "quiero queremos deseo deseamos quisiera necesito necesitamos acepto autorizo kiero",
    },
    requests="""
        que me borr*|elimin*|quit*|saqu*
        rechazo ~4 <msg>
        salir|salirme ~2 lista|grupo
        stop|alto ~2 <msg>
        ser|sea ~1 eliminad*|borrad*|removid*|quitad*
        ahórrenme|ahórreme ~3 <msg>
        dejar|cesar de ~1 recibir
        deje*|dejen|dejad|deja|dejar|pare*|paren|para|parar|parad|cesen|cese|stop|basta ~1 de|con ~3 <send>|\
            <msg>
        no ~1 me|nos ~1 <dont_send>
        no <dont_send> ~3 más|mas|nada|<msg>
        no me vuelv*
        no vuelv* a ~1 <send>
        no ~1 se|os ~1 comuni*|pong* ~2 contacto|conmigo|más
        no <wish> ~6 <msg>
        no <wish> ~2 recib*|que|saber|seguir
        ^ no más $
        ^ ya no más $
        ya|yo no <wish> recib*|esto|estos|nada|sus
        no <wish> más ~1 $
        no <wish> más recibir|esto|estos|nada|sus|de
        no|ni|nunca ~1 más ~1 <msg>
        ya no ~4 <msg>|recibir
        ningún|ninguna|cero|sin|nada_de ~1 <msg> ~1 más|por
        basta ~2 <msg>
        <drop_me>
        <drop> ~2 mi|este ~1 número|teléfono|nombre|contacto|celular|cel
        mi ~1 número ~3 <drop>
        me|nos <drop> ~3 lista*|base
        <drop> ~3 lista*|base
        de|la|mi|doy baja
        dar|darme|darse|dame|deme|denme|dadme|den|dé ~2 baja
        baja ~2 por|gracias|inmediata
        baja de ~2 lista|servicio|<msg>
        cancel*|anul*|deten*|suspend*|par*|interrump*|desactiv* ~4 <msg>
        desuscrib*|dessuscrib*|desinscrib*|desubscrib*|dessubscrib*|desapunt*|desafili*
        déjenme|déjame|déjeme|dejadme|dejarme|dejen|deje|déjennos ~1 paz|tranquil*
        déjenme|déjame|déjeme|dejadme ~1 en
        olvíd* de mí
        no ~1 molesten|moleste|molestes|molestar|molestéis|molesteis
        revoco|retiro|cancelo|revocar|retirar ~3 consentimiento|autorización|permiso
        me|nos opongo|oponemos
        ejerzo ~6 oposición|supresión|cancelación
        quiero|quisiera|deseo cancelar|salir|parar|salirme|desuscr*
        sáquen* ~2 lista
    """,
    hints="""
        <rid> ~4 <mine>
        me <rid>
        <ending> ~4 <msg>|<send>
        prefiero ~2 correo|email|mail|e
        equivocaron|equivocaste|equivocó|equivocan
        fastidio|pesados|pesadilla|lata
        no pedí|solicité
        ^ paren|dejen $
        no ,? gracias $
        menos seguido|frecuen*
        volver a recibir
        otra vez ~2 <msg>|recibir
        no|nunca|sin|nada|ningún* ~3 <msg>|<dont_send>
        <msg> ~2 no|nunca|demasiad*
        quién|quien es|eres|son|sos|habla
        de dónde|donde ~3 número
        cómo|como consigui*|obtuv*|tien* ~3 número
        número|numero equivocado|incorrecto|erróneo
        equivocad*
        no ~2 interes*
        denunci*|policía|abogad*|aepd|profeco|demand*|reportar*|reporto|consumidor|ocu
        rgpd|lopd|gdpr|protección_de_datos|datos_personales
        spam*|estafa*|acos*|fraude*|scam|indesead*
        nunca|jamás|no ~4 suscri*|autoric*|pedí|di|inscri*|registr*|consent*|solicit*
        consentimiento
        vete|váyanse|váyase|lárg*|jódan*|chinguen|chinga|joder
        ya basta
        basta ya
        suficiente
        hart*|cansad* de
        demasiad* ~1 <msg>
        menos <msg>
        dejen|deje|deja|para|paren|pare ya|esto|eso|de|por
        ya estuvo
        no quiero nada|eso|esto? $
        suscríb*|inscríb*|apúnt*|alta
        borr*|elimin* ~2 datos|cuenta
        por qué|que ~3 <send>|<msg>
        no ~1 conozco
        no soy
        falleció|fallecid*|murió
        dado de
        stop ya
    """,
    innocent="""
        dad* de baja
        fin de|del
        al|el|en|por|a fin|final
        baja la|el|los|las|un? temperatura|tensión|precio*|calidad|volumen|música|voz
        no ~1 recibo|recibimos|llega|llegan ~3 <msg>
        en|más|muy|tan|planta|temporada|clase|voz|batería|parte baja
        de baja laboral|médica|maternidad|temporal|por_enfermedad|por_maternidad
        por qué dejaron|dejaste|dejasteis|dejó|pararon
        por qué ya? no me ~1 escrib*|mand*|enví*
        enviado desde mi
        estoy|está|estuve de baja
        parada de|del
        paro de reír
        para de reír|llorar|llover
        no puedo parar|dejar
        sin parar
        dej* de ~1 fumar|beber|llover|reír|llorar|bromear|comer
        cancel*|anul* ~4 cita*|pedido*|reserva*|orden|vuelo|mesa|entrega|turno|compra|hora|clase|viaje
        salir de casa|viaje|compras|trabajo|dudas
        salir a|con|temprano|tarde|mañana|hoy
        no ~2 recibí|llegó|recibido|llegaron|llegado ~4 <msg>
        <msg> ~1 no ~1 llega*|llegó
        gracias por ~4 <msg>
        bolsa de
        no quiero ~2 perder*
        no me llegó|llega
        no ~1 he ~1 recibido
        quiero saber|ver
        avísen*
        non stop
    """,
    instructions="""
        respond*|enví*|envi*|mand*|escrib*|text*|contest*|sms ~3 \
            stop|baja|alto|cancelar|salir|parar|sí|start ~2 para|al|por|y
        respond*|enví*|envi*|contest* ~2 stop|baja
        para ~3 baja|cancelar|desuscribir*|salir|detener|dejar ~5 respond*|enví*|envi*|mand*|text*|haz|haga|\
            stop|clic*|http*
        stop|baja para ~2 cancelar|darse|salir|no|detener
        baja al 1*|2*|3*|4*|5*|6*|7*|8*|9*
        baja|bajas ~1 http*|www*
    """,
    negations="no nunca jamás sin tampoco",
    negatives="ningún ninguna nada cero",
    bridges="""me nos se te quiero queremos deseo por favor voy vayan a den des dar darme hace falta lo la
        los las mi número pido dije pienso nunca jamás de dé""",
    doubts="""
        cómo|como|cuándo|cuando|dónde|donde|quién|quien|si|cuál|cuánto|por_qué|qué_hago|qué_pasa|quizá*|\
            tal_vez|acaso|antes
        puedo|podría|podemos|debo|tengo_que|tendría|hay_que
        él|ella|ellos|mi_ex|nadie|ustedes|usted|vosotros|tú ~2 no
        dile|díganle|pídele
        por_error|casi|sin_querer
    """,
    limits="""
        hasta mañana|el|la|lunes|que|nuevo
        por la|las noche*
        de noche|madrugada
        tan|tanto*|tantas seguido|tarde|temprano|a_menudo|<msg>
        tanto*|tantas
        a|después|antes ~2 estas|esta|horas|hora|1*|2*
        los fines|domingos
        por ahora|el_momento
        cada|todos día|días|los|hora
        solo|solamente|sólo ~3 correo*|email*|mail
        pero ~4 correo*|email*|sigan|sí
        a mi|su madre|esposa|marido|hijo|hija|esposo|mamá
    """,
    polite="""por favor porfavor porfa xfa gracias ya ahora mismo inmediatamente todo todos todas hola
        buenas tardes días buenos sms señores saludos muchas pf x noches de a urgente coño carajo""",
    answers="no sí si hola gracias perdón disculpe ok vale buenas oye oigan mira",
)

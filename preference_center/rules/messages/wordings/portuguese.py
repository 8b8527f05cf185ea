"""Portuguese, of Portugal and of Brazil."""

from preference_center.rules.messages.wordings.grammar import Wordings

PORTUGUESE = Wordings(
    language="pt",
    names={
        "rid": "tir* remov* retir* apag* exclu* elimin* remoção exclusão",
        "mine": "me meu número* lista* cadastro base contato* contacto* dados",
        "ending": """par* deix* cess* cancel* anul* suspend* interromp* encerr* bloque* recus* descadastr*
            evit* abst* desativ*""",
        "msg": """sms mensag* msg msgs texto* publicidade* propaganda* spam promo* oferta* anúncio*
            notifica* whatsapp zap newsletter* comunicaç* torpedo* subscrição inscrição assinatura
            cadastro email* envio* recebimento""",
        "send": """envi* mand* escrev* contat* contact* lig* perturb* incomod* chate* spam* encher
            importun* amol* enche receb*""",
        "dont_send": """envie* enviem mande mandem mandes envies escreva* escrevam contate* contatem
            contacte* contactem ligue* liguem perturbe* perturbem incomode* incomodem chateie* chateiem
            enviar mandar escrever contactar contatar ligar perturbar incomodar manda encham""",
        "drop": "tir* remov* retir* apag* exclu* elimin* delet* risque* risquem",
        "wish": "quero queremos desejo desejamos pretendo gostaria preciso autorizo aceito qro",
        "no": "não nao n nunca",
    },
    requests="""
        remoção|exclusão ~1 do|de meu|número
        recuso ~4 <msg>
        stop ~2 <msg>
        ser|seja ~1 removid*|retirad*|excluíd*|excluid*|eliminad* ~2 lista*|base|cadastro
        poupem me
        pare*|parem|parar|para|deixe*|deixem|deixar|cess*|stop|chega|basta ~1 de|com ~4 <send>|<msg>
        <no> ~1 me|nos ~1 <dont_send>
        <no> <dont_send> ~1 me|nos|mais|nada|<msg>
        <no> <wish> ~6 <msg>
        <no> <wish> ~2 receb*|que|saber|continuar
        <no> quero|queremos|desejo|qro mais $
        <no> <wish> isso|isto
        <no> volt* a <send>
        <no> ~2 entr* ~3 contato|contacto
        chega|basta|sem|nada|nenhum*|zero|fim ~1 de|das|com|mais ~2 <msg>
        nem mais um* <msg>
        nenhum* ~1 <msg> ~1 mais
        mais nenhum* <msg>
        <drop> ~1 me|meu|minha|nos|o_meu|os_meus ~6 lista*|número*|contato*|contacto*|nome|cadastro|base|\
            telefone|celular
        me|nos <drop> ~6 lista*|base|cadastro|daí|daqui
        me|nos <drop> $
        <drop> me|nos $
        <drop> me|nos por|pfv|já
        <drop> ~2 meu ~1 número|contato|contacto|telefone
        meu número ~4 <drop>
        cancel*|anul*|suspend*|interromp*|encerr*|par*|bloque* ~4 <msg>
        descadastr*|desinscr*|dessubscr*|dessinscr*|desassin*|desregist*|descadrast*
        quero|gostaria|favor|desejo ~1 sair|cancelar|parar $
        quero|gostaria|favor|desejo|preciso ~2 descadastr*
        sair ~2 lista|grupo
        dar|dê|dêem|deem baixa
        deix*|deixa|deixem ~2 em paz
        retir*|revog*|retiro ~3 consentimento|autorização
        oponho|opor|oposição
        esqueç* ~1 meu número
        esqueç* me
        me esqueç*
    """,
    hints="""
        <rid> ~4 <mine>
        <ending> ~4 <msg>|<dont_send>
        prefiro ~2 email|mail|e
        que saco|chato|seca
        ^ parem $
        não|nao ,? obrigad* $
        menos vezes|frequen*
        voltar a receber
        lista ~1 novo
        de novo
        <no>|nem|sem|nada|nenhum* ~3 <msg>|<dont_send>
        <msg> ~2 <no>|demais|demasiad*
        para|pra sair $
        quem é|são|fala|és|está
        quem é
        como|onde consegui*|arranj*|obtiv*|têm|tem|pegou ~3 número
        número|numero errado
        engano
        enganou|enganado
        <no> ~3 interess*
        sem interesse
        denunci*|polícia|advogad*|procon|anatel|anpd|cnpd|deco|processo|processar|reclame
        lgpd|rgpd|gdpr|dados_pessoais
        spam*|golpe*|burla*|asséd*|fraude*|indesejad*|scam
        nunca|não|nao ~4 inscrev*|autoriz*|pedi|dei|subscrev*|cadastr*|consenti*|solicit*
        consentimento
        vai|vão|vá ~1 se|à|te|tomar|merda|embora|passear
        foda|caralho|porra
        já chega
        já basta
        ^ chega|basta $
        farto|farta|cansad*|saco de|cheio
        demais|demasiad* ~1 <msg>
        menos <msg>
        pare|parem|para ~1 com|já|agora|isso
        <no> quero nada|isso|isto? $
        descadastrad*
        inscrev*|cadastr*|subscrev* ~1 me
        me inscrev*|cadastr*
        apag*|exclu*|elimin*|delet* ~3 dados|conta
        por que|porque|porquê ~4 <send>|<msg>
        <no> ~1 conheço
        <no> sou
        faleceu|falecid*|morreu
    """,
    innocent="""
        <no> recebo|recebemos|estou_recebendo|estou_a_receber ~3 <msg>
        <no> ~2 recebo|recebemos ~1 mais
        por_que|porque|porquê ~1 pararam|parou|deixaram|deixou
        por_que|porque|porquê ~1 <no> ~2 mandam|enviam|escrevem ~2 mais
        enviado do|de meu
        enviado do|a|pelo iphone
        fim de|do|da|dos|das
        ao|no|o|em|por|a fim
        sair de|com|para|hoje|amanhã|cedo|à
        parar de|pra|para rir|fumar|comer|beber|chorar|chover|pensar
        par* de ~1 rir|fumar|comer|beber|chorar|chover|sorrir
        <no> consigo|posso ~1 parar|deixar
        sem parar
        paragem|parada
        cancel*|anul* ~4 consulta*|pedido*|reserva*|encomenda*|voo|mesa|entrega|compra|marcação|agendamento|\
            viagem|horário
        <no> ~3 recebi|chegou|recebido|recebeu|chegaram ~4 <msg>
        <msg> ~2 <no> chegou|chega|chegaram
        obrigad* pel* ~3 <msg>
        deix* ~1 de ~1 fumar|beber|rir
        deix* comigo|recado
        <no> quero ~2 perder
        <no> deix*|par*|pare* ~2 <send>
        me liga*|avis*|manda
        non stop
    """,
    instructions="""
        respond*|envi*|mand*|digit*|escrev*|sms|text* ~3 stop|sair|parar|cancelar|pare|sim|start ~2 para|p|e|a
        respond*|envi*|digit* ~2 stop|sair|parar
        para|p ~4 cancelar|sair|descadastr*|remover|parar|anular|deixar ~5 respond*|envi*|digit*|mand*|\
            clique*|stop|http*
        sair|stop para ~2 cancelar|sair|não|descadastr*
        sair|stop|cancelar ~1 http*|www*
    """,
    negations="não nao nunca jamais sem",
    negatives="nenhum nenhuma nem nada zero",
    bridges="""me nos se te quero queremos por favor vos o a os meu pretendo vou de precisa desejo estou
        pedindo pedi para número""",
    doubts="""
        como|quando|onde|quem|se|qual|quanto|por_que|porque|porquê|o_que|talvez|será|antes|caso
        posso|podia|poderia|devo|tenho|preciso_de|dá_para
        ele|ela|eles|vocês|você|ninguém|minha_ex ~2 não|nao|nunca
        diz|diga|peça
        por_engano|sem_querer|quase
    """,
    limits="""
        até amanhã|segunda|sexta|ao|à|o
        à|de|a noite|madrugada
        tão|tanto*|tantas cedo|tarde|frequente*|<msg>
        tanto*|tantas
        depois|antes ~1 das 1*|2*
        por enquanto|agora
        todo|todos|cada os|dia|hora
        só|somente|apenas ~3 email*|mail|correio
        mas ~4 email*|mail|continu*
        para|à|a minha|o_meu|meu mãe|mulher|esposa|filho|filha|marido|pai
    """,
    polite="""por favor pf pfv pff obrigado obrigada já agora imediatamente tudo todos todas olá oi sms
        bom dia boa tarde noite grato grata favor atenciosamente cumprimentos porra caralho isso isto""",
    answers="não sim oi olá ok obrigado obrigada desculpe desculpa gente",
)

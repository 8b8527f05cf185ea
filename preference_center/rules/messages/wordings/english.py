"""English."""

from preference_center.rules.messages.wordings.grammar import Wordings

ENGLISH = Wordings(
    language="en",
    names={
        "drop": "remov* delet* eras* drop rmv rmove strike unlist scrub wipe rid",
        "mine": "me number list name contact phone details data database records",
        "ending": """stop* ending cancel* quit* halt* ceas* discontinu* terminat* suspend* disabl*
            refrain* avoid* turn_off switch_off""",
        "end": """stop quit cease halt end cancel discontinue terminate desist stopping ending kill
            turn_off shut_off switch_off""",
        "msg": """text texts txt txts sms smses message messages msg msgs msgs mms whatsapp whatsapps
            notification notifications alert alerts ads adverts advertis* promo promos promotion
            promotions promotional marketing spam spams junk newsletter newsletters updates offers deals
            communication communications subscription subscriptions mailings bullshit crap shit rubbish
            nonsense""",
        "reaching": """reach_out reaching_out blowing_up flooding bombarding harassing hassling texting
            txting messaging msging contacting spamming whatsapping smsing text txt message contact spam""",
        "pestering": """sending writing bothering harassing pestering emailing calling annoying bugging
            disturbing ringing blowing hitting send""",
        "send": """text txt message msg contact write email spam bother disturb whatsapp sms ping harass
            pester ring""",
        "goods": """invoice order orders bill cart basket booking reservation will ticket tickets waitlist
            waiting_list guest_list appointment payment card""",
        "place": """the a an your my our for at on tomorrow today tonight after and if to later around
            when some soon in this""",
        "us": "me us this_number this_phone my_number my_phone my_cell my_mobile this_cell",
        "not": "dont do_not never not_to wont stop_to no_longer not",
        "wish": "want wanna wish need like care_for subscribe_to",
        "bad": "fucking bloody damn goddamn effing fkn fuckin",
    },
    requests="""
        refrain|refraining|abstain from ~2 <reaching>|sending|<msg>
        turn|switch|shut ~2 <msg> ~1 off
        get rid of my|this|our number|info|details
        <not> ~2 <wish> ~2 receive|receiving $
        ^ no_longer wish|want
        rmv me
        knock_it_off|cut_it_out|lay_off with ~2 <msg>
        be|get removed|deleted|taken|unsubscribed ~2 from|off
        spare me
        get rid of <msg>|these|this
        <end> ~3 <reaching>
        <end> ~3 <msg>
        <end> ~2 <pestering> ~1 me|us|this|these|that|it|them|stuff|things|to|anything
        ^ <end> these|them|those $
        <end> getting|receiving ~2 <msg>|these|this|them|it
        not texting|messaging|contacting|calling|spamming|bothering <us>
        on ~3 do_not_contact|do_not_call|do_not_text|dnc|no_contact|opt_out|suppression ~1 list
        <not> <bad>? ever? <send> ~1 <us>|here
        <not> <bad>? ever? send ~4 <msg>|anything|stuff|things|these
        dont|do_not|never ever? send <us> ~2 anymore|again|more|this|that|these|any
        <not> ~2 <wish> ~1 any|anymore|these|those|your|further|more|future|the ~2 <msg>
        <not> ~2 <wish> ~5 <msg>
        <not> ~2 <wish> ~2 receive|receiving|get|getting|hear ~2 from|these|this|them|those|any|anything|more
        <not> ~2 <wish> ~2 be|being texted|messaged|contacted|spammed|bothered|disturbed|called
        <not> <wish> this|these|those|them $
        <not> <wish> this|these|those|them anymore|any_more
        no|zero more|further ~2 <msg>
        no_more ~1 of these|this|them|those|that
        ^ no_more $
        ^ please no_more $
        ^ no <msg> $
        no_more please|pls|thanks|thank
        no ~1 <msg> please|pls|thanks|thank
        enough with|of ~2 <msg>
        remove|delete|take|drop|erase|scratch|strike <us>|my_name|the_number ~2 from|off|out
        remove|delete|erase|drop <us>|my_name|my_details|my_info $
        remove|delete|erase|drop <us>|my_name please|pls|now|immediately|asap|thanks|at_once
        take|get|keep|leave <us>|my_name|it off
        get me out of
        off your|this ~2 list|lists|database
        off the list|lists|database $
        unsubscribe
        unsub
        desubscribe|unsubscript*|deregister|unregister|unenroll|unsubscribing
        optout
        opt|opting ~1 out
        opt <us> out
        revoke|withdraw|rescind|withdrawing|revoking ~3 consent|permission|authorization|authorisation
        leave|let <us> ~1 alone
        lose|forget|delete|erase|remove my ~1 number
        lose this number
        count me out
        <not> consent|authorize|authorise|agree|permit|allow|give ~6 <reaching>|<msg>
        <not> consent|authorize|authorise ~1 this|anymore|it
        object|objection to ~4 marketing|messages|processing|texts
        stop|cease ~1 using ~1 my ~1 number|data
        cease_and_desist
        cancel|end|stop my|the|this ~2 subscription|subscriptions|alerts|texts|messages
        cancel ~1 me
        stop it all
        make it|this|these|them stop
        can|could|will|would you|u ~1 stop $
        <end> sending|texting|messaging $
        ^ i ~2 want|need|like ~1 to <end> $
        i ~2 want|need|like|wish|said|say|texted|sent|typed|wrote|replied ~1 stop $
        i ~1 want|need to be removed
        get rid of me
        do not disturb
        block|blacklist ~1 my number
    """,
    hints="""
        no part of
        unsubscribing|unsubscribes
        <drop> ~4 <mine>
        <ending> ~4 <msg>|<reaching>
        <end> these|them|those
        refus*|declin*|reject* ~4 <msg>|consent
        rather|prefer|only ~3 email|mail|post
        number ~3 no_longer|belongs|belong
        doesnt|not|no_longer ~2 have|own|use ~1 this|that number|phone
        nobody|didnt|never asked|ask for
        how many ~3 these|<msg>
        illegal|legal
        off the list
        dnd
        ^ wrong $
        block|forget me|us
        never again
        drop dead
        screw|damn you
        hate|dislike ~2 <msg>|this|these|them
        has|have|needs|need to <end> $
        text|message me only
        missing|missed|get my stop
        no ,? thanks|thanx|thx|ty|thank_you $
        stop for_now|today|a_while|temporarily
        less often|frequently
        only text|message|contact|send ~4 on|when|if|about|for
        cancel ~2 membership|account|plan
        want|like|love ~4 <msg> ~1 again|back
        pause|mute|snooze
        no|not|dont|never|nothing|enough|none ~3 <msg>|<reaching>|<pestering>|calling|call
        <msg>|<reaching> ~3 not|no|never|enough|nothing
        who dis|dat
        why ~3 getting|receiving|get
        you|u|they|who|yall keep|kept|keeps ~2 texting|messaging|sending|spamming|contacting
        who ~1 is ~1 this
        whos this
        who are|r you|u
        who am i
        wrong ~1 number|person
        you have the wrong
        how|where did|do|have you ~1 get|got|find|have ~1 my
        where did you get ~1 number|this
        report|reporting|reported you|this|u|it|spam|the
        spam|spammer|spammers|spamming|scam|scammer|scammers|harass*|phishing|unsolicited|junk
        lawyer|attorney|solicitor|police|ombudsman $
        sue|lawsuit|my_lawyer|my_attorney|call_the_police|call_the_cops
        a|our|talk_to|contact|hear_from lawyer|attorney|solicitor|ombudsman
        cease|desist
        i quit $
        enough of it|this|that|you
        stahp*|stawp*|stoop
        gdpr|ccpa|tcpa|dnc|fcc|ftc|ico|pecr|can_spam|casl
        do_not_call
        article|art 21|17|7
        right to be forgotten
        right to object
        never|didnt|not|dont signed|sign|agreed|agree|consented|consent|subscribed|asked|gave|authorized|ask
        never|didnt|not opted|opt in
        consent|permission
        fuck|f off|you|u
        piss|bugger|sod off
        go away
        get lost
        go to hell
        not|no_longer|uninterested ~1 interested
        uninterested
        enough is enough
        enough ~1 already|messages|texts|of_this
        thats|is enough $
        cut ~1 out
        knock it off
        shut up
        give it a rest
        too many ~1 <msg>
        fewer|less ~1 <msg>
        <end> it|this|that|already|now
        blocking|blocked|block ~1 you|this|u|number
        i want out
        ^ out $
        delete|erase|remove ~1 my ~1 data|account|profile|details|information|info
        remove|delete ~1 me
        removed|unsubscribed|unsubscription|unsubscribes|opted_out
        already|keep|kept|still ~3 stop
        not|havent|hasnt|never stopped ~1 <reaching>|<pestering>
        sick|tired|fed_up|annoyed of|with|by ~3 <msg>
        annoying|harassment|nuisance|intrusive
        why ~3 texting|messaging|contacting|spamming|bothering
        still ~2 texting|messaging|getting|receiving|sending|spamming
        sign|signed|add|put|subscribe|opt|resubscribe me|us ~1 up|back|again|in|to
        resubscribe|re_subscribe
        start|begin|resume ~2 texting|messaging|sending|<msg>
        mistake|accident|accidentally stop|unsubscrib*
        not me|mine
        dont know you|who|this
        isnt my|me
        no such person
        he|she|mother|father|husband|wife|owner|person|mom|dad ~2 dead|died|passed
    """,
    innocent="""
        off hold
        texting|text while driving|walking
        what|which stop
        forget to text|message|call|write|send|contact ~1 me|us?
        text and drive
        you|u never text|message|call|write|contact ~1 me|us
        dont|not|no_longer|never get|getting|receive|receiving|got|received|gotten ~3 <msg>
        <end> <reaching>|<pestering> you|u|ya|her|him|them
        sent from my ~3 $
        sent from outlook
        why|how_come|when did|have|has|had you|u|yall ~1 stop|stopped
        not|no_longer interested in the|a|that|this
        take|remove|drop ~3 off|from ~2 <goods>
        waiting list
        stop shop
        stop by <place>
        stop by $
        stop at|in|over|off|along|here|there|near|outside
        stop for|and ~1 gas|milk|lunch|dinner|coffee|food|drinks|think|say|smell|groceries|bread
        bus|tram|train|next|last|first|full|pit|rest|truck|tube|metro|subway|whistle|door|f|one|non|\
            missed_my \
            stop|stops
        the|a|this ~1 stop
        nonstop
        cant|cannot|couldnt|can_not|could_not|wont|unable_to ~1 stop ~1 laughing|smiling|crying|thinking|\
            eating|loving|buying|shopping|wearing|listening|watching|looking|dancing|singing|using|talking|\
            reading|it
        stop laughing|smiling|crying|thinking|eating|loving|smoking|drinking|dancing|singing|dreaming|lying|\
            joking|kidding|playing|worrying|apologizing|apologising|raining|snowing|working|overthinking|\
            procrastinating|shopping|buying|growing
        stop <bad>? it ~1 haha|lol|hahaha|lmao|youre|you
        quit work|working|smoking|drinking|my_job|the_job|his_job|her_job|your_job|school|playing|joking|\
            coffee|sugar|complaining
        end of|up|to
        at|in|to|by|till|until|near|towards|from the end
        week|week_ending|dead|high|low|year|years|front|back|rear|far|deep|tail|west|east|happy end|ends
        end date|user|users|time|game|result|product
        cancel|cancelling|canceling ~3 order|orders|appointment|appointments|booking|bookings|reservation|\
            reservations|table|delivery|deliveries|visit|meeting|lesson|class|flight|trip|ticket|tickets|\
            pickup|room|payment|refund|return|date|shift|session|slot|repair|party|lunch|dinner|haircut|call
        cancel ~2 tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday
        cancel|end|stop my|the|this|our ~1 order|appointment|booking|reservation|contract|lease|trial
        help|info ~1 me
        stop press|motion|watch|sign|light|loss|gap|codon
        stopwatch|stopover
        terminal|terminate lease|contract
        call me back
        leave me a|your|my|the
        spam musubi|sandwich|folder|filter|fritter*|sushi|can|cans|recipe
        report card|cards
    """,
    instructions="""
        reply|text|txt|send|type|respond|answer|message ~2 stop|unsubscribe|end|cancel|quit|stopall|optout|\
            help|start|yes ~3 to|for|2|at
        reply|text|txt|send|type|respond|answer|message stop|unsubscribe|end|cancel|quit|stopall|optout
        stop to|2|4 ~1 end|unsubscribe|unsub|cancel|quit|optout|opt_out|stop|opt|finish
        to ~1 opt_out|optout|unsubscribe|end|stop|cancel|unsub|quit ~1 reply|text|txt|send|rply|call|click|\
            visit|tap
        opt_out|optout|unsubscribe reply|text|txt|send|via|at|here|by|click|tap|link
        click|tap ~2 unsubscribe|opt_out
        txt|text|reply|rply stop
        stop|unsub|unsubscribe reply|text|call|via|http*|www*
        std|msg|message ~3 rates
    """,
    negations="dont not never wont didnt doesnt shouldnt wouldnt havent isnt wasnt neither nor without",
    negatives="no none zero",
    bridges="""ever please pls plz want wanna to you u dare let them me us just going gonna wish think
        should be really actually even need have like yet the a an any it him mean meaning meant""",
    doubts="""
        how|what|whats|when|where|whether|which|who|if|unless|until|why|hows|wheres|whose|suppose|wonder|\
            maybe|perhaps
        can|could|may|might|should|must|shall|do|did i|we
        cant|couldnt|wont|dont|why_not you|u
        did|do|does|have|has|are you|u|they|he|she|this|it
        should|would we|i
        i|we might|may|will|should|must|could|need_to|have_to|had_to|was|used_to|tried|cant|wont
        cant|cannot|can_not|unable|couldnt|impossible
        ill|im|lets|ive ~1 stop*|quit*|unsub*|not|texting
        there|any ~1 way|option|chance
        he|she|they|people|someone|everyone|nobody|somebody
        you|u|u_guys|they|it|he|she|this|theyll|youll|itll dont|never|didnt|wont|not|do_not|doesnt
        tell|ask|told|asked|make|let him|her|them|my|john|your
        thinking|thought|considering|about|not_sure|unsure
        accidentally|mistakenly|oops|whoops|ooops|only
        almost|nearly|forgot|instead|before|after|without
    """,
    limits="""
        until|till|before|unless|tonight|weekends|during|except
        after|before 1*|2*|3*|4*|5*|6*|7*|8*|9*|work|ten|nine|eight|midnight
        at night|work|midnight|this_hour|these_hours|this_time|3am|2am|4am|5am
        instead
        accidentally|mistakenly
        keep|leave ~3 updates|order|orders|alerts|newsletter|rest|others
        im|am in|at|driving|busy|asleep|working|sleeping
        so|that|too often|much|many|early|late|frequently
        in the|bulk morning|mornings|evening|evenings|middle
        for now|a|today|the|one|two|this
        in bulk
        every|each day|hour|morning|night|evening|week|minute
        on sunday*|weekend*|monday*|saturday*|holiday*|weekdays
        her|him|them|my_mother|my_mom|my_mum|my_wife|my_husband|my_sister|my_brother|my_son|my_daughter|\
            my_dad|my_father|my_kids|my_boss
        lol|lmao|haha*|jk
        or_not
        and call|email|mail|whatsapp|send|write|use
        about|regarding|unless|if
        in spanish|english|french|german|polish|swedish|chinese
        but ~4 email|emails|keep|still|whatsapp|call|not
        only|just ~3 email|emails|call|whatsapp
        by_mistake|by_accident
    """,
    polite="""please pls plz plse plss pleas thx thanks thank you u ty tx ok okay now immediately asap
        today hi hello hey dear sir madam all everything kindly sorry fucking bloody damn goddamn effing
        ffs already right away just sms text texts txt message messages whatsapp at once this number me
        again forever permanently guys team everyone bye goodbye cheers""",
    answers="""yes no yeah nope nah yep hi hello hey ok okay thanks please sorry omg wtf jesus god well
        look guys""",
)

-- A database as Sayso left it at commit e251b836, whose last migration was 0028: `sayso migrate`, `sayso demo --contacts 4`.
CREATE FUNCTION public.consent_events_are_final() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation'; END $$;
CREATE TABLE public.access_tokens (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    prefix character varying(16) NOT NULL,
    digest bytea NOT NULL,
    scopes jsonb NOT NULL,
    origin character varying(16) DEFAULT 'CONTACT_RECORD'::character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
CREATE SEQUENCE public.access_tokens_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.access_tokens_id_seq OWNED BY public.access_tokens.id;
CREATE TABLE public.address_refusals (
    id bigint NOT NULL,
    answer character varying(120) NOT NULL,
    refused_at timestamp with time zone NOT NULL,
    recipient_id bigint NOT NULL
);
CREATE SEQUENCE public.address_refusals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.address_refusals_id_seq OWNED BY public.address_refusals.id;
CREATE TABLE public.business_units (
    id integer NOT NULL,
    key character varying(64) NOT NULL,
    name character varying(200) NOT NULL,
    data_privacy boolean DEFAULT true NOT NULL,
    resubscribe character varying(32) DEFAULT 'WITH_LEGAL_BASIS'::character varying NOT NULL,
    default_locale character varying(35) DEFAULT 'en'::character varying NOT NULL,
    colour character varying(7) DEFAULT '#3d5a80'::character varying NOT NULL,
    logo text,
    postal_address text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT business_units_resubscribe_known CHECK (((resubscribe)::text = ANY ((ARRAY['WITH_LEGAL_BASIS'::character varying, 'RECIPIENT_ONLY'::character varying])::text[])))
);
CREATE SEQUENCE public.business_units_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.business_units_id_seq OWNED BY public.business_units.id;
CREATE TABLE public.call_permits (
    id bigint NOT NULL,
    legal_basis character varying(32) NOT NULL,
    explanation text NOT NULL,
    actor character varying(400) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    used_by character varying(400),
    contact_id bigint NOT NULL,
    CONSTRAINT call_permits_legal_basis_known CHECK (((legal_basis)::text = ANY ((ARRAY['LEGITIMATE_INTEREST_PQL'::character varying, 'LEGITIMATE_INTEREST_CLIENT'::character varying, 'LEGITIMATE_INTEREST_OTHER'::character varying, 'PERFORMANCE_OF_CONTRACT'::character varying, 'CONSENT_WITH_NOTICE'::character varying, 'PROCESS_AND_STORE'::character varying, 'NON_GDPR'::character varying])::text[])))
);
CREATE SEQUENCE public.call_permits_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.call_permits_id_seq OWNED BY public.call_permits.id;
CREATE TABLE public.catalog_state (
    id integer NOT NULL,
    version bigint NOT NULL
);
CREATE SEQUENCE public.catalog_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.catalog_state_id_seq OWNED BY public.catalog_state.id;
CREATE TABLE public.consent_events (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    before character varying(16) NOT NULL,
    after character varying(16) NOT NULL,
    superseded boolean DEFAULT false NOT NULL,
    origin character varying(16) NOT NULL,
    actor character varying(400) NOT NULL,
    legal_basis character varying(32),
    operation_id bigint,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    recipient_id bigint NOT NULL,
    subscription_type_id integer,
    about_pause boolean DEFAULT false NOT NULL,
    paused_until timestamp with time zone,
    carried_from_event_id bigint,
    CONSTRAINT consent_events_after_known CHECK (((after)::text = ANY ((ARRAY['OPTED_IN'::character varying, 'NOT_OPTED'::character varying, 'OPTED_OUT'::character varying])::text[]))),
    CONSTRAINT consent_events_before_known CHECK (((before)::text = ANY ((ARRAY['OPTED_IN'::character varying, 'NOT_OPTED'::character varying, 'OPTED_OUT'::character varying])::text[]))),
    CONSTRAINT consent_events_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT consent_events_legal_basis_known CHECK (((legal_basis)::text = ANY ((ARRAY['LEGITIMATE_INTEREST_PQL'::character varying, 'LEGITIMATE_INTEREST_CLIENT'::character varying, 'LEGITIMATE_INTEREST_OTHER'::character varying, 'PERFORMANCE_OF_CONTRACT'::character varying, 'CONSENT_WITH_NOTICE'::character varying, 'PROCESS_AND_STORE'::character varying, 'NON_GDPR'::character varying])::text[]))),
    CONSTRAINT consent_events_origin_known CHECK (((origin)::text = ANY ((ARRAY['PREFERENCE_PAGE'::character varying, 'UNSUBSCRIBE_LINK'::character varying, 'ONE_CLICK'::character varying, 'KEYWORD'::character varying, 'CONFIRMATION'::character varying, 'PROVIDER'::character varying, 'CONTACT_RECORD'::character varying, 'BULK_UPDATE'::character varying, 'IMPORT'::character varying, 'INTEGRATION'::character varying, 'WORKFLOW'::character varying, 'REVERSAL'::character varying])::text[])))
);
CREATE SEQUENCE public.consent_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.consent_events_id_seq OWNED BY public.consent_events.id;
CREATE TABLE public.contacts (
    id bigint NOT NULL,
    email character varying(320) COLLATE pg_catalog."C",
    phone character varying(16),
    first_name character varying(200),
    last_name character varying(200),
    folded_first_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    folded_last_name character varying(200) DEFAULT ''::character varying NOT NULL COLLATE pg_catalog."C",
    locale character varying(35),
    properties jsonb NOT NULL,
    processing_basis character varying(32),
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    phone_recipient_id bigint,
    email_recipient_id bigint,
    CONSTRAINT contacts_processing_basis_known CHECK (((processing_basis)::text = ANY ((ARRAY['LEGITIMATE_INTEREST_PQL'::character varying, 'LEGITIMATE_INTEREST_CLIENT'::character varying, 'LEGITIMATE_INTEREST_OTHER'::character varying, 'PERFORMANCE_OF_CONTRACT'::character varying, 'CONSENT_WITH_NOTICE'::character varying, 'PROCESS_AND_STORE'::character varying, 'NON_GDPR'::character varying])::text[])))
);
CREATE SEQUENCE public.contacts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.contacts_id_seq OWNED BY public.contacts.id;
CREATE TABLE public.enrolments (
    id bigint NOT NULL,
    contact_id bigint NOT NULL,
    trigger_kind character varying(24) NOT NULL,
    trigger_id bigint,
    event_id bigint,
    operation_id bigint,
    is_first boolean NOT NULL,
    state character varying(8) NOT NULL,
    error text,
    results jsonb NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    workflow_id integer NOT NULL,
    CONSTRAINT enrolments_state_known CHECK (((state)::text = ANY ((ARRAY['DONE'::character varying, 'FAILED'::character varying, 'CUT'::character varying])::text[]))),
    CONSTRAINT enrolments_trigger_kind_known CHECK (((trigger_kind)::text = ANY ((ARRAY['CONTACT_CREATED'::character varying, 'CONTACT_UPDATED'::character varying, 'PREFERENCE_CHANGED'::character varying, 'MANUAL'::character varying])::text[])))
);
CREATE SEQUENCE public.enrolments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.enrolments_id_seq OWNED BY public.enrolments.id;
CREATE TABLE public.erasure_leftovers (
    id bigint NOT NULL,
    fingerprint bytea NOT NULL,
    due_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.erasure_leftovers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.erasure_leftovers_id_seq OWNED BY public.erasure_leftovers.id;
CREATE TABLE public.erasures (
    id character varying(32) NOT NULL,
    erased_at timestamp with time zone NOT NULL
);
CREATE TABLE public.evidence (
    explanation text,
    ip_address character varying(45),
    user_agent text,
    url text,
    locale character varying(35),
    event_id bigint NOT NULL,
    wording_id bigint
);
CREATE TABLE public.inbound_messages (
    id bigint NOT NULL,
    digest bytea NOT NULL,
    channel character varying(8) NOT NULL,
    sent_to character varying(64) NOT NULL,
    meaning character varying(16) NOT NULL,
    answered boolean DEFAULT false NOT NULL,
    body text,
    needs_review boolean DEFAULT false NOT NULL,
    verdict character varying(8),
    settled_by character varying(400),
    settled_at timestamp with time zone,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    business_unit_id integer,
    recipient_id bigint,
    sender_number_id integer,
    sender_id character varying(160),
    sender_name character varying(160),
    by_provider boolean DEFAULT false NOT NULL,
    CONSTRAINT inbound_messages_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT inbound_messages_meaning_known CHECK (((meaning)::text = ANY ((ARRAY['STOP'::character varying, 'START'::character varying, 'HELP'::character varying, 'WITHDRAWAL'::character varying, 'UNCLEAR'::character varying, 'NOTHING'::character varying])::text[]))),
    CONSTRAINT inbound_messages_verdict_known CHECK (((verdict)::text = ANY ((ARRAY['OPT_OUT'::character varying, 'OPT_IN'::character varying, 'NOTHING'::character varying])::text[])))
);
CREATE SEQUENCE public.inbound_messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.inbound_messages_id_seq OWNED BY public.inbound_messages.id;
CREATE TABLE public.keywords (
    id integer NOT NULL,
    word character varying(80) NOT NULL,
    meaning character varying(16) NOT NULL,
    locale character varying(35),
    created_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    CONSTRAINT keywords_meaning_known CHECK (((meaning)::text = ANY ((ARRAY['STOP'::character varying, 'START'::character varying, 'HELP'::character varying, 'WITHDRAWAL'::character varying, 'UNCLEAR'::character varying, 'NOTHING'::character varying])::text[])))
);
CREATE SEQUENCE public.keywords_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.keywords_id_seq OWNED BY public.keywords.id;
CREATE TABLE public.leaving_reasons (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    reason character varying(24) NOT NULL,
    given_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    event_id bigint,
    subscription_type_id integer,
    CONSTRAINT leaving_reasons_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT leaving_reasons_reason_known CHECK (((reason)::text = ANY ((ARRAY['TOO_MANY'::character varying, 'NOT_AS_EXPECTED'::character varying, 'NO_LONGER_INTERESTED'::character varying, 'NEVER_ASKED'::character varying, 'OTHER'::character varying])::text[])))
);
CREATE SEQUENCE public.leaving_reasons_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.leaving_reasons_id_seq OWNED BY public.leaving_reasons.id;
CREATE TABLE public.network_askings (
    id bigint NOT NULL,
    digest bytea NOT NULL,
    hour_from timestamp with time zone NOT NULL,
    in_hour integer NOT NULL,
    day_from timestamp with time zone NOT NULL,
    in_day integer NOT NULL
);
CREATE SEQUENCE public.network_askings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.network_askings_id_seq OWNED BY public.network_askings.id;
CREATE TABLE public.operation_parts (
    id bigint NOT NULL,
    number integer NOT NULL,
    payload text NOT NULL,
    operation_id bigint NOT NULL
);
CREATE SEQUENCE public.operation_parts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.operation_parts_id_seq OWNED BY public.operation_parts.id;
CREATE TABLE public.operation_refusals (
    id bigint NOT NULL,
    line bigint,
    contact_id bigint,
    recipient_id bigint,
    about character varying(200),
    code character varying(32) NOT NULL,
    message text NOT NULL,
    operation_id bigint NOT NULL
);
CREATE SEQUENCE public.operation_refusals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.operation_refusals_id_seq OWNED BY public.operation_refusals.id;
CREATE TABLE public.operations (
    id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    state character varying(12) NOT NULL,
    dry_run boolean DEFAULT false NOT NULL,
    parameters jsonb NOT NULL,
    explanation text,
    actor character varying(400) NOT NULL,
    idempotency_key character varying(200),
    digest bytea,
    total bigint,
    "position" integer DEFAULT '-1'::integer NOT NULL,
    processed bigint DEFAULT 0 NOT NULL,
    changed bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    refusals jsonb NOT NULL,
    error text,
    attempts integer DEFAULT 0 NOT NULL,
    cancelling boolean DEFAULT false NOT NULL,
    reverts_id bigint,
    reverted_by_id bigint,
    lease_owner character varying(64),
    lease_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    opted_out bigint DEFAULT 0 NOT NULL,
    CONSTRAINT operations_kind_known CHECK (((kind)::text = ANY ((ARRAY['BULK_UPDATE'::character varying, 'IMPORT_OPT_OUTS'::character varying, 'IMPORT_CONTACTS'::character varying, 'REVERSAL'::character varying, 'WORKFLOW_ENROLMENT'::character varying])::text[]))),
    CONSTRAINT operations_state_known CHECK (((state)::text = ANY ((ARRAY['QUEUED'::character varying, 'RUNNING'::character varying, 'COMPLETED'::character varying, 'FAILED'::character varying, 'CANCELLED'::character varying])::text[])))
);
CREATE SEQUENCE public.operations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.operations_id_seq OWNED BY public.operations.id;
CREATE TABLE public.opt_outs_of_all (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    active boolean NOT NULL,
    origin character varying(16) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    event_id bigint NOT NULL,
    recipient_id bigint NOT NULL,
    operation_id bigint,
    CONSTRAINT opt_outs_of_all_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT opt_outs_of_all_origin_known CHECK (((origin)::text = ANY ((ARRAY['PREFERENCE_PAGE'::character varying, 'UNSUBSCRIBE_LINK'::character varying, 'ONE_CLICK'::character varying, 'KEYWORD'::character varying, 'CONFIRMATION'::character varying, 'PROVIDER'::character varying, 'CONTACT_RECORD'::character varying, 'BULK_UPDATE'::character varying, 'IMPORT'::character varying, 'INTEGRATION'::character varying, 'WORKFLOW'::character varying, 'REVERSAL'::character varying])::text[])))
);
CREATE SEQUENCE public.opt_outs_of_all_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.opt_outs_of_all_id_seq OWNED BY public.opt_outs_of_all.id;
CREATE TABLE public.outgoing_mails (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    fingerprint bytea NOT NULL,
    address character varying(320) NOT NULL,
    locale character varying(35),
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    business_unit_id integer,
    subscription_type_id integer,
    channel character varying(8) DEFAULT 'EMAIL'::character varying NOT NULL,
    sender_number_id integer,
    trouble character varying(120)
);
CREATE SEQUENCE public.outgoing_mails_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outgoing_mails_id_seq OWNED BY public.outgoing_mails.id;
CREATE TABLE public.pauses (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    until timestamp with time zone NOT NULL,
    actor character varying(400) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    recipient_id bigint NOT NULL,
    event_id bigint,
    origin character varying(16) DEFAULT 'CONTACT_RECORD'::character varying NOT NULL,
    CONSTRAINT pauses_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT pauses_origin_known CHECK (((origin)::text = ANY ((ARRAY['PREFERENCE_PAGE'::character varying, 'UNSUBSCRIBE_LINK'::character varying, 'ONE_CLICK'::character varying, 'KEYWORD'::character varying, 'CONFIRMATION'::character varying, 'PROVIDER'::character varying, 'CONTACT_RECORD'::character varying, 'BULK_UPDATE'::character varying, 'IMPORT'::character varying, 'INTEGRATION'::character varying, 'WORKFLOW'::character varying, 'REVERSAL'::character varying])::text[])))
);
CREATE SEQUENCE public.pauses_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pauses_id_seq OWNED BY public.pauses.id;
CREATE TABLE public.pending_opt_ins (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    origin character varying(16) NOT NULL,
    actor character varying(400) NOT NULL,
    legal_basis character varying(32),
    explanation text,
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    recipient_id bigint NOT NULL,
    subscription_type_id integer NOT NULL,
    operation_id bigint,
    confirmations integer DEFAULT 1 NOT NULL,
    sent_again_at timestamp with time zone,
    CONSTRAINT pending_opt_ins_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[])))
);
CREATE SEQUENCE public.pending_opt_ins_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.pending_opt_ins_id_seq OWNED BY public.pending_opt_ins.id;
CREATE TABLE public.phone_spelling_state (
    id integer NOT NULL,
    version integer NOT NULL
);
CREATE SEQUENCE public.phone_spelling_state_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.phone_spelling_state_id_seq OWNED BY public.phone_spelling_state.id;
CREATE TABLE public.preferences (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    status character varying(16) NOT NULL,
    origin character varying(16) NOT NULL,
    legal_basis character varying(32),
    occurred_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    event_id bigint NOT NULL,
    recipient_id bigint NOT NULL,
    subscription_type_id integer NOT NULL,
    operation_id bigint,
    CONSTRAINT preferences_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[]))),
    CONSTRAINT preferences_legal_basis_known CHECK (((legal_basis)::text = ANY ((ARRAY['LEGITIMATE_INTEREST_PQL'::character varying, 'LEGITIMATE_INTEREST_CLIENT'::character varying, 'LEGITIMATE_INTEREST_OTHER'::character varying, 'PERFORMANCE_OF_CONTRACT'::character varying, 'CONSENT_WITH_NOTICE'::character varying, 'PROCESS_AND_STORE'::character varying, 'NON_GDPR'::character varying])::text[]))),
    CONSTRAINT preferences_origin_known CHECK (((origin)::text = ANY ((ARRAY['PREFERENCE_PAGE'::character varying, 'UNSUBSCRIBE_LINK'::character varying, 'ONE_CLICK'::character varying, 'KEYWORD'::character varying, 'CONFIRMATION'::character varying, 'PROVIDER'::character varying, 'CONTACT_RECORD'::character varying, 'BULK_UPDATE'::character varying, 'IMPORT'::character varying, 'INTEGRATION'::character varying, 'WORKFLOW'::character varying, 'REVERSAL'::character varying])::text[]))),
    CONSTRAINT preferences_status_known CHECK (((status)::text = ANY ((ARRAY['OPTED_IN'::character varying, 'NOT_OPTED'::character varying, 'OPTED_OUT'::character varying])::text[])))
);
CREATE SEQUENCE public.preferences_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.preferences_id_seq OWNED BY public.preferences.id;
CREATE TABLE public.recipients (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    fingerprint bytea NOT NULL,
    address character varying(320),
    links_revoked_at timestamp with time zone,
    erased_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    merged_into_id bigint,
    CONSTRAINT recipients_kind_known CHECK (((kind)::text = ANY ((ARRAY['EMAIL'::character varying, 'PHONE'::character varying])::text[])))
);
CREATE SEQUENCE public.recipients_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.recipients_id_seq OWNED BY public.recipients.id;
CREATE TABLE public.sender_number_types (
    id integer NOT NULL,
    sender_number_id integer NOT NULL,
    subscription_type_id integer NOT NULL
);
CREATE SEQUENCE public.sender_number_types_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sender_number_types_id_seq OWNED BY public.sender_number_types.id;
CREATE TABLE public.sender_numbers (
    id integer NOT NULL,
    number character varying(16) NOT NULL,
    channel character varying(8) NOT NULL,
    provider_id character varying(64),
    created_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    CONSTRAINT sender_numbers_channel_known CHECK (((channel)::text = ANY ((ARRAY['EMAIL'::character varying, 'SMS'::character varying, 'WHATSAPP'::character varying])::text[])))
);
CREATE SEQUENCE public.sender_numbers_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sender_numbers_id_seq OWNED BY public.sender_numbers.id;
CREATE TABLE public.shown_wordings (
    id bigint NOT NULL,
    digest bytea NOT NULL,
    language character varying(35),
    text text NOT NULL,
    own_page boolean NOT NULL,
    first_shown_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.shown_wordings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.shown_wordings_id_seq OWNED BY public.shown_wordings.id;
CREATE TABLE public.subscription_types (
    id integer NOT NULL,
    key character varying(64) NOT NULL,
    reference bytea NOT NULL,
    names jsonb NOT NULL,
    descriptions jsonb NOT NULL,
    purpose character varying(16) DEFAULT 'MARKETING'::character varying NOT NULL,
    channels jsonb NOT NULL,
    is_public boolean DEFAULT true NOT NULL,
    double_opt_in boolean DEFAULT false NOT NULL,
    archived_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    business_unit_id integer NOT NULL,
    CONSTRAINT subscription_types_purpose_known CHECK (((purpose)::text = ANY ((ARRAY['MARKETING'::character varying, 'TRANSACTIONAL'::character varying])::text[])))
);
CREATE SEQUENCE public.subscription_types_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.subscription_types_id_seq OWNED BY public.subscription_types.id;
CREATE TABLE public.tortoise_migrations (
    id integer NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.tortoise_migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.tortoise_migrations_id_seq OWNED BY public.tortoise_migrations.id;
CREATE TABLE public.whatsapp_users (
    id bigint NOT NULL,
    fingerprint bytea NOT NULL,
    phone_fingerprint bytea NOT NULL,
    learned_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.whatsapp_users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.whatsapp_users_id_seq OWNED BY public.whatsapp_users.id;
CREATE TABLE public.workflow_triggers (
    id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    contact_id bigint,
    recipient_id bigint,
    event_id bigint,
    subscription_type_id integer,
    channel character varying(8),
    status character varying(16),
    properties jsonb,
    path jsonb,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT workflow_triggers_kind_known CHECK (((kind)::text = ANY ((ARRAY['CONTACT_CREATED'::character varying, 'CONTACT_UPDATED'::character varying, 'PREFERENCE_CHANGED'::character varying, 'MANUAL'::character varying])::text[])))
);
CREATE SEQUENCE public.workflow_triggers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.workflow_triggers_id_seq OWNED BY public.workflow_triggers.id;
CREATE TABLE public.workflows (
    id integer NOT NULL,
    name character varying(200) NOT NULL,
    enabled boolean NOT NULL,
    reenroll boolean NOT NULL,
    triggers jsonb NOT NULL,
    condition jsonb,
    when_property character varying(200),
    when_preference jsonb,
    actions jsonb NOT NULL,
    enrolled bigint DEFAULT 0 NOT NULL,
    changed bigint DEFAULT 0 NOT NULL,
    unchanged bigint DEFAULT 0 NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    failed bigint DEFAULT 0 NOT NULL,
    cut bigint DEFAULT 0 NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.workflows_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.workflows_id_seq OWNED BY public.workflows.id;
ALTER TABLE ONLY public.access_tokens ALTER COLUMN id SET DEFAULT nextval('public.access_tokens_id_seq'::regclass);
ALTER TABLE ONLY public.address_refusals ALTER COLUMN id SET DEFAULT nextval('public.address_refusals_id_seq'::regclass);
ALTER TABLE ONLY public.business_units ALTER COLUMN id SET DEFAULT nextval('public.business_units_id_seq'::regclass);
ALTER TABLE ONLY public.call_permits ALTER COLUMN id SET DEFAULT nextval('public.call_permits_id_seq'::regclass);
ALTER TABLE ONLY public.catalog_state ALTER COLUMN id SET DEFAULT nextval('public.catalog_state_id_seq'::regclass);
ALTER TABLE ONLY public.consent_events ALTER COLUMN id SET DEFAULT nextval('public.consent_events_id_seq'::regclass);
ALTER TABLE ONLY public.contacts ALTER COLUMN id SET DEFAULT nextval('public.contacts_id_seq'::regclass);
ALTER TABLE ONLY public.enrolments ALTER COLUMN id SET DEFAULT nextval('public.enrolments_id_seq'::regclass);
ALTER TABLE ONLY public.erasure_leftovers ALTER COLUMN id SET DEFAULT nextval('public.erasure_leftovers_id_seq'::regclass);
ALTER TABLE ONLY public.inbound_messages ALTER COLUMN id SET DEFAULT nextval('public.inbound_messages_id_seq'::regclass);
ALTER TABLE ONLY public.keywords ALTER COLUMN id SET DEFAULT nextval('public.keywords_id_seq'::regclass);
ALTER TABLE ONLY public.leaving_reasons ALTER COLUMN id SET DEFAULT nextval('public.leaving_reasons_id_seq'::regclass);
ALTER TABLE ONLY public.network_askings ALTER COLUMN id SET DEFAULT nextval('public.network_askings_id_seq'::regclass);
ALTER TABLE ONLY public.operation_parts ALTER COLUMN id SET DEFAULT nextval('public.operation_parts_id_seq'::regclass);
ALTER TABLE ONLY public.operation_refusals ALTER COLUMN id SET DEFAULT nextval('public.operation_refusals_id_seq'::regclass);
ALTER TABLE ONLY public.operations ALTER COLUMN id SET DEFAULT nextval('public.operations_id_seq'::regclass);
ALTER TABLE ONLY public.opt_outs_of_all ALTER COLUMN id SET DEFAULT nextval('public.opt_outs_of_all_id_seq'::regclass);
ALTER TABLE ONLY public.outgoing_mails ALTER COLUMN id SET DEFAULT nextval('public.outgoing_mails_id_seq'::regclass);
ALTER TABLE ONLY public.pauses ALTER COLUMN id SET DEFAULT nextval('public.pauses_id_seq'::regclass);
ALTER TABLE ONLY public.pending_opt_ins ALTER COLUMN id SET DEFAULT nextval('public.pending_opt_ins_id_seq'::regclass);
ALTER TABLE ONLY public.phone_spelling_state ALTER COLUMN id SET DEFAULT nextval('public.phone_spelling_state_id_seq'::regclass);
ALTER TABLE ONLY public.preferences ALTER COLUMN id SET DEFAULT nextval('public.preferences_id_seq'::regclass);
ALTER TABLE ONLY public.recipients ALTER COLUMN id SET DEFAULT nextval('public.recipients_id_seq'::regclass);
ALTER TABLE ONLY public.sender_number_types ALTER COLUMN id SET DEFAULT nextval('public.sender_number_types_id_seq'::regclass);
ALTER TABLE ONLY public.sender_numbers ALTER COLUMN id SET DEFAULT nextval('public.sender_numbers_id_seq'::regclass);
ALTER TABLE ONLY public.shown_wordings ALTER COLUMN id SET DEFAULT nextval('public.shown_wordings_id_seq'::regclass);
ALTER TABLE ONLY public.subscription_types ALTER COLUMN id SET DEFAULT nextval('public.subscription_types_id_seq'::regclass);
ALTER TABLE ONLY public.tortoise_migrations ALTER COLUMN id SET DEFAULT nextval('public.tortoise_migrations_id_seq'::regclass);
ALTER TABLE ONLY public.whatsapp_users ALTER COLUMN id SET DEFAULT nextval('public.whatsapp_users_id_seq'::regclass);
ALTER TABLE ONLY public.workflow_triggers ALTER COLUMN id SET DEFAULT nextval('public.workflow_triggers_id_seq'::regclass);
ALTER TABLE ONLY public.workflows ALTER COLUMN id SET DEFAULT nextval('public.workflows_id_seq'::regclass);
INSERT INTO public.access_tokens VALUES
	(1, 'demo', 'gopqv5al', '\x87e4187023d32008064f265d67903733943779034bf70f5b290a10848f2a88cb', '["admin"]', 'CONTACT_RECORD', '2026-11-30 20:43:04.966227+00', NULL, NULL);
INSERT INTO public.business_units VALUES
	(1, 'lantern-books', 'Lantern Books', true, 'WITH_LEGAL_BASIS', 'en', '#2f5d50', NULL, 'Lantern Books, 12 Mill Lane, Leeds LS1 4AB, United Kingdom', '2026-11-30 20:43:01.212813+00'),
	(2, 'kawa-i-spolka', 'Kawa i Spółka', false, 'RECIPIENT_ONLY', 'pl', '#9c4a1a', NULL, 'Kawa i Spółka sp. z o.o., ul. Długa 7, 31-147 Kraków', '2026-11-30 20:43:01.316653+00');
INSERT INTO public.catalog_state VALUES
	(1, 17);
INSERT INTO public.consent_events VALUES
	(1, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-11 15:25:38.061479+00', '2026-11-30 20:43:04.096881+00', 1, 3, 1, false, NULL, NULL),
	(2, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-04 20:57:37.061479+00', '2026-11-30 20:43:04.096881+00', 1, 3, 2, false, NULL, NULL),
	(3, 'SMS', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-17 11:16:58.061479+00', '2026-11-30 20:43:04.096881+00', 1, 6, 2, false, NULL, NULL),
	(4, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-11 11:09:28.061479+00', '2026-11-30 20:43:04.096881+00', 1, 6, 3, false, NULL, NULL),
	(5, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-16 11:21:48.061479+00', '2026-11-30 20:43:04.096881+00', 1, 3, 5, false, NULL, NULL),
	(6, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-29 14:27:35.061479+00', '2026-11-30 20:43:04.096881+00', 1, 3, 6, false, NULL, NULL),
	(7, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-10-29 02:35:15.061479+00', '2026-11-30 20:43:04.096881+00', 2, 3, 7, false, NULL, NULL),
	(8, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-09 12:36:40.061479+00', '2026-11-30 20:43:04.096881+00', 2, 3, 8, false, NULL, NULL),
	(9, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-25 00:17:11.061479+00', '2026-11-30 20:43:04.096881+00', 2, 3, 9, false, NULL, NULL),
	(10, 'SMS', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-19 12:00:52.061479+00', '2026-11-30 20:43:04.096881+00', 2, 6, 10, false, NULL, NULL),
	(11, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-06 13:53:48.061479+00', '2026-11-30 20:43:04.096881+00', 2, 6, 10, false, NULL, NULL),
	(12, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-02 17:52:02.061479+00', '2026-11-30 20:43:04.096881+00', 2, 3, 11, false, NULL, NULL),
	(13, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-07 06:05:05.061479+00', '2026-11-30 20:43:04.096881+00', 1, 1, 1, false, NULL, NULL),
	(14, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-13 08:21:17.061479+00', '2026-11-30 20:43:04.096881+00', 1, 1, 2, false, NULL, NULL),
	(15, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-08 05:03:08.061479+00', '2026-11-30 20:43:04.096881+00', 1, 1, 3, false, NULL, NULL),
	(16, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-18 18:58:16.061479+00', '2026-11-30 20:43:04.096881+00', 1, 1, 5, false, NULL, NULL),
	(17, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-13 03:31:49.061479+00', '2026-11-30 20:43:04.096881+00', 1, 1, 6, false, NULL, NULL),
	(18, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-23 01:11:17.061479+00', '2026-11-30 20:43:04.096881+00', 2, 1, 7, false, NULL, NULL),
	(19, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-16 11:36:43.061479+00', '2026-11-30 20:43:04.096881+00', 2, 1, 11, false, NULL, NULL),
	(20, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-08 06:08:25.061479+00', '2026-11-30 20:43:04.096881+00', 2, 1, 12, false, NULL, NULL),
	(21, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-10-26 20:13:16.061479+00', '2026-11-30 20:43:04.096881+00', 1, 4, 5, false, NULL, NULL),
	(22, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-21 07:05:17.061479+00', '2026-11-30 20:43:04.096881+00', 2, 4, 7, false, NULL, NULL),
	(23, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2026-01-18 07:41:22.061479+00', '2026-11-30 20:43:04.096881+00', 2, 4, 8, false, NULL, NULL),
	(24, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-14 02:20:44.061479+00', '2026-11-30 20:43:04.096881+00', 2, 5, 8, false, NULL, NULL),
	(25, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-06 10:03:22.061479+00', '2026-11-30 20:43:04.096881+00', 1, 2, 1, false, NULL, NULL),
	(26, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-25 02:36:53.061479+00', '2026-11-30 20:43:04.096881+00', 1, 2, 2, false, NULL, NULL),
	(27, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-03 18:55:20.061479+00', '2026-11-30 20:43:04.096881+00', 1, 2, 3, false, NULL, NULL),
	(28, 'SMS', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-07 19:00:46.061479+00', '2026-11-30 20:43:04.096881+00', 1, 7, 5, false, NULL, NULL),
	(29, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-21 10:52:32.061479+00', '2026-11-30 20:43:04.096881+00', 2, 2, 9, false, NULL, NULL),
	(30, 'SMS', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-12-06 18:07:14.061479+00', '2026-11-30 20:43:04.096881+00', 2, 7, 9, false, NULL, NULL),
	(31, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-10-30 13:15:09.061479+00', '2026-11-30 20:43:04.096881+00', 2, 2, 11, false, NULL, NULL),
	(32, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'IMPORT', 'shop-migration', 'CONSENT_WITH_NOTICE', NULL, '2025-11-07 14:59:58.061479+00', '2026-11-30 20:43:04.096881+00', 2, 2, 12, false, NULL, NULL),
	(33, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'CONTACT_RECORD', 'crm for jane@example.com', 'CONSENT_WITH_NOTICE', NULL, '2026-05-05 10:10:46.145515+00', '2026-11-30 20:43:04.147176+00', 2, 1, 8, false, NULL, NULL),
	(34, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'CONTACT_RECORD', 'crm for jane@example.com', 'CONSENT_WITH_NOTICE', NULL, '2026-03-18 03:12:10.145515+00', '2026-11-30 20:43:04.147176+00', 1, 7, 3, false, NULL, NULL),
	(35, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'CONTACT_RECORD', 'crm for jane@example.com', 'CONSENT_WITH_NOTICE', NULL, '2026-03-30 13:34:22.145515+00', '2026-11-30 20:43:04.147176+00', 1, 2, 5, false, NULL, NULL),
	(36, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'CONTACT_RECORD', 'crm for jane@example.com', 'CONSENT_WITH_NOTICE', NULL, '2026-03-21 17:43:50.145515+00', '2026-11-30 20:43:04.147176+00', 2, 7, 10, false, NULL, NULL),
	(37, 'EMAIL', 'NOT_OPTED', 'OPTED_IN', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-08-05 09:08:27.149651+00', '2026-11-30 20:43:04.151084+00', 2, 4, 11, false, NULL, NULL),
	(38, 'WHATSAPP', 'NOT_OPTED', 'OPTED_IN', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-05-21 05:59:23.149651+00', '2026-11-30 20:43:04.151084+00', 1, 7, 2, false, NULL, NULL),
	(39, 'WHATSAPP', 'OPTED_IN', 'OPTED_OUT', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-06-14 19:54:47.161501+00', '2026-11-30 20:43:04.164945+00', 2, 7, 10, false, NULL, NULL),
	(40, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-08-24 04:57:23.161501+00', '2026-11-30 20:43:04.164945+00', 2, 2, 12, false, NULL, NULL),
	(41, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'ONE_CLICK', 'recipient', NULL, NULL, '2026-10-12 01:00:32.174449+00', '2026-11-30 20:43:04.175646+00', 2, 1, 7, false, NULL, NULL),
	(42, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'ONE_CLICK', 'recipient', NULL, NULL, '2026-11-11 11:19:20.174449+00', '2026-11-30 20:43:04.175646+00', 2, 1, 12, false, NULL, NULL),
	(43, 'EMAIL', 'NOT_OPTED', 'OPTED_OUT', false, 'ONE_CLICK', 'recipient', NULL, NULL, '2026-10-24 20:17:06.174449+00', '2026-11-30 20:43:04.175646+00', 2, 4, 9, false, NULL, NULL),
	(44, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-28 12:30:23.207381+00', '2026-11-30 20:43:04.208971+00', 2, 3, 7, false, NULL, NULL),
	(45, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-27 09:34:58.207381+00', '2026-11-30 20:43:04.208971+00', 2, 3, 8, false, NULL, NULL),
	(46, 'SMS', 'NOT_OPTED', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-27 19:23:35.207381+00', '2026-11-30 20:43:04.208971+00', 2, 6, 9, false, NULL, NULL),
	(47, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-26 23:32:38.207381+00', '2026-11-30 20:43:04.208971+00', 1, 1, 1, false, NULL, NULL),
	(48, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-27 09:24:57.207381+00', '2026-11-30 20:43:04.208971+00', 2, 2, 9, false, NULL, NULL),
	(49, 'SMS', 'OPTED_IN', 'OPTED_OUT', false, 'UNSUBSCRIBE_LINK', 'recipient', NULL, NULL, '2026-11-27 08:46:03.207381+00', '2026-11-30 20:43:04.208971+00', 2, 7, 9, false, NULL, NULL),
	(50, 'SMS', 'NOT_OPTED', 'OPTED_OUT', false, 'KEYWORD', 'recipient', NULL, NULL, '2026-11-21 20:55:12.246178+00', '2026-11-30 20:43:04.248153+00', 1, 5, NULL, false, NULL, NULL),
	(51, 'WHATSAPP', 'NOT_OPTED', 'OPTED_OUT', false, 'KEYWORD', 'recipient', NULL, NULL, '2026-10-30 05:14:29.285271+00', '2026-11-30 20:43:04.289153+00', 1, 5, NULL, false, NULL, NULL),
	(52, 'SMS', 'NOT_OPTED', 'OPTED_OUT', false, 'KEYWORD', 'recipient', NULL, NULL, '2026-10-27 21:48:34.301153+00', '2026-11-30 20:43:04.302234+00', 2, 5, NULL, false, NULL, NULL),
	(53, 'WHATSAPP', 'NOT_OPTED', 'OPTED_OUT', false, 'KEYWORD', 'recipient', NULL, NULL, '2026-11-12 19:37:58.309093+00', '2026-11-30 20:43:04.310087+00', 2, 5, NULL, false, NULL, NULL),
	(54, 'EMAIL', 'OPTED_IN', 'OPTED_OUT', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-10-03 20:43:04.367076+00', '2026-11-30 20:43:04.373007+00', 1, 3, 1, false, NULL, NULL),
	(55, 'EMAIL', 'OPTED_OUT', 'OPTED_IN', false, 'PREFERENCE_PAGE', 'recipient', NULL, NULL, '2026-11-09 20:43:04.367076+00', '2026-11-30 20:43:04.398998+00', 1, 3, 1, false, NULL, NULL);
INSERT INTO public.contacts VALUES
	(1, 'ada.lovelace@example.com', '+447700900000', 'Ada', 'Lovelace', 'ada', 'lovelace', 'en', '{"city": "Leeds", "country": "GB"}', 'PROCESS_AND_STORE', '2025-07-16 08:26:04.013248+00', '2025-07-16 08:26:04.013248+00', 6, 3),
	(2, 'edith.quinn.1@example.com', NULL, 'Edith', 'Quinn', 'edith', 'quinn', 'en', '{"city": "Łódź", "country": "PL"}', 'PROCESS_AND_STORE', '2025-04-28 08:18:04.013248+00', '2025-04-28 08:18:04.013248+00', NULL, 1),
	(3, 'edsger.oneill.2@example.net', '+447700900002', 'Edsger', 'O''Neill', 'edsger', 'o''neill', 'en', '{"city": "Malmö", "country": "SE"}', 'PROCESS_AND_STORE', '2025-01-20 01:59:04.013248+00', '2025-01-20 01:59:04.013248+00', 5, 4),
	(4, 'irena.krawczyk.3@example.org', '+447700900003', 'Irena', 'Krawczyk', 'irena', 'krawczyk', 'pl', '{"city": "Leeds", "country": "GB"}', 'PROCESS_AND_STORE', '2025-08-07 11:53:04.013248+00', '2025-08-07 11:53:04.013248+00', 7, 2);
INSERT INTO public.enrolments VALUES
	(1, 2, 'MANUAL', NULL, NULL, 1, true, 'DONE', NULL, '[["EMAIL", "weekly-digest", "OPTED_IN", "REFUSED", "PREVIOUSLY_OPTED_OUT"]]', '2026-11-30 20:43:04.774155+00', 1),
	(2, 2, 'MANUAL', NULL, NULL, 2, true, 'DONE', NULL, '[["EMAIL", "surveys", "OPTED_OUT", "UNCHANGED", null]]', '2026-11-30 20:43:04.909124+00', 2);
INSERT INTO public.evidence VALUES
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 1, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 2, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 3, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 4, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 5, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 6, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 7, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 8, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 9, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 10, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 11, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 12, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 13, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 14, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 15, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 16, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 17, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 18, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 19, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 20, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 21, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 22, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 23, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 24, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 25, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 26, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 27, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 28, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 29, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 30, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 31, NULL),
	('Ticked the box of the sign-up form in the old shop.', NULL, NULL, NULL, NULL, 32, NULL),
	('Asked for it at our stand at the book fair.', NULL, NULL, NULL, NULL, 33, NULL),
	('Asked for it at our stand at the book fair.', NULL, NULL, NULL, NULL, 34, NULL),
	('Asked for it at our stand at the book fair.', NULL, NULL, NULL, NULL, 35, NULL),
	('Asked for it at our stand at the book fair.', NULL, NULL, NULL, NULL, 36, NULL),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 37, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 38, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 39, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 40, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 41, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 42, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 43, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 44, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 45, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 46, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 47, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 48, 1),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/u/…', 'en', 49, 1),
	(NULL, NULL, NULL, 'sms:+441134960100', 'en', 50, 2),
	(NULL, NULL, NULL, 'whatsapp:+441134960100', 'en', 51, 2),
	(NULL, NULL, NULL, 'sms:+442079460100', 'pl', 52, 3),
	(NULL, NULL, NULL, 'whatsapp:+442079460100', 'pl', 53, 3),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 54, 4),
	(NULL, '203.0.113.7', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '/p/…', 'en', 55, 5);
INSERT INTO public.inbound_messages VALUES
	(1, '\xd724ead933b4a21fc21967679ac639c334cbc3f5c545eb4f4fb4ba46d7052a70', 'WHATSAPP', '+441134960100', 'UNCLEAR', false, 'Please stop the offers, but keep the invitations to readings.', true, NULL, NULL, NULL, '2026-11-30 17:31:04.417849+00', '2026-11-30 20:43:04.449545+00', 1, 6, 2, NULL, NULL, false);
INSERT INTO public.keywords VALUES
	(1, 'kawa', 'START', 'pl', '2026-11-30 20:43:03.845479+00', 2);
INSERT INTO public.leaving_reasons VALUES
	(1, 'EMAIL', 'NO_LONGER_INTERESTED', '2026-11-26 23:33:05.207381+00', 1, 47, 1),
	(2, 'EMAIL', 'TOO_MANY', '2026-11-27 09:25:02.207381+00', 2, 48, 9);
INSERT INTO public.operation_refusals VALUES
	(1, NULL, 2, 1, 'weekly-digest', 'PREVIOUSLY_OPTED_OUT', 'The recipient is opted out. This kind of change cannot reverse that.', 1);
INSERT INTO public.operations VALUES
	(1, 'WORKFLOW_ENROLMENT', 'COMPLETED', false, '{"workflow": 1}', NULL, 'crm', NULL, '\xf731fa55d27a5515e67758a843b61be4f609f25f0c18a7acd2a2fe826f0ca387', 1, 0, 1, 0, 0, 1, '{"PREVIOUSLY_OPTED_OUT": 1}', NULL, 0, false, NULL, NULL, NULL, NULL, '2026-11-30 20:43:04.653087+00', '2026-11-30 20:43:04.82543+00', 0),
	(2, 'WORKFLOW_ENROLMENT', 'COMPLETED', false, '{"workflow": 2}', NULL, 'crm', NULL, '\x0e84fb1e4659519341a0a1ccf7181099930b832611d8797c8fe733a199ec7940', 1, 0, 1, 0, 1, 0, '{}', NULL, 0, false, NULL, NULL, NULL, NULL, '2026-11-30 20:43:04.845108+00', '2026-11-30 20:43:04.940275+00', 0);
INSERT INTO public.opt_outs_of_all VALUES
	(1, 'SMS', true, 'KEYWORD', '2026-11-21 20:55:12.246178+00', '2026-11-30 20:43:04.248153+00', 1, 50, 5, NULL),
	(2, 'WHATSAPP', true, 'KEYWORD', '2026-10-30 05:14:29.285271+00', '2026-11-30 20:43:04.289153+00', 1, 51, 5, NULL),
	(3, 'SMS', true, 'KEYWORD', '2026-10-27 21:48:34.301153+00', '2026-11-30 20:43:04.302234+00', 2, 52, 5, NULL),
	(4, 'WHATSAPP', true, 'KEYWORD', '2026-11-12 19:37:58.309093+00', '2026-11-30 20:43:04.310087+00', 2, 53, 5, NULL);
INSERT INTO public.outgoing_mails VALUES
	(1, 'CONFIRM', '\x7a5c8d93fbabbd849704dbec435798e1', 'ada.lovelace@example.com', NULL, '2026-11-30 20:43:04.319033+00', '2026-11-30 20:43:04.319033+00', 0, NULL, 1, 4, 'EMAIL', NULL, NULL);
INSERT INTO public.pending_opt_ins VALUES
	(1, 'EMAIL', 'CONTACT_RECORD', 'crm for jane@example.com', 'CONSENT_WITH_NOTICE', 'Asked for it at our stand at the book fair.', '2026-11-30 20:43:04.319033+00', '2026-12-07 20:43:04.319033+00', 3, 4, NULL, 1, NULL);
INSERT INTO public.phone_spelling_state VALUES
	(1, 1);
INSERT INTO public.preferences VALUES
	(2, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2026-01-04 20:57:37.061479+00', '2026-11-30 20:43:04.096881+00', 2, 3, 2, NULL),
	(3, 'SMS', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-17 11:16:58.061479+00', '2026-11-30 20:43:04.096881+00', 3, 6, 2, NULL),
	(4, 'WHATSAPP', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-11 11:09:28.061479+00', '2026-11-30 20:43:04.096881+00', 4, 6, 3, NULL),
	(5, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-16 11:21:48.061479+00', '2026-11-30 20:43:04.096881+00', 5, 3, 5, NULL),
	(6, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2026-01-29 14:27:35.061479+00', '2026-11-30 20:43:04.096881+00', 6, 3, 6, NULL),
	(9, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-25 00:17:11.061479+00', '2026-11-30 20:43:04.096881+00', 9, 3, 9, NULL),
	(10, 'SMS', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2026-01-19 12:00:52.061479+00', '2026-11-30 20:43:04.096881+00', 10, 6, 10, NULL),
	(11, 'WHATSAPP', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-06 13:53:48.061479+00', '2026-11-30 20:43:04.096881+00', 11, 6, 10, NULL),
	(12, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-02 17:52:02.061479+00', '2026-11-30 20:43:04.096881+00', 12, 3, 11, NULL),
	(14, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-13 08:21:17.061479+00', '2026-11-30 20:43:04.096881+00', 14, 1, 2, NULL),
	(15, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-08 05:03:08.061479+00', '2026-11-30 20:43:04.096881+00', 15, 1, 3, NULL),
	(16, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-18 18:58:16.061479+00', '2026-11-30 20:43:04.096881+00', 16, 1, 5, NULL),
	(17, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-13 03:31:49.061479+00', '2026-11-30 20:43:04.096881+00', 17, 1, 6, NULL),
	(19, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-16 11:36:43.061479+00', '2026-11-30 20:43:04.096881+00', 19, 1, 11, NULL),
	(21, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-10-26 20:13:16.061479+00', '2026-11-30 20:43:04.096881+00', 21, 4, 5, NULL),
	(22, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-21 07:05:17.061479+00', '2026-11-30 20:43:04.096881+00', 22, 4, 7, NULL),
	(23, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2026-01-18 07:41:22.061479+00', '2026-11-30 20:43:04.096881+00', 23, 4, 8, NULL),
	(24, 'WHATSAPP', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-12-14 02:20:44.061479+00', '2026-11-30 20:43:04.096881+00', 24, 5, 8, NULL),
	(25, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-06 10:03:22.061479+00', '2026-11-30 20:43:04.096881+00', 25, 2, 1, NULL),
	(26, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-25 02:36:53.061479+00', '2026-11-30 20:43:04.096881+00', 26, 2, 2, NULL),
	(27, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-03 18:55:20.061479+00', '2026-11-30 20:43:04.096881+00', 27, 2, 3, NULL),
	(28, 'SMS', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-11-07 19:00:46.061479+00', '2026-11-30 20:43:04.096881+00', 28, 7, 5, NULL),
	(31, 'EMAIL', 'OPTED_IN', 'IMPORT', 'CONSENT_WITH_NOTICE', '2025-10-30 13:15:09.061479+00', '2026-11-30 20:43:04.096881+00', 31, 2, 11, NULL),
	(33, 'EMAIL', 'OPTED_IN', 'CONTACT_RECORD', 'CONSENT_WITH_NOTICE', '2026-05-05 10:10:46.145515+00', '2026-11-30 20:43:04.147176+00', 33, 1, 8, NULL),
	(34, 'WHATSAPP', 'OPTED_IN', 'CONTACT_RECORD', 'CONSENT_WITH_NOTICE', '2026-03-18 03:12:10.145515+00', '2026-11-30 20:43:04.147176+00', 34, 7, 3, NULL),
	(35, 'EMAIL', 'OPTED_IN', 'CONTACT_RECORD', 'CONSENT_WITH_NOTICE', '2026-03-30 13:34:22.145515+00', '2026-11-30 20:43:04.147176+00', 35, 2, 5, NULL),
	(37, 'EMAIL', 'OPTED_IN', 'PREFERENCE_PAGE', NULL, '2026-08-05 09:08:27.149651+00', '2026-11-30 20:43:04.151084+00', 37, 4, 11, NULL),
	(38, 'WHATSAPP', 'OPTED_IN', 'PREFERENCE_PAGE', NULL, '2026-05-21 05:59:23.149651+00', '2026-11-30 20:43:04.151084+00', 38, 7, 2, NULL),
	(36, 'WHATSAPP', 'OPTED_OUT', 'PREFERENCE_PAGE', NULL, '2026-06-14 19:54:47.161501+00', '2026-11-30 20:43:04.164945+00', 39, 7, 10, NULL),
	(32, 'EMAIL', 'OPTED_OUT', 'PREFERENCE_PAGE', NULL, '2026-08-24 04:57:23.161501+00', '2026-11-30 20:43:04.164945+00', 40, 2, 12, NULL),
	(18, 'EMAIL', 'OPTED_OUT', 'ONE_CLICK', NULL, '2026-10-12 01:00:32.174449+00', '2026-11-30 20:43:04.175646+00', 41, 1, 7, NULL),
	(20, 'EMAIL', 'OPTED_OUT', 'ONE_CLICK', NULL, '2026-11-11 11:19:20.174449+00', '2026-11-30 20:43:04.175646+00', 42, 1, 12, NULL),
	(43, 'EMAIL', 'OPTED_OUT', 'ONE_CLICK', NULL, '2026-10-24 20:17:06.174449+00', '2026-11-30 20:43:04.175646+00', 43, 4, 9, NULL),
	(7, 'EMAIL', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-28 12:30:23.207381+00', '2026-11-30 20:43:04.208971+00', 44, 3, 7, NULL),
	(8, 'EMAIL', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-27 09:34:58.207381+00', '2026-11-30 20:43:04.208971+00', 45, 3, 8, NULL),
	(46, 'SMS', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-27 19:23:35.207381+00', '2026-11-30 20:43:04.208971+00', 46, 6, 9, NULL),
	(13, 'EMAIL', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-26 23:32:38.207381+00', '2026-11-30 20:43:04.208971+00', 47, 1, 1, NULL),
	(29, 'EMAIL', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-27 09:24:57.207381+00', '2026-11-30 20:43:04.208971+00', 48, 2, 9, NULL),
	(30, 'SMS', 'OPTED_OUT', 'UNSUBSCRIBE_LINK', NULL, '2026-11-27 08:46:03.207381+00', '2026-11-30 20:43:04.208971+00', 49, 7, 9, NULL),
	(1, 'EMAIL', 'OPTED_IN', 'PREFERENCE_PAGE', NULL, '2026-11-09 20:43:04.367076+00', '2026-11-30 20:43:04.398998+00', 55, 3, 1, NULL);
INSERT INTO public.recipients VALUES
	(1, 'EMAIL', '\x07880a45240c0394865d3562eedbe00e', 'edith.quinn.1@example.com', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(2, 'EMAIL', '\x1cf4a967b23a51fc5620515d0595f4a4', 'irena.krawczyk.3@example.org', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(3, 'EMAIL', '\x7a5c8d93fbabbd849704dbec435798e1', 'ada.lovelace@example.com', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(4, 'EMAIL', '\xe52c3a2aa04cded0d19d695fbc6907c8', 'edsger.oneill.2@example.net', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(5, 'PHONE', '\x08996c20fb847e039dadc76444bb5466', '+447700900002', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(6, 'PHONE', '\x3c613fbc16166a00b64a934b9dc9e521', '+447700900000', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL),
	(7, 'PHONE', '\x8a36991685a4661689d821f6dc772b9e', '+447700900003', NULL, NULL, '2026-11-30 20:43:03.970453+00', NULL);
INSERT INTO public.sender_number_types VALUES
	(1, 1, 2),
	(2, 1, 3),
	(3, 1, 5),
	(4, 2, 2),
	(5, 2, 3),
	(6, 2, 5),
	(7, 3, 8),
	(8, 3, 9),
	(9, 3, 10),
	(10, 3, 11),
	(11, 4, 8),
	(12, 4, 10),
	(13, 4, 11);
INSERT INTO public.sender_numbers VALUES
	(1, '+441134960100', 'SMS', NULL, '2026-11-30 20:43:02.560934+00', 1),
	(2, '+441134960100', 'WHATSAPP', NULL, '2026-11-30 20:43:02.615914+00', 1),
	(3, '+442079460100', 'SMS', NULL, '2026-11-30 20:43:02.678245+00', 2),
	(4, '+442079460100', 'WHATSAPP', NULL, '2026-11-30 20:43:02.722225+00', 2);
INSERT INTO public.shown_wordings VALUES
	(1, '\xc84bddf140e4a708a93f69c0e0867252c98d664962bbae4755e576ba9cffcd84', 'en', 'Choose what you get from us.', true, '2026-11-30 20:43:04.151885+00'),
	(2, '\x30b700bacfd051c932789b073183e6fdf7c4d9c86674be04a4b2d4322b59f5da', 'en', 'STOP', false, '2026-11-30 20:43:04.248703+00'),
	(3, '\xdea78ee821be0dde929b193ee4f0ff13428d2ad3255032f9fa35bc16f128109d', 'pl', 'Koniec', false, '2026-11-30 20:43:04.302593+00'),
	(4, '\x48e97e8e6925db01f0fc1c4b240b6092001acf57c0e26b5be689dd6f513ec128', 'en', '☐ Weekly digest (Email) – New books and reviews, every Thursday.
[Save choices]', true, '2026-11-30 20:43:04.376749+00'),
	(5, '\x6f3a34e53277517919064100fb1c99698afd4e0837b6b606be751a788394cfc9', 'en', '☑ Weekly digest (Email) – New books and reviews, every Thursday.
[Save choices]', true, '2026-11-30 20:43:04.399516+00');
INSERT INTO public.subscription_types VALUES
	(1, 'weekly-digest', '\x785831520817', '{"en": "Weekly digest", "pl": "Przegląd tygodnia"}', '{"en": "New books and reviews, every Thursday.", "pl": "Nowe książki i recenzje, w każdy czwartek."}', 'MARKETING', '["EMAIL"]', true, false, NULL, '2026-11-30 20:43:01.366466+00', 1),
	(2, 'events', '\x405a72b1a3ee', '{"en": "Readings and events", "pl": "Spotkania i wydarzenia"}', '{"en": "Invitations to readings in our shops.", "pl": "Zaproszenia na spotkania w naszych księgarniach."}', 'MARKETING', '["EMAIL", "SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:01.454594+00', 1),
	(3, 'offers', '\x0fd38af003c3', '{"en": "Offers", "pl": "Promocje"}', '{"en": "Discounts and bundles, twice a month.", "pl": "Zniżki i zestawy, dwa razy w miesiącu."}', 'MARKETING', '["EMAIL", "SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:01.572165+00', 1),
	(4, 'book-club', '\x076b35956c6d', '{"en": "Book club", "pl": "Klub książki"}', '{"en": "The book of the month and how to join in.", "pl": "Książka miesiąca i jak wziąć udział."}', 'MARKETING', '["EMAIL"]', true, true, NULL, '2026-11-30 20:43:01.682547+00', 1),
	(5, 'orders', '\xdbbfb7545da3', '{"en": "Orders and deliveries", "pl": "Zamówienia i dostawy"}', '{"en": "Confirmations, invoices and parcel news.", "pl": "Potwierdzenia, faktury i informacje o paczkach."}', 'TRANSACTIONAL', '["EMAIL", "SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:01.765207+00', 1),
	(6, 'reader-panel', '\x6c3742916135', '{"en": "Reader panel", "pl": "Panel czytelników"}', '{"en": "For members of our panel only.", "pl": "Tylko dla członków panelu."}', 'MARKETING', '["EMAIL"]', false, false, NULL, '2026-11-30 20:43:01.818254+00', 1),
	(7, 'coffee-letter', '\x1d0862d83357', '{"en": "Coffee letter", "pl": "List o kawie"}', '{"en": "One origin, one recipe, once a month.", "pl": "Jedno pochodzenie, jeden przepis, raz w miesiącu."}', 'MARKETING', '["EMAIL"]', true, false, NULL, '2026-11-30 20:43:01.906209+00', 2),
	(8, 'new-beans', '\xcc2435ad2458', '{"en": "New beans", "pl": "Nowe ziarna"}', '{"en": "When a fresh roast arrives.", "pl": "Gdy pojawia się świeżo palona kawa."}', 'MARKETING', '["EMAIL", "SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:02.041364+00', 2),
	(9, 'tastings', '\x8a889a94c79f', '{"en": "Tastings", "pl": "Degustacje"}', '{"en": "Tastings and courses near you.", "pl": "Degustacje i kursy w pobliżu."}', 'MARKETING', '["EMAIL", "SMS"]', true, false, NULL, '2026-11-30 20:43:02.182644+00', 2),
	(10, 'refill', '\xd97bfb405a4c', '{"en": "Refill reminders", "pl": "Przypomnienia o zapasie"}', '{"en": "A nudge when your beans should run out.", "pl": "Sygnał, gdy kawa powinna się kończyć."}', 'MARKETING', '["SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:02.289386+00', 2),
	(11, 'subscription-service', '\x128202657cdc', '{"en": "Your subscription", "pl": "Twoja subskrypcja"}', '{"en": "Shipping dates and payments of your subscription.", "pl": "Terminy wysyłki i płatności subskrypcji."}', 'TRANSACTIONAL', '["EMAIL", "SMS", "WHATSAPP"]', true, false, NULL, '2026-11-30 20:43:02.362605+00', 2),
	(12, 'surveys', '\xbd502f4fa4bd', '{"en": "Surveys", "pl": "Ankiety"}', '{"en": "A few questions, twice a year.", "pl": "Kilka pytań, dwa razy w roku."}', 'MARKETING', '["EMAIL"]', true, false, NULL, '2026-11-30 20:43:02.415751+00', 2);
INSERT INTO public.tortoise_migrations VALUES
	(1, 'preference_center', '0001_initial', '2026-11-30 20:42:33.581444+00'),
	(2, 'preference_center', '0002_constraints', '2026-11-30 20:42:36.113188+00'),
	(3, 'preference_center', '0003_guards_and_indexes', '2026-11-30 20:42:36.589502+00'),
	(4, 'preference_center', '0004_operations', '2026-11-30 20:42:36.903119+00'),
	(5, 'preference_center', '0005_operation_constraints', '2026-11-30 20:42:37.053199+00'),
	(6, 'preference_center', '0006_operation_indexes', '2026-11-30 20:42:37.145126+00'),
	(7, 'preference_center', '0007_properties_index', '2026-11-30 20:42:37.177105+00'),
	(8, 'preference_center', '0008_text_messages', '2026-11-30 20:42:37.606396+00'),
	(9, 'preference_center', '0009_text_message_constraints', '2026-11-30 20:42:38.809154+00'),
	(10, 'preference_center', '0010_text_message_indexes', '2026-11-30 20:42:38.953224+00'),
	(11, 'preference_center', '0011_workflows', '2026-11-30 20:42:39.005103+00'),
	(12, 'preference_center', '0012_workflow_constraints', '2026-11-30 20:42:39.031152+00'),
	(13, 'preference_center', '0013_workflow_indexes', '2026-11-30 20:42:39.065149+00'),
	(14, 'preference_center', '0014_mail', '2026-11-30 20:42:39.126562+00'),
	(15, 'preference_center', '0015_refusals', '2026-11-30 20:42:39.237105+00'),
	(16, 'preference_center', '0016_refusal_constraints', '2026-11-30 20:42:39.917105+00'),
	(17, 'preference_center', '0017_pauses', '2026-11-30 20:42:40.173104+00'),
	(18, 'preference_center', '0018_shown_wordings', '2026-11-30 20:42:41.353215+00'),
	(19, 'preference_center', '0019_wording_constraints', '2026-11-30 20:42:41.421118+00'),
	(20, 'preference_center', '0020_erasure', '2026-11-30 20:42:41.477098+00'),
	(21, 'preference_center', '0021_leaving_reasons', '2026-11-30 20:42:41.557136+00'),
	(22, 'preference_center', '0022_leaving_reason_constraints', '2026-11-30 20:42:41.79495+00'),
	(23, 'preference_center', '0023_asking', '2026-11-30 20:42:41.937287+00'),
	(24, 'preference_center', '0024_carried_opt_outs', '2026-11-30 20:42:42.013091+00'),
	(25, 'preference_center', '0025_whatsapp_user_ids', '2026-11-30 20:42:43.17375+00'),
	(26, 'preference_center', '0026_merged_recipients', '2026-11-30 20:42:43.294887+00'),
	(27, 'preference_center', '0027_operation_opt_outs', '2026-11-30 20:42:43.3451+00'),
	(28, 'preference_center', '0028_erasures', '2026-11-30 20:42:43.368556+00');
INSERT INTO public.workflows VALUES
	(1, 'Digest for readers in Poland', true, false, '["CONTACT_CREATED"]', '{"property": ["country", "PL"]}', NULL, NULL, '[{"types": ["weekly-digest"], "status": "OPTED_IN", "channel": "EMAIL", "explanation": "Signed up in the Polish shop, where the form asks for the digest.", "legal_basis": "CONSENT_WITH_NOTICE"}]', 1, 0, 0, 1, 0, 0, 1, '2026-11-30 20:43:04.509042+00', '2026-11-30 20:43:04.509042+00'),
	(2, 'Out of the coffee letter, out of surveys', true, true, '["PREFERENCE_CHANGED"]', NULL, NULL, '{"type": "coffee-letter", "status": "OPTED_OUT", "channel": "EMAIL"}', '[{"types": ["surveys"], "status": "OPTED_OUT", "channel": "EMAIL", "explanation": "Who leaves the letter is not asked why.", "legal_basis": null}]', 1, 0, 1, 0, 0, 0, 1, '2026-11-30 20:43:04.588671+00', '2026-11-30 20:43:04.588671+00');
SELECT pg_catalog.setval('public.access_tokens_id_seq', 1, true);
SELECT pg_catalog.setval('public.address_refusals_id_seq', 1, false);
SELECT pg_catalog.setval('public.business_units_id_seq', 2, true);
SELECT pg_catalog.setval('public.call_permits_id_seq', 1, false);
SELECT pg_catalog.setval('public.catalog_state_id_seq', 1, false);
SELECT pg_catalog.setval('public.consent_events_id_seq', 55, true);
SELECT pg_catalog.setval('public.contacts_id_seq', 4, true);
SELECT pg_catalog.setval('public.enrolments_id_seq', 2, true);
SELECT pg_catalog.setval('public.erasure_leftovers_id_seq', 1, false);
SELECT pg_catalog.setval('public.inbound_messages_id_seq', 1, true);
SELECT pg_catalog.setval('public.keywords_id_seq', 1, true);
SELECT pg_catalog.setval('public.leaving_reasons_id_seq', 2, true);
SELECT pg_catalog.setval('public.network_askings_id_seq', 1, false);
SELECT pg_catalog.setval('public.operation_parts_id_seq', 2, true);
SELECT pg_catalog.setval('public.operation_refusals_id_seq', 1, true);
SELECT pg_catalog.setval('public.operations_id_seq', 2, true);
SELECT pg_catalog.setval('public.opt_outs_of_all_id_seq', 4, true);
SELECT pg_catalog.setval('public.outgoing_mails_id_seq', 1, true);
SELECT pg_catalog.setval('public.pauses_id_seq', 1, false);
SELECT pg_catalog.setval('public.pending_opt_ins_id_seq', 1, true);
SELECT pg_catalog.setval('public.phone_spelling_state_id_seq', 1, false);
SELECT pg_catalog.setval('public.preferences_id_seq', 51, true);
SELECT pg_catalog.setval('public.recipients_id_seq', 7, true);
SELECT pg_catalog.setval('public.sender_number_types_id_seq', 13, true);
SELECT pg_catalog.setval('public.sender_numbers_id_seq', 4, true);
SELECT pg_catalog.setval('public.shown_wordings_id_seq', 5, true);
SELECT pg_catalog.setval('public.subscription_types_id_seq', 12, true);
SELECT pg_catalog.setval('public.tortoise_migrations_id_seq', 28, true);
SELECT pg_catalog.setval('public.whatsapp_users_id_seq', 1, false);
SELECT pg_catalog.setval('public.workflow_triggers_id_seq', 1, false);
SELECT pg_catalog.setval('public.workflows_id_seq', 2, true);
ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_name_key UNIQUE (name);
ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_prefix_key UNIQUE (prefix);
ALTER TABLE ONLY public.address_refusals
    ADD CONSTRAINT address_refusals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.address_refusals
    ADD CONSTRAINT address_refusals_recipient_unique UNIQUE (recipient_id);
ALTER TABLE ONLY public.business_units
    ADD CONSTRAINT business_units_key_key UNIQUE (key);
ALTER TABLE ONLY public.business_units
    ADD CONSTRAINT business_units_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.call_permits
    ADD CONSTRAINT call_permits_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_state
    ADD CONSTRAINT catalog_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.consent_events
    ADD CONSTRAINT consent_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_email_recipient_id_key UNIQUE (email_recipient_id);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_email_unique UNIQUE (email);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_of_trigger_unique UNIQUE (workflow_id, contact_id, trigger_id);
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.erasure_leftovers
    ADD CONSTRAINT erasure_leftovers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_digest_unique UNIQUE (digest);
ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.keywords
    ADD CONSTRAINT keywords_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.keywords
    ADD CONSTRAINT keywords_word_unique UNIQUE (business_unit_id, word);
ALTER TABLE ONLY public.leaving_reasons
    ADD CONSTRAINT leaving_reasons_event_unique UNIQUE (event_id);
ALTER TABLE ONLY public.leaving_reasons
    ADD CONSTRAINT leaving_reasons_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.network_askings
    ADD CONSTRAINT network_askings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.operation_parts
    ADD CONSTRAINT operation_parts_of_unique UNIQUE (operation_id, number);
ALTER TABLE ONLY public.operation_parts
    ADD CONSTRAINT operation_parts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.operation_refusals
    ADD CONSTRAINT operation_refusals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_idempotency_key_unique UNIQUE (idempotency_key);
ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.operations
    ADD CONSTRAINT operations_reverts_unique UNIQUE (reverts_id);
ALTER TABLE ONLY public.opt_outs_of_all
    ADD CONSTRAINT opt_outs_of_all_of_unique UNIQUE (recipient_id, business_unit_id, channel);
ALTER TABLE ONLY public.opt_outs_of_all
    ADD CONSTRAINT opt_outs_of_all_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outgoing_mails
    ADD CONSTRAINT outgoing_mails_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_of_unique UNIQUE (recipient_id, business_unit_id, channel);
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pending_opt_ins
    ADD CONSTRAINT pending_opt_ins_of_unique UNIQUE (recipient_id, subscription_type_id, channel);
ALTER TABLE ONLY public.pending_opt_ins
    ADD CONSTRAINT pending_opt_ins_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.phone_spelling_state
    ADD CONSTRAINT phone_spelling_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_of_unique UNIQUE (recipient_id, subscription_type_id, channel);
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.recipients
    ADD CONSTRAINT recipients_fingerprint_unique UNIQUE (kind, fingerprint);
ALTER TABLE ONLY public.recipients
    ADD CONSTRAINT recipients_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sender_number_types
    ADD CONSTRAINT sender_number_types_of_unique UNIQUE (sender_number_id, subscription_type_id);
ALTER TABLE ONLY public.sender_number_types
    ADD CONSTRAINT sender_number_types_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sender_numbers
    ADD CONSTRAINT sender_numbers_number_unique UNIQUE (number, channel);
ALTER TABLE ONLY public.sender_numbers
    ADD CONSTRAINT sender_numbers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shown_wordings
    ADD CONSTRAINT shown_wordings_digest_unique UNIQUE (digest);
ALTER TABLE ONLY public.shown_wordings
    ADD CONSTRAINT shown_wordings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.subscription_types
    ADD CONSTRAINT subscription_types_key_key UNIQUE (key);
ALTER TABLE ONLY public.subscription_types
    ADD CONSTRAINT subscription_types_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.subscription_types
    ADD CONSTRAINT subscription_types_reference_unique UNIQUE (reference);
ALTER TABLE ONLY public.tortoise_migrations
    ADD CONSTRAINT tortoise_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tortoise_migrations
    ADD CONSTRAINT uid_tortoise_mi_app_3803a5 UNIQUE (app, name);
ALTER TABLE ONLY public.whatsapp_users
    ADD CONSTRAINT whatsapp_users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflow_triggers
    ADD CONSTRAINT workflow_triggers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_name_unique UNIQUE (name);
ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (id);
CREATE INDEX call_permits_of ON public.call_permits USING btree (contact_id, id);
CREATE UNIQUE INDEX call_permits_unused ON public.call_permits USING btree (contact_id) WHERE (used_at IS NULL);
CREATE INDEX consent_events_by_origin ON public.consent_events USING btree (origin, id);
CREATE INDEX consent_events_by_time ON public.consent_events USING btree (recorded_at, id);
CREATE INDEX consent_events_of_operation ON public.consent_events USING btree (operation_id, id) WHERE (operation_id IS NOT NULL);
CREATE INDEX consent_events_of_recipient ON public.consent_events USING btree (recipient_id, id);
CREATE INDEX consent_events_of_type ON public.consent_events USING btree (subscription_type_id, id);
CREATE INDEX consent_events_of_unit ON public.consent_events USING btree (business_unit_id, id);
CREATE INDEX contacts_by_creation ON public.contacts USING btree (created_at, id);
CREATE INDEX contacts_by_email ON public.contacts USING btree (COALESCE(email, '􏿿'::character varying), id);
CREATE INDEX contacts_by_first_name ON public.contacts USING btree (folded_first_name, id);
CREATE INDEX contacts_by_locale ON public.contacts USING btree (locale, id);
CREATE INDEX contacts_by_name ON public.contacts USING btree (folded_last_name, folded_first_name, id);
CREATE INDEX contacts_by_property ON public.contacts USING gin (properties jsonb_path_ops);
CREATE INDEX contacts_by_update ON public.contacts USING btree (updated_at, id);
CREATE INDEX contacts_of_phone ON public.contacts USING btree (phone_recipient_id);
CREATE UNIQUE INDEX enrolments_first ON public.enrolments USING btree (workflow_id, contact_id) WHERE is_first;
CREATE INDEX enrolments_of_workflow ON public.enrolments USING btree (workflow_id, id);
CREATE INDEX evidence_of_wording ON public.evidence USING btree (wording_id) WHERE (wording_id IS NOT NULL);
CREATE INDEX inbound_messages_of ON public.inbound_messages USING btree (recipient_id, received_at);
CREATE INDEX inbound_messages_of_sender ON public.inbound_messages USING btree (sender_number_id);
CREATE INDEX inbound_messages_of_sender_id ON public.inbound_messages USING btree (sender_id) WHERE (sender_id IS NOT NULL);
CREATE INDEX inbound_messages_of_unit ON public.inbound_messages USING btree (business_unit_id);
CREATE INDEX inbound_messages_to_review ON public.inbound_messages USING btree (id) WHERE (needs_review AND (settled_at IS NULL));
CREATE INDEX leaving_reasons_given ON public.leaving_reasons USING btree (given_at);
CREATE INDEX leaving_reasons_of_type ON public.leaving_reasons USING btree (subscription_type_id, given_at);
CREATE INDEX leaving_reasons_of_unit ON public.leaving_reasons USING btree (business_unit_id, given_at);
CREATE UNIQUE INDEX network_askings_of_network ON public.network_askings USING btree (digest);
CREATE INDEX operation_refusals_of ON public.operation_refusals USING btree (operation_id, id);
CREATE INDEX operations_by_kind ON public.operations USING btree (kind, id);
CREATE INDEX operations_due ON public.operations USING btree (id) WHERE ((state)::text = ANY ((ARRAY['QUEUED'::character varying, 'RUNNING'::character varying])::text[]));
CREATE INDEX opt_outs_of_all_by_origin ON public.opt_outs_of_all USING btree (channel, origin, recipient_id) WHERE active;
CREATE INDEX opt_outs_of_all_by_unit ON public.opt_outs_of_all USING btree (business_unit_id, channel, recipient_id) WHERE active;
CREATE INDEX outgoing_mails_due ON public.outgoing_mails USING btree (due_at, id) WHERE (sent_at IS NULL);
CREATE INDEX outgoing_mails_of ON public.outgoing_mails USING btree (fingerprint);
CREATE INDEX outgoing_mails_of_type ON public.outgoing_mails USING btree (subscription_type_id);
CREATE INDEX outgoing_mails_of_unit ON public.outgoing_mails USING btree (business_unit_id);
CREATE INDEX pauses_by_unit ON public.pauses USING btree (business_unit_id);
CREATE INDEX pending_opt_ins_by_end ON public.pending_opt_ins USING btree (expires_at);
CREATE INDEX pending_opt_ins_by_type ON public.pending_opt_ins USING btree (subscription_type_id);
CREATE INDEX pending_opt_ins_of_operation ON public.pending_opt_ins USING btree (operation_id) WHERE (operation_id IS NOT NULL);
CREATE INDEX preferences_by_status ON public.preferences USING btree (subscription_type_id, channel, status, recipient_id);
CREATE INDEX recipients_merged ON public.recipients USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL);
CREATE INDEX sender_number_types_of_type ON public.sender_number_types USING btree (subscription_type_id);
CREATE INDEX sender_numbers_of_unit ON public.sender_numbers USING btree (business_unit_id);
CREATE INDEX subscription_types_of_unit ON public.subscription_types USING btree (business_unit_id);
CREATE UNIQUE INDEX whatsapp_users_of_fingerprint ON public.whatsapp_users USING btree (fingerprint);
CREATE INDEX whatsapp_users_of_phone ON public.whatsapp_users USING btree (phone_fingerprint);
CREATE TRIGGER consent_events_final BEFORE DELETE OR UPDATE ON public.consent_events FOR EACH ROW EXECUTE FUNCTION public.consent_events_are_final();
CREATE TRIGGER consent_events_never_emptied BEFORE TRUNCATE ON public.consent_events FOR EACH STATEMENT EXECUTE FUNCTION public.consent_events_are_final();
ALTER TABLE ONLY public.address_refusals
    ADD CONSTRAINT address_refusals_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.call_permits
    ADD CONSTRAINT call_permits_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contacts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.consent_events
    ADD CONSTRAINT consent_events_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.consent_events
    ADD CONSTRAINT consent_events_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.consent_events
    ADD CONSTRAINT consent_events_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_email_recipient_id_fkey FOREIGN KEY (email_recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_phone_recipient_id_fkey FOREIGN KEY (phone_recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT enrolments_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES public.workflows(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.consent_events(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT evidence_wording_id_fkey FOREIGN KEY (wording_id) REFERENCES public.shown_wordings(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT inbound_messages_sender_number_id_fkey FOREIGN KEY (sender_number_id) REFERENCES public.sender_numbers(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.keywords
    ADD CONSTRAINT keywords_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.leaving_reasons
    ADD CONSTRAINT leaving_reasons_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.leaving_reasons
    ADD CONSTRAINT leaving_reasons_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.consent_events(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.leaving_reasons
    ADD CONSTRAINT leaving_reasons_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.operation_parts
    ADD CONSTRAINT operation_parts_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.operations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.operation_refusals
    ADD CONSTRAINT operation_refusals_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.operations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.opt_outs_of_all
    ADD CONSTRAINT opt_outs_of_all_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.opt_outs_of_all
    ADD CONSTRAINT opt_outs_of_all_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.consent_events(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.opt_outs_of_all
    ADD CONSTRAINT opt_outs_of_all_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.outgoing_mails
    ADD CONSTRAINT outgoing_mails_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.outgoing_mails
    ADD CONSTRAINT outgoing_mails_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.consent_events(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pending_opt_ins
    ADD CONSTRAINT pending_opt_ins_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.pending_opt_ins
    ADD CONSTRAINT pending_opt_ins_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.consent_events(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES public.recipients(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.sender_number_types
    ADD CONSTRAINT sender_number_types_sender_number_id_fkey FOREIGN KEY (sender_number_id) REFERENCES public.sender_numbers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.sender_number_types
    ADD CONSTRAINT sender_number_types_subscription_type_id_fkey FOREIGN KEY (subscription_type_id) REFERENCES public.subscription_types(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.sender_numbers
    ADD CONSTRAINT sender_numbers_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.subscription_types
    ADD CONSTRAINT subscription_types_business_unit_id_fkey FOREIGN KEY (business_unit_id) REFERENCES public.business_units(id) ON DELETE RESTRICT;

-- Schema version 1: canonical tables, the load ledger, quarantine, identities and text.

CREATE TABLE conversations (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    conversation_id VARCHAR,
    created_at TIMESTAMP,
    created_at_us BIGINT,
    closed_at TIMESTAMP,
    closed_at_us BIGINT,
    status VARCHAR,
    customer_key VARCHAR,
    account_id VARCHAR,
    channel VARCHAR,
    mode VARCHAR,
    department VARCHAR,
    queue VARCHAR,
    language VARCHAR,
    priority VARCHAR,
    topic VARCHAR,
    tags VARCHAR,
    initiated_by VARCHAR,
    page_url VARCHAR,
    referrer VARCHAR,
    device VARCHAR,
    country VARCHAR,
    bot_outcome VARCHAR,
    bot_billed BOOLEAN,
    ticket_id VARCHAR,
    parent_conversation_id VARCHAR,
    is_test BOOLEAN,
    updated_at TIMESTAMP,
    updated_at_us BIGINT,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE messages (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    message_id VARCHAR,
    conversation_id VARCHAR,
    timestamp TIMESTAMP,
    timestamp_us BIGINT,
    sender_type VARCHAR,
    sender_id VARCHAR,
    is_canned BOOLEAN,
    is_auto BOOLEAN,
    visibility VARCHAR,
    reply_to VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE events (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    event_id VARCHAR,
    conversation_id VARCHAR,
    event_type VARCHAR,
    timestamp TIMESTAMP,
    timestamp_us BIGINT,
    agent_id VARCHAR,
    queue VARCHAR,
    to_queue VARCHAR,
    to_channel VARCHAR,
    detail VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE surveys (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    survey_id VARCHAR,
    conversation_id VARCHAR,
    customer_key VARCHAR,
    sent_at TIMESTAMP,
    sent_at_us BIGINT,
    responded_at TIMESTAMP,
    responded_at_us BIGINT,
    csat DOUBLE,
    nps DOUBLE,
    ces DOUBLE,
    resolved BOOLEAN,
    comment VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE agents (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    agent_id VARCHAR,
    name VARCHAR,
    type VARCHAR,
    team VARCHAR,
    site VARCHAR,
    timezone VARCHAR,
    skills VARCHAR,
    languages VARCHAR,
    max_concurrency BIGINT,
    hourly_cost DOUBLE,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE agent_status (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    agent_id VARCHAR,
    status VARCHAR,
    started_at TIMESTAMP,
    started_at_us BIGINT,
    ended_at TIMESTAMP,
    ended_at_us BIGINT,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE schedules (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    agent_id VARCHAR,
    activity VARCHAR,
    started_at TIMESTAMP,
    started_at_us BIGINT,
    ended_at TIMESTAMP,
    ended_at_us BIGINT,
    paid BOOLEAN,
    planned BOOLEAN,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE contacts (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    contact_id VARCHAR,
    customer_key VARCHAR,
    channel VARCHAR,
    created_at TIMESTAMP,
    created_at_us BIGINT,
    topic VARCHAR,
    handle_s DOUBLE,
    cost DOUBLE,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE customers (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    customer_key VARCHAR,
    account_id VARCHAR,
    segment VARCHAR,
    tier VARCHAR,
    language VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE accounts (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    account_id VARCHAR,
    plan VARCHAR,
    size VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE queues (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    queue VARCHAR,
    timezone VARCHAR,
    hours VARCHAR,
    channels VARCHAR,
    skills VARCHAR,
    max_concurrency BIGINT,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE targets (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    queue VARCHAR,
    channel VARCHAR,
    priority VARCHAR,
    tier VARCHAR,
    metric VARCHAR,
    within_s DOUBLE,
    share DOUBLE,
    clock VARCHAR,
    from_date VARCHAR,
    to_date VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE page_views (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    view_id VARCHAR,
    customer_key VARCHAR,
    viewed_at TIMESTAMP,
    viewed_at_us BIGINT,
    page_url VARCHAR,
    article VARCHAR,
    seconds DOUBLE,
    helpful BOOLEAN,
    device VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE bot_sessions (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    bot_session_id VARCHAR,
    conversation_id VARCHAR,
    bot_id VARCHAR,
    started_at TIMESTAMP,
    started_at_us BIGINT,
    turns BIGINT,
    intent VARCHAR,
    confidence DOUBLE,
    outcome VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

CREATE TABLE costs (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    channel VARCHAR,
    kind VARCHAR,
    amount DOUBLE,
    unit_price DOUBLE,
    period_start VARCHAR,
    period_end VARCHAR,
    currency VARCHAR,
    extra VARCHAR,
    row_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

-- Redacted message text, apart from everything that is published by default.
CREATE TABLE message_texts (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    text VARCHAR
);

-- External identifiers of customers, as keyed hashes, and the person that they stand for.
CREATE TABLE identities (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    external_hash VARCHAR NOT NULL,
    customer_key VARCHAR NOT NULL
);

-- One row per loaded file; the equation of its counts is enforced here.
CREATE TABLE loads (
    load_id BIGINT PRIMARY KEY,
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    file_sha256 VARCHAR NOT NULL,
    settings_hash VARCHAR NOT NULL,
    loaded_at TIMESTAMP NOT NULL,
    n_rows BIGINT NOT NULL,
    n_new BIGINT NOT NULL,
    n_updated BIGINT NOT NULL,
    n_duplicate BIGINT NOT NULL,
    n_quarantined BIGINT NOT NULL,
    n_skipped BIGINT NOT NULL,
    n_suppressed BIGINT NOT NULL,
    skipped_reasons VARCHAR,
    columns_kept_as_extra VARCHAR,
    tool_version VARCHAR NOT NULL,
    CHECK (n_rows = n_new + n_updated + n_duplicate + n_quarantined + n_skipped + n_suppressed)
);

-- Rows that could not be loaded: where, why, and a keyed fingerprint instead of their content.
CREATE TABLE quarantine (
    load_id BIGINT NOT NULL,
    table_name VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    line BIGINT NOT NULL,
    field VARCHAR,
    reason VARCHAR NOT NULL,
    row_hash VARCHAR NOT NULL
);

-- Defaults that came with the data (config.json), below the user's own settings.
CREATE TABLE source_config (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    value VARCHAR
);

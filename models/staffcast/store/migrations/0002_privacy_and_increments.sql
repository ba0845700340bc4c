-- Schema version 2: numeric row hashes, text beside its message, and what erasure, rotation and incremental builds need.
-- Older row hashes cannot be turned into new ones: the smallest number lets any version that is loaded again win.

ALTER TABLE conversations ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE events ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE surveys ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE agents ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE agent_status ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE schedules ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE contacts ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE customers ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE accounts ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE queues ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE targets ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE page_views ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE bot_sessions ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);
ALTER TABLE costs ALTER row_hash SET DATA TYPE BIGINT USING (-9223372036854775808);

CREATE TABLE messages_2 (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    message_id VARCHAR,
    conversation_id VARCHAR,
    timestamp TIMESTAMP,
    timestamp_us BIGINT,
    sender_type VARCHAR,
    sender_id VARCHAR,
    text VARCHAR,
    is_canned BOOLEAN,
    is_auto BOOLEAN,
    visibility VARCHAR,
    reply_to VARCHAR,
    extra VARCHAR,
    row_hash BIGINT NOT NULL,
    load_id BIGINT NOT NULL
);
INSERT INTO messages_2 BY NAME
SELECT m.* EXCLUDE (row_hash), t.text, -9223372036854775808 AS row_hash
FROM messages m
LEFT JOIN message_texts t
    ON t.source = m.source AND t.source_account = m.source_account AND t.message_id = m.message_id;
DROP TABLE messages;
DROP TABLE message_texts;
ALTER TABLE messages_2 RENAME TO messages;

-- Conversations and customers that replaced or removed rows belonged to: an incremental build has to look at them too.
CREATE TABLE replaced_keys (
    load_id BIGINT NOT NULL,
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    key VARCHAR NOT NULL
);

-- Keyed hashes of what names an erased person, their conversations and contacts: rows with them never come back.
CREATE TABLE tombstones (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    external_hash VARCHAR NOT NULL,
    erased_at TIMESTAMP NOT NULL
);

-- Keyed hashes of the words of a customer's name and address, to find them in that customer's conversations.
CREATE TABLE customer_terms (
    source VARCHAR NOT NULL,
    source_account VARCHAR NOT NULL,
    customer_key VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    term_hash VARCHAR NOT NULL,
    load_id BIGINT NOT NULL
);

-- Rules that bind every later load, such as the instant before which no text is kept.
CREATE TABLE policies (
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL
);

-- Backups made of this warehouse: an erasure has to reach them.
CREATE TABLE backups (
    path VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL
);

-- What each erasure removed, without saying whom.
CREATE TABLE erasures (
    receipt VARCHAR NOT NULL,
    erased_at TIMESTAMP NOT NULL,
    counts VARCHAR NOT NULL
);

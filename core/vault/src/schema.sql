-- The vault. One row: whose hash chain this installation continues.
CREATE TABLE vault (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device BLOB NOT NULL CHECK (length(device) = 16),
    created_at INTEGER NOT NULL
) STRICT;

-- The journal. Rows are never changed and never removed.
CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    order_id TEXT,
    occurrence_id BLOB,
    happened_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    amends BLOB,
    administration_status TEXT,
    -- The hash chain: null for an entry that came without one from a server that does not keep it.
    device BLOB,
    device_sequence INTEGER,
    previous_hash BLOB,
    hash BLOB,
    json TEXT NOT NULL,
    UNIQUE (device, device_sequence)
) STRICT;

-- Pages of the timeline.
CREATE INDEX entry_by_time ON entry (happened_at, id);
CREATE INDEX entry_by_kind ON entry (kind, happened_at, id);
CREATE INDEX entry_by_order ON entry (order_id, happened_at, id) WHERE order_id IS NOT NULL;
CREATE INDEX entry_by_occurrence ON entry (occurrence_id, happened_at) WHERE occurrence_id IS NOT NULL;
CREATE INDEX entry_amending ON entry (amends) WHERE amends IS NOT NULL;

-- Covers the adherence of 90 days without touching a row: 40 times faster than (kind, happened_at).
CREATE INDEX administration_by_time
    ON entry (happened_at, occurrence_id, administration_status, order_id, id, amends)
    WHERE kind = 'administration';

CREATE TRIGGER entry_is_immutable BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'an entry is never changed: amend it');
END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'an entry is never removed: amend it');
END;

-- Words of the entries; the text itself is in the entry's JSON. Two- and three-letter prefixes have their own index.
CREATE VIRTUAL TABLE entry_fts USING fts5 (
    words,
    content = '',
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '2 3'
);

-- What waits for the care team's server. A sent row stays, without its payload.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL CHECK (lane IN (0, 1)),
    entry_id BLOB,
    resource_type TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    payload TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'parked', 'sent')),
    attempts INTEGER NOT NULL DEFAULT 0,
    queued_at INTEGER NOT NULL,
    next_try_at INTEGER,
    tried_at INTEGER,
    settled_at INTEGER,
    reason TEXT,
    version_id TEXT,
    -- The id on the server, where it gave one of its own.
    server_id TEXT,
    -- Its bytes are or were on their way: they are never changed any more, a later edit queues behind.
    frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1)),
    -- The last try ended without an answer: the server may have it.
    unknown INTEGER NOT NULL DEFAULT 0 CHECK (unknown IN (0, 1)),
    CHECK ((state = 'sent') = (payload IS NULL))
) STRICT;
CREATE INDEX outbox_waiting ON outbox (lane, number) WHERE state = 'waiting';
CREATE INDEX outbox_parked ON outbox (number) WHERE state = 'parked';
CREATE INDEX outbox_sent ON outbox (settled_at) WHERE state = 'sent';
CREATE INDEX outbox_tried ON outbox (tried_at) WHERE state <> 'sent' AND reason IS NOT NULL;
CREATE INDEX outbox_by_entry ON outbox (entry_id) WHERE entry_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_once ON outbox (resource_type, resource_id) WHERE state <> 'sent' AND frozen = 0;
CREATE INDEX outbox_of_resource ON outbox (resource_type, resource_id);

-- The care team's resources as received.
CREATE TABLE mirror (
    number INTEGER PRIMARY KEY,
    resource_type TEXT NOT NULL,
    id TEXT NOT NULL,
    version_id TEXT,
    last_updated INTEGER,
    json TEXT NOT NULL,
    deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
    received_at INTEGER NOT NULL,
    UNIQUE (resource_type, id)
) STRICT;

-- How far each pull has come; committed with what it brought.
CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What was typed and not yet saved, so that a killed app loses no words.
CREATE TABLE draft (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sealed files in the folder `attachments`.
CREATE TABLE attachment (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    file TEXT NOT NULL UNIQUE,
    wrapped_key BLOB NOT NULL,
    content_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL
) STRICT;

-- Every alarm that was planned, and how far it came on its way to a person.
CREATE TABLE alarm (
    id TEXT NOT NULL,
    fire_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    occurrence_id BLOB,
    content TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    handed_at INTEGER,
    pending_at INTEGER,
    fired_at INTEGER,
    seen_at INTEGER,
    acted_at INTEGER,
    withdrawn_at INTEGER,
    PRIMARY KEY (id, fire_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarm_by_time ON alarm (fire_at, id);

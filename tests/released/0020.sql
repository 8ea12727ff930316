CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE pet (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	born_on DATE, 
	born_estimated BOOLEAN NOT NULL, 
	notes TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	added_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	name_key TEXT NOT NULL, 
	type_key TEXT NOT NULL, 
	search_text TEXT NOT NULL, 
	former_names JSON
, own JSON, photo TEXT DEFAULT '' NOT NULL, files TEXT DEFAULT '' NOT NULL);
CREATE TABLE pet_type (
	type TEXT NOT NULL, 
	type_key TEXT NOT NULL, 
	pets INTEGER NOT NULL, 
	CONSTRAINT pk_pet_type PRIMARY KEY (type)
);
CREATE TABLE change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	changeset_id INTEGER NOT NULL, 
	pet_id INTEGER, 
	version INTEGER NOT NULL, 
	pet_name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	"before" JSON, 
	"after" JSON, was_key TEXT, undoes_id INTEGER, 
	CONSTRAINT fk_change_changeset_id FOREIGN KEY(changeset_id) REFERENCES changeset (id)
);
CREATE VIRTUAL TABLE pet_search USING fts5(
        search_text, content='pet', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1');
CREATE TABLE account (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	role TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	one_time_until DATETIME, 
	made_at DATETIME NOT NULL, 
	ended_at DATETIME, columns JSON, 
	CONSTRAINT uq_account_name_key UNIQUE (name_key)
);
CREATE TABLE sign_in (
	token_hash TEXT NOT NULL, 
	account_id INTEGER NOT NULL, 
	begun_at DATETIME NOT NULL, 
	confirmed_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	browser TEXT NOT NULL, 
	address TEXT NOT NULL, 
	CONSTRAINT pk_sign_in PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sign_in_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE setup_link (
	token_hash TEXT NOT NULL, 
	CONSTRAINT pk_setup_link PRIMARY KEY (token_hash)
);
CREATE TABLE throttle (
	"key" TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_throttle PRIMARY KEY ("key")
);
CREATE TABLE security_event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	event TEXT NOT NULL, 
	who TEXT NOT NULL, 
	about TEXT NOT NULL, 
	address TEXT NOT NULL
);
CREATE TABLE kept_form (
	id TEXT NOT NULL, 
	account_id INTEGER NOT NULL, 
	kept_at DATETIME NOT NULL, 
	path TEXT NOT NULL, 
	fields JSON NOT NULL, 
	CONSTRAINT pk_kept_form PRIMARY KEY (id), 
	CONSTRAINT fk_kept_form_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE draft_line (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	changeset_id INTEGER NOT NULL, 
	part TEXT NOT NULL, 
	pet_id INTEGER, 
	version INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	concern TEXT, 
	problems JSON, name_key TEXT DEFAULT '' NOT NULL, undoes_id INTEGER, kept_both BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT fk_draft_line_changeset_id FOREIGN KEY(changeset_id) REFERENCES changeset (id)
);
CREATE TABLE work (
	id TEXT NOT NULL, 
	account_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	about TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	done INTEGER NOT NULL, 
	reported_at DATETIME NOT NULL, 
	outcome JSON, 
	CONSTRAINT pk_work PRIMARY KEY (id)
);
CREATE TABLE import (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER, 
	begun_at DATETIME NOT NULL, 
	filename TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	notes JSON NOT NULL, 
	sheets JSON NOT NULL, 
	counts_from_1904 BOOLEAN NOT NULL, 
	read BOOLEAN NOT NULL, 
	sheet INTEGER NOT NULL, 
	"plan" JSON, 
	fingerprint TEXT, 
	counts JSON, 
	staged_at DATETIME, 
	changeset_id INTEGER, noted JSON DEFAULT '{}' NOT NULL, encoding TEXT DEFAULT '' NOT NULL, spellings JSON DEFAULT '{}' NOT NULL, original BLOB, hidden JSON DEFAULT '{}' NOT NULL, 
	CONSTRAINT fk_import_account_id FOREIGN KEY(account_id) REFERENCES account (id), 
	CONSTRAINT fk_import_changeset_id FOREIGN KEY(changeset_id) REFERENCES changeset (id) ON DELETE SET NULL
);
CREATE TABLE import_row (
	import_id INTEGER NOT NULL, 
	sheet INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	cells JSON NOT NULL, 
	state TEXT, 
	found JSON, 
	choice TEXT, aside TEXT, 
	CONSTRAINT pk_import_row PRIMARY KEY (import_id, sheet, number), 
	CONSTRAINT fk_import_row_import_id FOREIGN KEY(import_id) REFERENCES import (id)
);
CREATE TABLE form_token (
	account_id INTEGER NOT NULL, 
	token TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	sent_at DATETIME NOT NULL, 
	name TEXT, 
	pet_id INTEGER, 
	changeset_id INTEGER, 
	line_id INTEGER, 
	CONSTRAINT pk_form_token PRIMARY KEY (account_id, token), 
	CONSTRAINT fk_form_token_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE "changeset" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	who TEXT NOT NULL, 
	saved_at DATETIME, 
	undoes_id INTEGER, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	account_id INTEGER, 
	discarded_at DATETIME, 
	revision INTEGER DEFAULT '0' NOT NULL, fields_at INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT fk_changeset_undoes_id FOREIGN KEY(undoes_id) REFERENCES changeset (id), 
	FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE field (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	version INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	retired_at DATETIME, 
	label TEXT NOT NULL, 
	label_key TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	hint TEXT NOT NULL, 
	required BOOLEAN NOT NULL, 
	listed BOOLEAN NOT NULL, 
	types JSON, 
	choices JSON, 
	unit TEXT NOT NULL, 
	low TEXT, 
	high TEXT, 
	digits BOOLEAN NOT NULL, 
	unique_code BOOLEAN NOT NULL, former JSON, 
	CONSTRAINT uq_field_version UNIQUE (version), 
	CONSTRAINT uq_field_label_key UNIQUE (label_key)
);
CREATE TABLE pet_key (
	field_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	pet_id INTEGER NOT NULL, 
	CONSTRAINT pk_pet_key PRIMARY KEY (field_id, "key", name_key, pet_id)
)
 WITHOUT ROWID

;
CREATE TABLE saved_view (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	account_id INTEGER NOT NULL, 
	shared BOOLEAN NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	CONSTRAINT fk_saved_view_account_id FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE file (
	digest TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	thumb BLOB, 
	taken_at DATETIME NOT NULL, 
	in_history BOOLEAN NOT NULL, 
	CONSTRAINT pk_file PRIMARY KEY (digest)
);
CREATE TABLE kept_both (
	pet_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	CONSTRAINT pk_kept_both PRIMARY KEY (pet_id, other_id)
);
INSERT INTO "alembic_version" ("version_num") VALUES ('0020');
INSERT INTO "pet" ("id", "name", "type", "born_on", "born_estimated", "notes", "version", "added_at", "changed_at", "name_key", "type_key", "search_text", "former_names", "own", "photo", "files") VALUES (1, 'Rexie', 'dog', '2021-06-15', 1, 'found
in the rain', 2, '2024-06-15 12:00:00.000000', '2024-06-15 12:00:00.000000', 'rexie', 'dog', '  rexie  dog  found  in  the  rain  rex', '[["Rex", "2024-06-15"]]', NULL, '', '');
INSERT INTO "pet" ("id", "name", "type", "born_on", "born_estimated", "notes", "version", "added_at", "changed_at", "name_key", "type_key", "search_text", "former_names", "own", "photo", "files") VALUES (2, 'Žofie', 'cat', '2021-06-15', 1, 'found
in the rain', 3, '2024-06-15 12:00:00.000000', '2024-06-15 12:00:00.000000', 'zofie', 'cat', '  zofie  cat  found  in  the  rain', NULL, NULL, '', '');
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('changeset', 8);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('account', 3);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('field', 0);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('saved_view', 0);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('change', 7);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('draft_line', 2);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('import', 1);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('pet', 2);
INSERT INTO "pet_type" ("type", "type_key", "pets") VALUES ('dog', 'dog', 1);
INSERT INTO "pet_type" ("type", "type_key", "pets") VALUES ('cat', 'cat', 1);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (1, 1, 1, 0, 'Rex', 'rex', NULL, '{"name": "Rex", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}', NULL, NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (2, 2, 2, 0, 'Žofie', 'zofie', NULL, '{"name": "\u017dofie", "type": "cat", "born": "2021-06-15~", "notes": "found\nin the rain"}', NULL, NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (3, 3, 3, 0, 'Max', 'max', NULL, '{"name": "Max", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}', NULL, NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (4, 4, 1, 1, 'Rexie', 'rexie', '{"name": "Rex"}', '{"name": "Rexie"}', 'rex', NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (5, 5, 2, 1, 'Sophie', 'sophie', '{"name": "\u017dofie", "born": "2021-06-15~", "notes": "found\nin the rain"}', '{"name": "Sophie", "born": null, "notes": ""}', 'zofie', NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (6, 6, 3, 1, 'Max', 'max', '{"name": "Max", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}', NULL, NULL, NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after", "was_key", "undoes_id") VALUES (7, 7, 2, 2, 'Žofie', 'zofie', '{"name": "Sophie", "born": null, "notes": ""}', '{"name": "\u017dofie", "born": "2021-06-15~", "notes": "found\nin the rain"}', 'sophie', NULL);
INSERT INTO "account" ("id", "name", "name_key", "role", "password_hash", "one_time_until", "made_at", "ended_at", "columns") VALUES (1, 'Vera', 'vera', 'viewer', 'pbkdf2:sha256:1$ktGsoTaUMcU8J2r0$f67a8c9c392a739fec2d8331580a15d7f2936bcb53437d27c710e0f601931845', NULL, '2024-06-15 12:00:00.000000', NULL, NULL);
INSERT INTO "account" ("id", "name", "name_key", "role", "password_hash", "one_time_until", "made_at", "ended_at", "columns") VALUES (2, 'Edith', 'edith', 'editor', 'pbkdf2:sha256:1$XBoRpjuTlmCT8QQe$2b5304f9c96a01afaa70d639da4d7ed3734852d57048e0731d0f3e447c291b13', NULL, '2024-06-15 12:00:00.000000', NULL, NULL);
INSERT INTO "account" ("id", "name", "name_key", "role", "password_hash", "one_time_until", "made_at", "ended_at", "columns") VALUES (3, 'Ada', 'ada', 'admin', 'pbkdf2:sha256:1$jNYdyJkQ1ftX0Nok$f33670939d1d84effd5ffbd1032aef8901d0572e944311f97affeae47d22eb3f', NULL, '2024-06-15 12:00:00.000000', NULL, NULL);
INSERT INTO "draft_line" ("id", "changeset_id", "part", "pet_id", "version", "name", "before", "after", "concern", "problems", "name_key", "undoes_id", "kept_both") VALUES (1, 8, 'new', NULL, 0, 'Whiskers', NULL, '{"name": "Whiskers", "type": "cat", "born": null, "notes": ""}', NULL, NULL, 'whiskers', NULL, 0);
INSERT INTO "draft_line" ("id", "changeset_id", "part", "pet_id", "version", "name", "before", "after", "concern", "problems", "name_key", "undoes_id", "kept_both") VALUES (2, 8, 'changed', 1, 2, 'Rexie', '{"born": "2021-06-15~", "notes": "found\nin the rain"}', '{"born": null, "notes": "blind"}', NULL, NULL, 'rexie', NULL, 0);
INSERT INTO "import" ("id", "account_id", "begun_at", "filename", "kind", "digest", "notes", "sheets", "counts_from_1904", "read", "sheet", "plan", "fingerprint", "counts", "staged_at", "changeset_id", "noted", "encoding", "spellings", "original", "hidden") VALUES (1, 2, '2024-06-15 12:00:00.000000', 'pets.csv', 'csv', '43ae6b751d22e2a769b9eecee6fb2cf99b69ac91d68a465b1a84ff84637f2e5a', '[]', '[""]', 0, 1, 0, NULL, NULL, NULL, NULL, NULL, '{"0 0": {"filled": 3, "first_row": 1, "values": ["name", "Polly", "Bo"], "distinct": 3}, "0 1": {"filled": 3, "first_row": 1, "values": ["type", "parrot", "dog"], "distinct": 3}, "0 2": {"filled": 3, "first_row": 1, "values": ["born", "2020-05-01", "not a date"], "distinct": 3}}', 'utf-8', '{}', NULL, '{"0": 0, "0 struck": 0}');
INSERT INTO "import_row" ("import_id", "sheet", "number", "cells", "state", "found", "choice", "aside") VALUES (1, 0, 1, '["name", "type", "born"]', NULL, NULL, NULL, NULL);
INSERT INTO "import_row" ("import_id", "sheet", "number", "cells", "state", "found", "choice", "aside") VALUES (1, 0, 2, '["Polly", "parrot", "2020-05-01"]', NULL, NULL, NULL, NULL);
INSERT INTO "import_row" ("import_id", "sheet", "number", "cells", "state", "found", "choice", "aside") VALUES (1, 0, 3, '["Bo", "dog", "not a date"]', NULL, NULL, NULL, NULL);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (1, 'Edith', '2024-06-15 12:00:00.000000', NULL, 1, 0, 0, 2, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (2, 'Edith', '2024-06-15 12:00:00.000000', NULL, 1, 0, 0, 2, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (3, 'Edith', '2024-06-15 12:00:00.000000', NULL, 1, 0, 0, 2, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (4, 'Ada', '2024-06-15 12:00:00.000000', NULL, 0, 1, 0, 3, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (5, 'Ada', '2024-06-15 12:00:00.000000', NULL, 0, 1, 0, 3, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (6, 'Edith', '2024-06-15 12:00:00.000000', NULL, 0, 0, 1, 2, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (7, 'Edith', '2024-06-15 12:00:00.000000', 5, 0, 1, 0, 2, NULL, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "added", "changed", "removed", "account_id", "discarded_at", "revision", "fields_at") VALUES (8, 'Edith', NULL, NULL, 1, 1, 0, 2, NULL, 2, 0);
INSERT INTO pet_search (pet_search) VALUES ('rebuild');
CREATE INDEX ix_pet_name_key_id ON pet (name_key, id);
CREATE INDEX ix_pet_type_key_name_key_id ON pet (type_key, name_key, id);
CREATE INDEX ix_pet_born_on_id ON pet (born_on, id);
CREATE INDEX ix_pet_changed_at_id ON pet (changed_at, id);
CREATE INDEX ix_pet_added_at_id ON pet (added_at, id);
CREATE INDEX ix_pet_type_type_key ON pet_type (type_key);
CREATE INDEX ix_change_changeset_id_id ON change (changeset_id, id);
CREATE INDEX ix_change_pet_id_version ON change (pet_id, version);
CREATE INDEX ix_change_name_key_changeset_id ON change (name_key, changeset_id);
CREATE TRIGGER pet_added AFTER INSERT ON pet BEGIN
        INSERT INTO pet_search (rowid, search_text) VALUES (new.id, new.search_text);
        INSERT INTO pet_type (type, type_key, pets) VALUES (new.type, new.type_key, 1)
            ON CONFLICT (type) DO UPDATE SET pets = pets + 1;
    END;
CREATE TRIGGER pet_removed AFTER DELETE ON pet BEGIN
        INSERT INTO pet_search (pet_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        UPDATE pet_type SET pets = pets - 1 WHERE type = old.type;
        DELETE FROM pet_type WHERE type = old.type AND pets = 0;
    END;
CREATE TRIGGER pet_reworded AFTER UPDATE OF search_text ON pet
    WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO pet_search (pet_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO pet_search (rowid, search_text) VALUES (new.id, new.search_text);
    END;
CREATE TRIGGER pet_retyped AFTER UPDATE OF type ON pet WHEN old.type <> new.type BEGIN
        UPDATE pet_type SET pets = pets - 1 WHERE type = old.type;
        DELETE FROM pet_type WHERE type = old.type AND pets = 0;
        INSERT INTO pet_type (type, type_key, pets) VALUES (new.type, new.type_key, 1)
            ON CONFLICT (type) DO UPDATE SET pets = pets + 1;
    END;
CREATE INDEX ix_sign_in_account_id ON sign_in (account_id);
CREATE INDEX ix_security_event_at ON security_event (at);
CREATE INDEX ix_kept_form_account_id ON kept_form (account_id);
CREATE INDEX ix_draft_line_changeset_id_part_id ON draft_line (changeset_id, part, id);
CREATE UNIQUE INDEX ix_draft_line_pet ON draft_line (changeset_id, pet_id);
CREATE INDEX ix_draft_line_pet_id ON draft_line (pet_id);
CREATE INDEX ix_draft_line_concern ON draft_line (changeset_id, id, concern) WHERE concern IS NOT NULL;
CREATE INDEX ix_pet_type_key_born_on ON pet (type_key, born_on);
CREATE INDEX ix_draft_line_changeset_id_name_key ON draft_line (changeset_id, name_key);
CREATE INDEX ix_draft_line_calm ON draft_line (changeset_id, part, id) WHERE concern IS NULL;
CREATE INDEX ix_import_account_id ON import (account_id);
CREATE INDEX ix_import_begun_at ON import (begun_at);
CREATE INDEX ix_import_changeset_id ON import (changeset_id);
CREATE INDEX ix_import_digest ON import (digest);
CREATE INDEX ix_import_fingerprint ON import (fingerprint);
CREATE INDEX ix_import_row_import_id_sheet_state_number ON import_row (import_id, sheet, state, number);
CREATE INDEX ix_form_token_account_id_sent_at ON form_token (account_id, sent_at);
CREATE INDEX ix_changeset_saved_at_id ON changeset (saved_at, id);
CREATE INDEX ix_changeset_removing ON changeset (saved_at, id) WHERE removed > 0;
CREATE INDEX ix_changeset_adding ON changeset (saved_at, id) WHERE added > 0;
CREATE INDEX ix_changeset_undoes_id ON changeset (undoes_id);
CREATE INDEX ix_changeset_who_saved_at_id ON changeset (who, saved_at, id);
CREATE INDEX ix_changeset_undoing ON changeset (saved_at, id) WHERE undoes_id IS NOT NULL;
CREATE UNIQUE INDEX ix_changeset_draft ON changeset (account_id) WHERE saved_at IS NULL AND discarded_at IS NULL;
CREATE INDEX ix_changeset_changing ON changeset (saved_at, id) WHERE changed > 0;
CREATE INDEX ix_change_was_key ON change (was_key, changeset_id) WHERE was_key IS NOT NULL;
CREATE INDEX ix_sign_in_begun_at ON sign_in (begun_at);
CREATE INDEX ix_sign_in_confirmed_at ON sign_in (confirmed_at);
CREATE INDEX ix_throttle_last_at ON throttle (last_at);
CREATE INDEX ix_pet_key_pet_id ON pet_key (pet_id);
CREATE UNIQUE INDEX uq_saved_view_own ON saved_view (account_id, name_key) WHERE NOT shared;
CREATE UNIQUE INDEX uq_saved_view_shared ON saved_view (name_key) WHERE shared;
CREATE TRIGGER pet_added_untold BEFORE INSERT ON pet
    WHEN (SELECT "after" IS NOT NULL AND version = new.version - 1 FROM change WHERE pet_id = new.id ORDER BY version DESC LIMIT 1) IS NOT TRUE OR EXISTS (SELECT 1 FROM pet WHERE id = new.id) BEGIN
        SELECT RAISE(ABORT, 'Pets are written through a SQLAlchemy session, which tells every change in the history. Load them and set their facts, session.add() or session.delete() them.');
    END;
CREATE TRIGGER pet_changed_untold BEFORE UPDATE OF id, name, type, born_on, born_estimated, notes, version, own, photo, files ON pet
    WHEN (SELECT "after" IS NOT NULL AND version = new.version - 1 FROM change WHERE pet_id = new.id ORDER BY version DESC LIMIT 1) IS NOT TRUE OR new.version <> old.version + 1 BEGIN
        SELECT RAISE(ABORT, 'Pets are written through a SQLAlchemy session, which tells every change in the history. Load them and set their facts, session.add() or session.delete() them.');
    END;
CREATE TRIGGER pet_removed_untold BEFORE DELETE ON pet WHEN (SELECT "after" IS NULL FROM change WHERE pet_id = old.id ORDER BY version DESC LIMIT 1) IS NOT TRUE BEGIN
        SELECT RAISE(ABORT, 'Pets are written through a SQLAlchemy session, which tells every change in the history. Load them and set their facts, session.add() or session.delete() them.');
    END;
CREATE INDEX ix_pet_photo_name_key_id ON pet (photo, name_key, id);

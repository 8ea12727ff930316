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
);
CREATE TABLE pet_type (
	type TEXT NOT NULL, 
	type_key TEXT NOT NULL, 
	pets INTEGER NOT NULL, 
	CONSTRAINT pk_pet_type PRIMARY KEY (type)
);
CREATE TABLE changeset (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	who TEXT NOT NULL, 
	saved_at DATETIME, 
	undoes_id INTEGER, 
	form_token TEXT, 
	added INTEGER NOT NULL, 
	changed INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	CONSTRAINT fk_changeset_undoes_id FOREIGN KEY(undoes_id) REFERENCES changeset (id), 
	CONSTRAINT uq_changeset_form_token UNIQUE (form_token)
);
CREATE TABLE change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	changeset_id INTEGER NOT NULL, 
	pet_id INTEGER, 
	version INTEGER NOT NULL, 
	pet_name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	CONSTRAINT fk_change_changeset_id FOREIGN KEY(changeset_id) REFERENCES changeset (id)
);
CREATE VIRTUAL TABLE pet_search USING fts5(
        search_text, content='pet', content_rowid='id', columnsize=0, tokenize='trigram case_sensitive 1');
INSERT INTO "alembic_version" ("version_num") VALUES ('0001');
INSERT INTO "pet" ("id", "name", "type", "born_on", "born_estimated", "notes", "version", "added_at", "changed_at", "name_key", "type_key", "search_text", "former_names") VALUES (1, 'Rexie', 'dog', '2021-06-15', 1, 'found
in the rain', 2, '2024-06-15 12:00:00.000000', '2024-06-15 12:00:00.000000', 'rexie', 'dog', '  rexie  dog  found  in  the  rain  rex', '[["Rex", "2024-06-15"]]');
INSERT INTO "pet" ("id", "name", "type", "born_on", "born_estimated", "notes", "version", "added_at", "changed_at", "name_key", "type_key", "search_text", "former_names") VALUES (2, 'Žofie', 'cat', '2021-06-15', 1, 'found
in the rain', 3, '2024-06-15 12:00:00.000000', '2024-06-15 12:00:00.000000', 'zofie', 'cat', '  zofie  cat  found  in  the  rain', NULL);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('changeset', 8);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('change', 7);
INSERT INTO "sqlite_sequence" ("name", "seq") VALUES ('pet', 2);
INSERT INTO "pet_type" ("type", "type_key", "pets") VALUES ('dog', 'dog', 1);
INSERT INTO "pet_type" ("type", "type_key", "pets") VALUES ('cat', 'cat', 1);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (1, 'Edith', '2024-06-15 12:00:00.000000', NULL, NULL, 1, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (2, 'Edith', '2024-06-15 12:00:00.000000', NULL, NULL, 1, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (3, 'Edith', '2024-06-15 12:00:00.000000', NULL, NULL, 1, 0, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (4, 'Ada', '2024-06-15 12:00:00.000000', NULL, NULL, 0, 1, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (5, 'Ada', '2024-06-15 12:00:00.000000', NULL, NULL, 0, 1, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (6, 'Edith', '2024-06-15 12:00:00.000000', NULL, NULL, 0, 0, 1);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (7, 'Edith', '2024-06-15 12:00:00.000000', 5, NULL, 0, 1, 0);
INSERT INTO "changeset" ("id", "who", "saved_at", "undoes_id", "form_token", "added", "changed", "removed") VALUES (8, 'Edith', NULL, NULL, NULL, 1, 1, 0);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (1, 1, 1, 0, 'Rex', 'rex', NULL, '{"name": "Rex", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}');
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (2, 2, 2, 0, 'Žofie', 'zofie', NULL, '{"name": "\u017dofie", "type": "cat", "born": "2021-06-15~", "notes": "found\nin the rain"}');
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (3, 3, 3, 0, 'Max', 'max', NULL, '{"name": "Max", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}');
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (4, 4, 1, 1, 'Rexie', 'rexie', '{"name": "Rex"}', '{"name": "Rexie"}');
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (5, 5, 2, 1, 'Sophie', 'sophie', '{"name": "\u017dofie", "born": "2021-06-15~", "notes": "found\nin the rain"}', '{"name": "Sophie", "born": null, "notes": ""}');
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (6, 6, 3, 1, 'Max', 'max', '{"name": "Max", "type": "dog", "born": "2021-06-15~", "notes": "found\nin the rain"}', NULL);
INSERT INTO "change" ("id", "changeset_id", "pet_id", "version", "pet_name", "name_key", "before", "after") VALUES (7, 7, 2, 2, 'Žofie', 'zofie', '{"name": "Sophie", "born": null, "notes": ""}', '{"name": "\u017dofie", "born": "2021-06-15~", "notes": "found\nin the rain"}');
INSERT INTO pet_search (pet_search) VALUES ('rebuild');
CREATE INDEX ix_pet_name_key_id ON pet (name_key, id);
CREATE INDEX ix_pet_type_key_name_key_id ON pet (type_key, name_key, id);
CREATE INDEX ix_pet_born_on_id ON pet (born_on, id);
CREATE INDEX ix_pet_changed_at_id ON pet (changed_at, id);
CREATE INDEX ix_pet_added_at_id ON pet (added_at, id);
CREATE INDEX ix_pet_type_type_key ON pet_type (type_key);
CREATE INDEX ix_changeset_undoes_id ON changeset (undoes_id);
CREATE INDEX ix_changeset_saved_at_id ON changeset (saved_at, id);
CREATE INDEX ix_changeset_who_saved_at_id ON changeset (who, saved_at, id);
CREATE INDEX ix_changeset_adding ON changeset (saved_at, id) WHERE added > 0;
CREATE INDEX ix_changeset_changing ON changeset (saved_at, id) WHERE changed > 0;
CREATE INDEX ix_changeset_removing ON changeset (saved_at, id) WHERE removed > 0;
CREATE INDEX ix_changeset_undoing ON changeset (saved_at, id) WHERE undoes_id IS NOT NULL;
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

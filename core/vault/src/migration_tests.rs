use super::*;
use crate::schema::{CREATE, SCHEMA, Step, VERSION};

/// A made-up next version over the real present one: a column, an index and a moved value.
const NEXT: Schema = Schema {
    version: VERSION + 1,
    create: concat!(
        include_str!("schema.sql"),
        "ALTER TABLE vault ADD COLUMN nickname TEXT;
         CREATE INDEX entry_by_recording ON entry (recorded_at);"
    ),
    steps: &[Step {
        to: VERSION + 1,
        sql: "ALTER TABLE vault ADD COLUMN nickname TEXT;
              CREATE INDEX entry_by_recording ON entry (recorded_at);
              UPDATE setting SET json = json || json;",
    }],
};

struct File {
    folder: tempfile::TempDir,
    key: DataKey,
}

impl File {
    /// A file of the present version.
    fn of_the_present() -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap(), key: DataKey::random().unwrap() };
        let connection = create(&file.path(), &file.key, &SCHEMA).unwrap();
        connection.execute_batch("INSERT INTO setting (key, json) VALUES ('a', '1')").unwrap();
        connection.close().unwrap();
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    fn open(&self, schema: &Schema) -> Result<Connection> {
        open(&self.path(), &self.key, schema)
    }
}

fn value(connection: &Connection) -> String {
    connection.query_row("SELECT json FROM setting WHERE key = 'a'", [], |row| row.get(0)).unwrap()
}

/// Every object with its SQL, white space aside: `ALTER TABLE` formats in its own way.
fn objects(connection: &Connection) -> Vec<(String, String)> {
    let mut select =
        connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    rows.map(|row| row.map(|(name, sql)| (name, sql.split_whitespace().collect::<String>())).unwrap()).collect()
}

/// The first released schema is kept as a file; when the present one moves on, this is where upgrades start.
#[test]
fn a_file_of_every_released_version_upgrades_to_exactly_the_fresh_schema() {
    let released =
        [(1, include_str!("../tests/released/schema_v1.sql")), (2, include_str!("../tests/released/schema_v2.sql"))];
    assert_eq!(released.len(), usize::try_from(SCHEMA.version).unwrap(), "each version has its fixture");
    for (version, sql) in released {
        let file = File { folder: tempfile::tempdir().unwrap(), key: DataKey::random().unwrap() };
        let old = Schema { version, create: sql, steps: &[] };
        let connection = create(&file.path(), &file.key, &old).unwrap();
        connection.execute_batch("INSERT INTO setting (key, json) VALUES ('a', '1')").unwrap();
        connection.close().unwrap();
        let upgraded = file.open(&SCHEMA).unwrap();
        let fresh = Connection::open_in_memory().unwrap();
        fresh.execute_batch(CREATE).unwrap();
        assert_eq!(objects(&upgraded), objects(&fresh), "version {version}");
        assert_eq!(value(&upgraded), "1", "version {version}");
    }
}

#[test]
fn an_upgrade_moves_schema_data_and_version_and_leaves_a_copy_of_before() {
    let file = File::of_the_present();
    let upgraded = file.open(&NEXT).unwrap();
    assert_eq!(version_of(&upgraded).unwrap(), VERSION + 1);
    assert_eq!(value(&upgraded), "11");
    let fresh = Connection::open_in_memory().unwrap();
    fresh.execute_batch(NEXT.create).unwrap();
    assert_eq!(objects(&upgraded), objects(&fresh));
    drop(upgraded);
    let again = file.open(&NEXT).unwrap();
    assert_eq!(value(&again), "11", "the step runs once");
    drop(again);
    let before = open(&backup_path(&file.path(), VERSION), &file.key, &SCHEMA).unwrap();
    assert_eq!((version_of(&before).unwrap(), value(&before)), (VERSION, "1".to_owned()));
}

#[test]
fn an_upgrade_that_fails_half_way_leaves_the_file_as_it_was() {
    let file = File::of_the_present();
    let broken = Schema {
        steps: &[Step {
            to: VERSION + 1,
            sql: "UPDATE setting SET json = '2'; ALTER TABLE vault ADD COLUMN x TEXT; SELECT nonsense()",
        }],
        ..NEXT
    };
    let error = file.open(&broken).unwrap_err();
    assert_eq!(error, VaultError::Upgrade { from: VERSION, to: VERSION + 1, code: 1 });
    let still = file.open(&SCHEMA).unwrap();
    assert_eq!((version_of(&still).unwrap(), value(&still)), (VERSION, "1".to_owned()));
}

#[test]
fn a_file_that_is_newer_is_refused_before_a_byte_of_it_changes() {
    let file = File::of_the_present();
    let open = file.open(&NEXT).unwrap();
    // Left as a killed process leaves it: with its WAL.
    open.execute_batch("INSERT INTO setting (key, json) VALUES ('b', '2')").unwrap();
    let (database, wal) = (std::fs::read(file.path()).unwrap(), std::fs::read(wal(&file)).unwrap());
    assert!(!wal.is_empty());
    let copy = File { folder: tempfile::tempdir().unwrap(), key: file.key.clone() };
    std::fs::write(copy.path(), &database).unwrap();
    std::fs::write(self::wal(&copy), &wal).unwrap();
    assert_eq!(copy.open(&SCHEMA).unwrap_err(), VaultError::NewerFile { found: VERSION + 1, supported: VERSION });
    assert_eq!(std::fs::read(copy.path()).unwrap(), database);
    assert_eq!(std::fs::read(self::wal(&copy)).unwrap(), wal);
    assert_eq!(version_of(&copy.open(&NEXT).unwrap()).unwrap(), VERSION + 1);
}

fn wal(file: &File) -> PathBuf {
    file.folder.path().join("journal.db-wal")
}

#[test]
fn a_database_without_a_version_is_not_taken_for_ours() {
    let file = File { folder: tempfile::tempdir().unwrap(), key: DataKey::random().unwrap() };
    let other = connection::keyed(&file.path(), &file.key, Role::Creator).unwrap();
    other.execute_batch("CREATE TABLE something (a)").unwrap();
    drop(other);
    assert!(matches!(file.open(&SCHEMA), Err(VaultError::Damaged { .. })));
}

#[test]
fn every_setting_says_why_and_holds_on_an_open_connection() {
    use crate::schema::PRAGMAS;
    let file = File::of_the_present();
    let open = file.open(&SCHEMA).unwrap();
    let ask = |name: &str| {
        open.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0)).unwrap()
    };
    assert!(PRAGMAS.iter().all(|pragma| pragma.reason.len() > 20));
    for (name, value) in [("synchronous", 2), ("cache_size", -16000), ("foreign_keys", 1), ("trusted_schema", 0)] {
        assert_eq!(ask(name), i64::from(value).into(), "{name}");
    }
    assert_eq!(ask("journal_mode"), "wal".to_owned().into());
    assert_eq!(ask("cipher_hmac_algorithm"), "HMAC_SHA256".to_owned().into());
    assert_eq!(ask("cipher_provider"), "homeline-ring".to_owned().into());
}

//! Pages, search, adherence, scan.

use crate::arguments::Arguments;
use crate::contest::{Goal, Measure, Shown, contest};
use crate::database::{ADHERENCE, Database, NEWEST_PAGE, PAGE, SEARCH, read_entries, read_json};
use crate::error::BenchError;
use crate::fewer;
use crate::journal::{TEN_YEARS, present, word};
use crate::journals::Journals;
use chrono::{DateTime, TimeDelta, Utc};
use homeline_model::{AdministrationStatus, Entry, EntryId, OccurrenceId, OrderId, Uuid};
use homeline_vault::{AdministrationRow, PageKey, TimelineQuery, Vault};
use rusqlite::Connection;
use rusqlite::types::Value;

const ROWS: u32 = 50;
/// The vault asks for one row more, to know whether there is a next page.
const ASKED: i64 = 51;
/// Ranks in the vocabulary of two words that meet in a handful of entries of a million, and of two that often do.
const RARE: [u64; 2] = [2_000, 5_000];
const FREQUENT: [u64; 2] = [50, 100];

/// The vault's answer in a round.
type VaultAnswer<'a> = dyn Fn(&Vault, usize) -> Result<Vec<Entry>, BenchError> + 'a;

/// One way to ask the journal.
struct Question<'a> {
    name: &'a str,
    goal: Goal,
    rounds: u32,
    sql: &'a str,
    params: &'a dyn Fn(usize) -> Vec<Value>,
    vault: &'a VaultAnswer<'a>,
}

/// Every measure that reads.
pub(crate) fn measure(journals: &mut Journals, arguments: &Arguments) -> Result<Vec<Measure>, BenchError> {
    let rounds = arguments.rounds;
    let mut random = fastrand::Rng::with_seed(arguments.seed);
    let places: Vec<PageKey> = (0..=rounds).map(|_| place(&mut random)).collect();
    let after = |round: usize| places.get(round).copied().unwrap_or(PageKey { happened_at: present(), id: LAST });
    let newest = |_: usize| vec![Value::from(ASKED)];
    let at_a_place = |round: usize| {
        let place = after(round);
        vec![place.happened_at.timestamp_millis().into(), place.id.0.as_bytes().to_vec().into(), ASKED.into()]
    };
    let page = |vault: &Vault, query: TimelineQuery| Ok(vault.timeline(&query)?.entries);

    let mut measures = Vec::new();
    measures.extend(both(
        journals,
        &Question {
            name: "newest page of 50",
            goal: Goal::Ratio(1.1),
            rounds,
            sql: NEWEST_PAGE,
            params: &newest,
            vault: &|vault, _| page(vault, TimelineQuery { limit: ROWS, ..TimelineQuery::default() }),
        },
    )?);
    measures.extend(both(
        journals,
        &Question {
            name: "page of 50 at a random place",
            goal: Goal::Ratio(2.0),
            rounds,
            sql: PAGE,
            params: &at_a_place,
            vault: &|vault, round| {
                page(vault, TimelineQuery { limit: ROWS, after: Some(after(round)), ..TimelineQuery::default() })
            },
        },
    )?);
    for (name, goal, ranks) in
        [("search two words", Goal::Ratio(1.1), RARE), ("search two frequent words", Goal::None, FREQUENT)]
    {
        let [first, second] = ranks.map(word);
        let expression = format!("\"{first}\" AND \"{second}\"*");
        let typed = format!("{first} {second}");
        measures.extend(both(
            journals,
            &Question {
                name,
                goal,
                rounds: fewer(rounds, 4),
                sql: SEARCH,
                params: &|_| vec![expression.clone().into(), i64::from(ROWS).into()],
                vault: &|vault, _| Ok(vault.search(&typed, ROWS)?),
            },
        )?);
    }
    measures.extend(adherence(journals, rounds)?);
    measures.push(scan(journals, fewer(rounds, 100))?);
    Ok(measures)
}

/// The statements alone, then with the JSON read as the vault reads it.
fn both(journals: &mut Journals, question: &Question<'_>) -> Result<[Measure; 2], BenchError> {
    let line = |kind: &str| Measure::new(format!("{}, {kind}", question.name), question.goal, Shown::MinAndMedian);
    journals.vault()?;
    let sql = |database: &Database, round| {
        read_json(database.connection(), question.sql, rusqlite::params_from_iter((question.params)(round)))
    };
    let bare = contest(
        line("SQL"),
        question.rounds,
        [&mut |round| sql(&journals.ours, round), &mut |round| sql(&journals.plain, round), &mut |round| {
            sql(&journals.peer, round)
        }],
    )?;
    let parsed = |database: &Database, round| {
        let params = rusqlite::params_from_iter((question.params)(round));
        Ok(checksum(&read_entries(database.connection(), question.sql, params)?))
    };
    let (plain, peer) = (&journals.plain, &journals.peer);
    let vault = journals.open_vault()?;
    let api = contest(
        line("API"),
        question.rounds,
        [
            &mut |round| Ok(checksum(&(question.vault)(vault, round)?)),
            &mut |round| parsed(plain, round),
            &mut |round| parsed(peer, round),
        ],
    )?;
    Ok([bare, api])
}

/// Order and content of the first 50 count.
fn checksum(entries: &[Entry]) -> u64 {
    let shown = entries.iter().take(usize::try_from(ROWS).unwrap_or(0));
    shown.fold(0, |sum: u64, entry| sum.rotate_left(1) ^ entry.id.0.as_u64_pair().0)
}

const LAST: EntryId = EntryId(Uuid::max());

fn place(random: &mut fastrand::Rng) -> PageKey {
    // Not in the first tenth, so that there is always a whole page behind it.
    let span = TEN_YEARS.num_milliseconds();
    let back = random.i64(0..span / 10 * 9);
    let at = present() - TimeDelta::milliseconds(back);
    PageKey { happened_at: at, id: LAST }
}

/// The statements of 90 days about doses.
fn adherence(journals: &mut Journals, rounds: u32) -> Result<[Measure; 2], BenchError> {
    let (from, until) = (present() - TimeDelta::days(90), present());
    let line =
        |kind: &str| Measure::new(format!("adherence of 90 days, {kind}"), Goal::Ratio(1.3), Shown::MinAndMedian);
    let columns = |connection: &Connection| {
        let mut statement = connection.prepare_cached(ADHERENCE)?;
        let mut rows = statement.query([from.timestamp_millis(), until.timestamp_millis()])?;
        let mut sum = 0;
        while let Some(row) = rows.next()? {
            for column in 0..6 {
                sum += match row.get_ref(column)? {
                    rusqlite::types::ValueRef::Blob(bytes) | rusqlite::types::ValueRef::Text(bytes) => bytes.len(),
                    _ => 1,
                };
            }
        }
        if sum == 0 {
            return Err(BenchError::Nothing { operation: "adherence of 90 days" });
        }
        Ok(u64::try_from(sum).unwrap_or(u64::MAX))
    };
    let bare = contest(
        line("SQL"),
        rounds,
        [&mut |_| columns(journals.ours.connection()), &mut |_| columns(journals.plain.connection()), &mut |_| {
            columns(journals.peer.connection())
        }],
    )?;
    journals.vault()?;
    let (plain, peer) = (&journals.plain, &journals.peer);
    let vault = journals.open_vault()?;
    let rows_of = |database: &Database| Ok(sum_of(&administrations(database.connection(), from, until)?));
    let api = contest(
        line("API"),
        rounds,
        [
            &mut |_| Ok(sum_of(&vault.read(|snapshot| snapshot.administrations(from, until))?)),
            &mut |_| rows_of(plain),
            &mut |_| rows_of(peer),
        ],
    )?;
    Ok([bare, api])
}

fn sum_of(rows: &[AdministrationRow]) -> u64 {
    rows.iter().fold(0, |sum: u64, row| sum.rotate_left(1) ^ row.entry.0.as_u64_pair().0)
}

/// The vault's own reading of the columns.
fn administrations(
    connection: &Connection,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<AdministrationRow>, BenchError> {
    let mut statement = connection.prepare_cached(ADHERENCE)?;
    let mut rows = statement.query([from.timestamp_millis(), until.timestamp_millis()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let status: String = row.get(4)?;
        let id = |bytes: Vec<u8>| Uuid::from_slice(&bytes).unwrap_or_default();
        found.push(AdministrationRow {
            entry: EntryId(id(row.get(0)?)),
            order: row.get::<_, Option<String>>(1)?.map(OrderId::new).transpose()?,
            occurrence: row.get::<_, Option<Vec<u8>>>(2)?.map(|bytes| OccurrenceId(id(bytes))),
            happened_at: DateTime::from_timestamp_millis(row.get(3)?).unwrap_or_default(),
            status: serde_json::from_value::<AdministrationStatus>(status.into())?,
            amends: row.get::<_, Option<Vec<u8>>>(5)?.map(|bytes| EntryId(id(bytes))),
        });
    }
    Ok(found)
}

/// Every row of the journal; of a million entries, the cache holds a hundredth.
fn scan(journals: &mut Journals, rounds: u32) -> Result<Measure, BenchError> {
    let measure = Measure::new("full scan, SQL", Goal::None, Shown::MinAndMedian);
    let all = |database: &Database| read_json(database.connection(), "SELECT json FROM entry", []);
    contest(
        measure,
        rounds,
        [&mut |_| all(&journals.ours), &mut |_| all(&journals.plain), &mut |_| all(&journals.peer)],
    )
}

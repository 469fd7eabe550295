//! The ledger of alarms: what was planned, handed to the phone, listed, fired, seen and acted upon. One row for each alarm
//! at each time; a row goes only when it is older than anybody asks for.

use crate::error::{Doing, Result};
use crate::transaction::{ReadTx, WriteTx, count, instant, uuid};
use chrono::{DateTime, Utc};
use homeline_model::{AlarmRecord, OccurrenceId};
use rusqlite::Row;

const READ: &str = "reading the ledger of alarms";
const WRITE: &str = "writing the ledger of alarms";

const COLUMNS: &str = "id, fire_at, kind, occurrence_id, content, planned_at, handed_at, pending_at, fired_at, seen_at, \
                       acted_at, withdrawn_at";

impl ReadTx<'_> {
    /// The alarms that are to ring in `from..until`, soonest first.
    pub fn alarms(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<AlarmRecord>> {
        let sql = format!("SELECT {COLUMNS} FROM alarm WHERE fire_at >= ?1 AND fire_at < ?2 ORDER BY fire_at, id");
        let mut select = self.connection.prepare_cached(&sql).doing(READ)?;
        let mut rows = select.query((from.timestamp_millis(), until.timestamp_millis())).doing(READ)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(READ)? {
            found.push(record(row)?);
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Writes how far an alarm came; id and `fire_at` name the row.
    pub fn put_alarm(&mut self, alarm: &AlarmRecord) -> Result<()> {
        let at = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_millis());
        self.connection
            .prepare_cached(
                "INSERT INTO alarm (id, fire_at, kind, occurrence_id, content, planned_at, handed_at, pending_at,
                                    fired_at, seen_at, acted_at, withdrawn_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                 ON CONFLICT (id, fire_at) DO UPDATE SET
                     kind = excluded.kind, occurrence_id = excluded.occurrence_id, content = excluded.content,
                     handed_at = excluded.handed_at, pending_at = excluded.pending_at, fired_at = excluded.fired_at,
                     seen_at = excluded.seen_at, acted_at = excluded.acted_at, withdrawn_at = excluded.withdrawn_at",
            )
            .and_then(|mut insert| {
                insert.execute((
                    &alarm.id,
                    alarm.fire_at.timestamp_millis(),
                    &alarm.kind,
                    alarm.occurrence.map(|id| id.0.as_bytes().to_vec()),
                    &alarm.content,
                    alarm.planned_at.timestamp_millis(),
                    at(alarm.handed_at),
                    at(alarm.pending_at),
                    at(alarm.fired_at),
                    at(alarm.seen_at),
                    at(alarm.acted_at),
                    at(alarm.withdrawn_at),
                ))
            })
            .doing(WRITE)?;
        Ok(())
    }

    /// Removes the alarms that were to ring before an instant; answers how many.
    pub fn remove_alarms_before(&mut self, before: DateTime<Utc>) -> Result<u64> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM alarm WHERE fire_at < ?1")
            .and_then(|mut delete| delete.execute([before.timestamp_millis()]))
            .doing(WRITE)?;
        count(i64::try_from(removed).unwrap_or(i64::MAX))
    }
}

fn record(row: &Row<'_>) -> Result<AlarmRecord> {
    let time = |column: usize| -> Result<Option<DateTime<Utc>>> {
        row.get::<_, Option<i64>>(column).doing(READ)?.map(instant).transpose()
    };
    Ok(AlarmRecord {
        id: row.get(0).doing(READ)?,
        fire_at: instant(row.get(1).doing(READ)?)?,
        kind: row.get(2).doing(READ)?,
        occurrence: row.get::<_, Option<Vec<u8>>>(3).doing(READ)?.map(|id| uuid(&id)).transpose()?.map(OccurrenceId),
        content: row.get(4).doing(READ)?,
        planned_at: instant(row.get(5).doing(READ)?)?,
        handed_at: time(6)?,
        pending_at: time(7)?,
        fired_at: time(8)?,
        seen_at: time(9)?,
        acted_at: time(10)?,
        withdrawn_at: time(11)?,
    })
}

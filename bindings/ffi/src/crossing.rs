//! Records and enums of the core that cross the border as they are. They are told to uniffi here, because it belongs to this
//! crate alone, and read off the core's own source by `build.rs`, which says how; `crossing.txt` lists them. What their fields
//! are made of:

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use homeline_companion::{Place, Refusal};
use homeline_model::{AttachmentId, Decimal, EntryId, EventTiming, OccurrenceId, OrderId, PersonId, ZoneId};

include!(concat!(env!("OUT_DIR"), "/crossing.rs"));

//! One entry in full: what was written, what became of it, and when, by whom and about what it is.

use crate::error::{ErrorKind, HomelineError};
use crate::journal::rows;
use crate::moment::Moment;
use crate::screen::{Action, Row, Screen};
use crate::store::Store;
use crate::words;
use homeline_model::{Entry, EntryBody, EntryId};

pub(crate) fn screen(store: &Store, moment: &Moment, id: EntryId) -> Result<Screen, HomelineError> {
    let found = store.vault()?.read(|tx| Ok(tx.entry(id)?.map(|entry| (entry, tx.amendments_of(id)))))?;
    let (entry, amendments) = found.ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "journal.entry",
            "there is no such entry in the journal",
            "Take the id of a row of the journal.",
        )
    })?;
    let texts = moment.texts;
    let mut screen = Screen::new("entry", texts.say("entry.title"));
    let mut written = rows(store, moment, std::slice::from_ref(&entry))?;
    if let (EntryBody::Photo { attachment, .. }, Some(row)) = (&entry.body, written.first_mut()) {
        row.actions.push(Action::new(format!("picture.open:{attachment}"), texts.say("entry.picture")));
    }
    screen.add(None, written);
    screen.add(Some(texts.say("entry.amendments")), rows(store, moment, &amendments?)?);
    screen.add(Some(texts.say("entry.about")), about(store, moment, &entry));
    Ok(screen)
}

fn about(store: &Store, moment: &Moment, entry: &Entry) -> Vec<Row> {
    let (texts, today) = (moment.texts, moment.local(moment.now).date_naive());
    let row = |id: &str, title: &'static str, said: String| {
        let mut row = Row::new(id, texts.say(title));
        row.state = Some(said);
        row.with_spoken_sentence()
    };
    let mut rows = vec![
        row("happened", "entry.happened", texts.time(entry.times.happened.local(), today)),
        row("recorded", "entry.recorded", moment.shown(entry.times.recorded_at)),
        row("by", "entry.by", entry.author.name.clone()),
    ];
    if let Some(clock) = &entry.times.device_clock {
        let reading = format!("{} {}", texts.day(clock.reading.date()), clock.reading.format("%H:%M:%S"));
        rows.push(row("device-clock", "entry.device-clock", reading));
    }
    if let Some(order) = entry.order.as_ref().and_then(|order| store.plan()?.order(&order.id)) {
        rows.push(row("order", "entry.order", words::as_written(texts, &order.title)));
    }
    let privacy = if entry.private { "entry.private" } else { "entry.sent" };
    rows.push(Row::new("privacy", texts.say(privacy)));
    rows
}

//! Language, wishes, and what protects the journal, on one screen. Switches are carried out here; what needs words of a
//! person (a passcode) or a place (a backup) the shell asks for, and hands to the part whose call it is.

use crate::access::Access;
use crate::card::{self, Card};
use crate::error::HomelineError;
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::ports::Change;
use crate::reminders::{Reminders, Wishes};
use crate::screen::{Action, Row, Screen};
use crate::store::Store;
use crate::texts::LANGUAGES;
use std::sync::Arc;

/// Settings.
#[derive(Clone)]
pub struct Settings {
    pub(crate) inner: Arc<Inner>,
}

impl Settings {
    /// All settings. Actions `language.set:<tag>`, `language.of-plan`, `names.on`, `names.off`, `card.on` and `card.off` go to
    /// [`Settings::act`]; `quiet-hours.set`, `passcode.set`, `recovery-code.new`, `journal.verify` and `backup.make` stand for
    /// the calls of [`Reminders`] and [`crate::Security`].
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::Own, |store, moment| screen(store, moment)).await
    }

    /// Carries out a switch of the screen.
    ///
    /// Errors: `BadInput` (not a switch), `NotFound` (no plan, for the card).
    pub async fn act(&self, action: String) -> Result<(), HomelineError> {
        let (reminders, card) = (Reminders { inner: self.inner.clone() }, Card { inner: self.inner.clone() });
        match (action.as_str(), action.strip_prefix("language.set:")) {
            (_, Some(tag)) => self.set_language(Some(tag.to_owned())).await,
            ("language.of-plan", _) => self.set_language(None).await,
            ("names.on", _) => reminders.names_on_lock_screen(true).await,
            ("names.off", _) => reminders.names_on_lock_screen(false).await,
            ("card.on", _) => card.allow_locked().await.map(|_| ()),
            ("card.off", _) => card.forbid_locked().await,
            _ => Err(HomelineError::input(
                "action",
                "this is not a switch of this screen",
                "Take the id of a row's action.",
            )),
        }
    }

    /// The language that somebody chose, as a BCP 47 tag; `None` is that of the plan.
    pub async fn language(&self) -> Result<Option<String>, HomelineError> {
        self.inner.allowed(Access::Own, |store, _| Ok(store.language().map(str::to_owned))).await
    }

    /// Chooses the language of screens and advice, one of [`LANGUAGES`]; `None` is that of the plan, English before there is
    /// one. What was written before stays in the language it was written in.
    ///
    /// Errors: `BadInput` (a language that there is not).
    pub async fn set_language(&self, tag: Option<String>) -> Result<(), HomelineError> {
        if let Some(tag) = &tag
            && !LANGUAGES.iter().any(|(known, _)| known == tag)
        {
            return Err(HomelineError::input(
                "language",
                "there are no texts in it",
                "Take one of those that are listed.",
            ));
        }
        self.inner
            .allowed(Access::Own, move |store, moment| {
                store.keep_language(tag)?;
                let moment = Moment { texts: store.texts(), ..moment.clone() };
                card::refresh(store, &moment, true)
            })
            .await?;
        self.inner.announce(Change::Day);
        Ok(())
    }
}

fn screen(store: &Store, moment: &Moment) -> Result<Screen, HomelineError> {
    let (texts, wishes) = (moment.texts, Wishes::of(store)?);
    let row = |id: &str, title: &'static str, state: Option<String>, actions: Vec<(String, String)>| {
        let mut row = Row::new(id, texts.say(title));
        row.state = state;
        row.actions = actions.into_iter().map(|(id, label)| Action::new(id, label)).collect();
        row.with_spoken_sentence()
    };
    let switch = |id: &str, title: &'static str, is_on: bool| {
        let (state, verb, label) = if is_on {
            ("settings.on", "off", "settings.switch-off")
        } else {
            ("settings.off", "on", "settings.switch-on")
        };
        row(id, title, Some(texts.say(state)), vec![(format!("{id}.{verb}"), texts.say(label))])
    };
    let mut screen = Screen::new("settings", texts.say("settings.title"));

    let chosen = store.language();
    let mut actions: Vec<(String, String)> = LANGUAGES
        .iter()
        .filter(|(tag, _)| chosen != Some(tag))
        .map(|(tag, name)| (format!("language.set:{tag}"), (*name).to_owned()))
        .collect();
    if chosen.is_some() {
        actions.push(("language.of-plan".to_owned(), texts.say("settings.language-of-plan")));
    }
    let named = chosen.and_then(|chosen| LANGUAGES.iter().find(|(tag, _)| *tag == chosen));
    let language = named.map_or_else(|| texts.say("settings.language-of-plan"), |(_, name)| (*name).to_owned());
    screen.add(None, vec![row("language", "settings.language", Some(language), actions)]);

    let quiet = wishes.quiet.map_or_else(
        || texts.say("settings.none"),
        |(from, to)| format!("{}–{}", from.format("%H:%M"), to.format("%H:%M")),
    );
    let change = || texts.say("settings.change");
    screen.add(
        Some(texts.say("settings.reminders")),
        vec![
            row("quiet-hours", "settings.quiet-hours", Some(quiet), vec![("quiet-hours.set".to_owned(), change())]),
            switch("names", "settings.names", wishes.names_on_lock_screen),
        ],
    );

    let mut card = switch("card", "settings.card", card::is_allowed(store)?);
    card.details.push(texts.fill("settings.card-outside", &[("what", &card::outside_in(texts).join("; "))]));
    let mut code = row(
        "recovery-code",
        "settings.recovery-code",
        None,
        vec![("recovery-code.new".to_owned(), texts.say("settings.new-code"))],
    );
    code.details.push(texts.say("settings.recovery-lost"));
    screen.add(
        Some(texts.say("settings.security")),
        vec![
            row("passcode", "settings.passcode", None, vec![("passcode.set".to_owned(), change())]),
            code.with_spoken_sentence(),
            row("backup", "settings.backup", None, vec![("backup.make".to_owned(), texts.say("settings.make"))]),
            row("verify", "settings.verify", None, vec![("journal.verify".to_owned(), texts.say("settings.check"))]),
            card.with_spoken_sentence(),
        ],
    );
    let server = store.profile.server.clone().unwrap_or_else(|| texts.say("settings.no-server"));
    screen.add(Some(texts.say("settings.care-team")), vec![row("server", "settings.care-team", Some(server), vec![])]);
    Ok(screen)
}

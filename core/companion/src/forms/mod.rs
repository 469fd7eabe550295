//! Forms: asking, keeping what is half filled, and writing what was answered.
//!
//! Every answer is in the vault's drafts before the call returns, so that an app that is killed in the middle of a form
//! goes on where it was. A draft leaves with the entries that come of it, in one transaction.

mod own;

use crate::access::Access;
use crate::error::{ErrorKind, HomelineError};
use crate::form::{Choice, Form, FormListed, FormQuestion, QuestionKind};
use crate::homeline::Inner;
use crate::moment::Moment;
use crate::photo;
use crate::ports::Change;
use crate::screen::{Action, Emphasis, Row, Screen};
use crate::store::{Logged, Statement, Store};
use chrono::{DateTime, Utc};
use homeline_fhir::questionnaire::{AnswerError, ItemKind, Shown};
use homeline_fhir::{Filling, Place, Questionnaire};
use homeline_model::{AttachmentId, EntryBody, EntryKind, FormValue, Uuid};
use homeline_schedule::Span;
use homeline_vault::{Direction, TimelineQuery};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Answered forms that are looked through for "answered".
const RECENT_FORMS: u32 = 100;

/// What is kept of a half-filled form.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Draft {
    /// The form and its version then.
    canonical: String,
    begun_at: DateTime<Utc>,
    saved_at: DateTime<Utc>,
    filling: Filling,
}

/// Forms: Homeline's own, and the care team's questionnaires.
#[derive(Clone)]
pub struct Forms {
    pub(crate) inner: Arc<Inner>,
}

impl Forms {
    /// Every form that can be chosen: Homeline's own, then the care team's, with their drafts.
    pub async fn list(&self) -> Result<Vec<FormListed>, HomelineError> {
        self.inner.allowed(Access::See("forms"), |store, moment| list(store, moment)).await
    }

    /// The same as a screen; an action `form.open:<id>` stands for [`Forms::open`].
    pub async fn screen(&self) -> Result<Screen, HomelineError> {
        self.inner.allowed(Access::See("forms"), |store, moment| Ok(listed_screen(list(store, moment)?, moment))).await
    }

    /// A form as it stands: where a draft left off, else as it begins. `id` is that of [`Forms::list`], e.g. `check`.
    ///
    /// Errors: `NotFound`; `BadInput` with code `form.refused` for a form that cannot be answered whole here.
    pub async fn open(&self, id: String) -> Result<Form, HomelineError> {
        self.inner
            .allowed(Access::See("forms"), move |store, moment| {
                let questionnaire = questionnaire(store, &id)?;
                let kept = kept(store, &questionnaire, moment)?;
                shown(store, moment, &questionnaire, &kept)
            })
            .await
    }

    /// Answers questions by their ids: what was typed, or the `value` of choices; no text takes an answer back. On disk
    /// when it returns. All of them, or none when one cannot be taken.
    ///
    /// Errors: `BadInput` with the question as `field`.
    pub async fn answer(&self, id: String, answers: Vec<(String, Vec<String>)>) -> Result<Form, HomelineError> {
        self.inner
            .allowed(Access::Log, move |store, moment| {
                let questionnaire = questionnaire(store, &id)?;
                let mut kept = kept(store, &questionnaire, moment)?;
                for (question, typed) in answers {
                    answer(&questionnaire, &mut kept.draft.filling, &question, typed, moment)?;
                }
                kept.draft.saved_at = moment.now;
                kept.draft.canonical.clone_from(&questionnaire.canonical);
                let (key, draft) = (draft_key(&questionnaire), kept.draft.clone());
                store.vault()?.write(move |tx| tx.set_draft(&key, &draft))?;
                kept.is_saved = true;
                shown(store, moment, &questionnaire, &kept)
            })
            .await
    }

    /// Throws a half-filled form away. One that is not there is fine.
    pub async fn discard(&self, id: String) -> Result<(), HomelineError> {
        self.inner
            .allowed(Access::Log, move |store, _| {
                let key = match questionnaire(store, &id) {
                    Ok(questionnaire) => draft_key(&questionnaire),
                    // The team may have taken the form back; its draft goes all the same.
                    Err(_) => format!("form/{id}"),
                };
                Ok(store.vault()?.write(move |tx| tx.remove_draft(&key))?)
            })
            .await
    }

    /// Finishes a form: its answers become entries, and the draft goes. `photo` (JPEG or PNG) goes with the daily check
    /// and the site check. When something is missing nothing is written and the draft stays.
    ///
    /// Errors: `BadInput` with the first question that is open as `field`.
    pub async fn finish(&self, id: String, photo: Option<Vec<u8>>) -> Result<Logged, HomelineError> {
        let picture = photo.map(|bytes| photo::without_metadata(&bytes)).transpose()?;
        let logged = self
            .inner
            .allowed(Access::Log, move |store, moment| {
                store.require_plan()?;
                let questionnaire = questionnaire(store, &id)?;
                let kept = kept(store, &questionnaire, moment)?;
                let is_own = is_own(&questionnaire);
                if picture.is_some() && !(is_own && matches!(questionnaire.id.as_str(), "check" | "site")) {
                    return Err(HomelineError::input(
                        "photo",
                        "this form takes no picture",
                        "Send it with `log photo`, or in the site check.",
                    ));
                }
                let key = draft_key(&questionnaire);
                // A picture of the site is something to write down, also when no question is answered.
                let answers = match questionnaire.finish(&kept.draft.filling) {
                    Ok(answers) => answers,
                    Err(unfinished) => match unfinished.open.into_iter().next() {
                        Some(open) if open.link_id.is_empty() && picture.is_some() => homeline_model::FormAnswers {
                            questionnaire: questionnaire.canonical.clone(),
                            title: questionnaire.title.clone(),
                            items: Vec::new(),
                        },
                        Some(open) => return Err(refused(open)),
                        None => return Err(HomelineError::closed()),
                    },
                };
                let Some(picture) = picture else {
                    let statements = if is_own {
                        own::statements(&questionnaire.id, &answers, None, moment.now)?
                    } else {
                        vec![Statement::by_hand(EntryBody::Form(answers))]
                    };
                    return store.record_all(moment, statements, None, move |tx| tx.remove_draft(&key));
                };
                let attachment = AttachmentId(Uuid::new_v4());
                let content_type = picture.content_type.to_owned();
                let sealed =
                    store.vault()?.seal_attachment(attachment, &content_type, &mut picture.bytes.as_slice())?;
                let photo = EntryBody::Photo { attachment, content_type, caption: Some("The site".to_owned()) };
                let mut statements = vec![Statement::by_hand(photo)];
                statements.extend(own::statements(&questionnaire.id, &answers, Some(attachment), moment.now)?);
                store.record_all(moment, statements, Some((attachment, &picture.bytes)), move |tx| {
                    tx.put_attachment(&sealed)?;
                    tx.remove_draft(&key)
                })
            })
            .await?;
        self.inner.announce(Change::Journal);
        Ok(logged)
    }
}

fn listed_screen(listed: Vec<FormListed>, moment: &Moment) -> Screen {
    let texts = moment.texts;
    let row = |form: FormListed| {
        let mut row = Row::new(form.id.clone(), form.title);
        row.state = form.draft.map(|time| texts.fill("forms.draft", &[("time", &time)]));
        row.details.extend(form.answered.map(|time| texts.fill("forms.answered", &[("time", &time)])));
        match form.refused {
            Some(reason) => {
                row.details.push(reason);
                row.emphasis = Emphasis::Quiet;
            }
            None => row.actions.push(Action::new(format!("form.open:{}", form.id), texts.say("forms.open"))),
        }
        row.with_spoken_sentence()
    };
    let (team, own): (Vec<_>, Vec<_>) = listed.into_iter().partition(|form| form.from_team);
    let mut screen = Screen::new("forms", texts.say("forms.title"));
    screen.add(Some(texts.say("forms.own")), own.into_iter().map(row).collect());
    screen.add(Some(texts.say("forms.team")), team.into_iter().map(row).collect());
    screen
}

/// A draft as it was found.
struct Kept {
    draft: Draft,
    is_saved: bool,
    /// Questions of an older version of the form whose answers do not fit any more.
    left_out: Vec<Place>,
}

fn draft_key(questionnaire: &Questionnaire) -> String {
    if is_own(questionnaire) {
        format!("form/{}", questionnaire.id)
    } else {
        format!("form/{}", team_id(&questionnaire.id))
    }
}

/// A form of the team may bear the name of one of ours.
fn is_own(questionnaire: &Questionnaire) -> bool {
    own::form(&questionnaire.id).is_some_and(|own| own.canonical == questionnaire.canonical)
}

fn team_id(id: &str) -> String {
    format!("Questionnaire/{id}")
}

/// The form of this id: `check`, `Questionnaire/weekly`, or `weekly` where no own form has that name.
fn questionnaire(store: &Store, id: &str) -> Result<Cow<'static, Questionnaire>, HomelineError> {
    if let Some(own) = own::form(id) {
        return Ok(Cow::Borrowed(own));
    }
    let bare = id.strip_prefix("Questionnaire/").unwrap_or(id);
    let row = store.vault()?.read(|tx| tx.mirror("Questionnaire", bare))?.filter(|row| !row.deleted);
    let row = row.ok_or_else(|| {
        HomelineError::new(
            ErrorKind::NotFound,
            "form.missing",
            "there is no form with this name",
            "Look at the list of forms; a new one of your team comes with the next sync.",
        )
    })?;
    Questionnaire::read(&row.json).map(Cow::Owned).map_err(|fault| {
        HomelineError::new(
            ErrorKind::BadInput,
            "form.refused",
            format!("this form cannot be answered here: {fault}"),
            "Call your team and answer it by phone.",
        )
    })
}

fn kept(store: &Store, questionnaire: &Questionnaire, moment: &Moment) -> Result<Kept, HomelineError> {
    let key = draft_key(questionnaire);
    let draft: Option<Draft> = store.vault()?.read(|tx| tx.draft(&key))?;
    Ok(match draft {
        Some(mut draft) => {
            let left_out = questionnaire.fit(&mut draft.filling);
            Kept { draft, is_saved: true, left_out }
        }
        None => {
            let (canonical, filling) = (questionnaire.canonical.clone(), questionnaire.begin());
            let draft = Draft { canonical, begun_at: moment.now, saved_at: moment.now, filling };
            Kept { draft, is_saved: false, left_out: Vec::new() }
        }
    })
}

fn refused(error: AnswerError) -> HomelineError {
    HomelineError {
        kind: ErrorKind::BadInput,
        code: "form.answer",
        field: Some(error.link_id).filter(|link_id| !link_id.is_empty()),
        what: error.what,
        remedy: error.remedy,
    }
}

fn answer(
    questionnaire: &Questionnaire,
    filling: &mut Filling,
    question: &str,
    mut typed: Vec<String>,
    moment: &Moment,
) -> Result<(), HomelineError> {
    let exact = questionnaire.item(question).map(|item| Place::of(&item.link_id));
    let place = match exact {
        Some(place) => place,
        None => question.parse().unwrap_or_else(|_| Place::of(question)),
    };
    let item = questionnaire.item(&place.link_id);
    if item.is_some_and(|item| item.kind == ItemKind::DateTime) {
        for text in &mut typed {
            if let Some(at) = moment.by_the_clock(text) {
                *text = moment.local(at).to_rfc3339();
            }
        }
    }
    let mut tried = filling.clone();
    questionnaire.answer(&mut tried, &place, &typed).map_err(refused)?;
    if is_own(questionnaire) {
        let checked = tried.at(&place).iter().try_for_each(|value| own::check(&place.link_id, value));
        checked.map_err(|error| HomelineError { field: Some(place.link_id.clone()), ..error })?;
    }
    *filling = tried;
    Ok(())
}

fn list(store: &Store, moment: &Moment) -> Result<Vec<FormListed>, HomelineError> {
    let vault = store.vault()?;
    let clock = |at: DateTime<Utc>| moment.shown(at);
    let answered = answered(store)?;
    let saved = |key: &str| -> Result<Option<String>, HomelineError> {
        let draft: Option<Draft> = vault.read(|tx| tx.draft(key))?;
        Ok(draft.map(|draft| clock(draft.saved_at)))
    };
    let mut listed = Vec::new();
    for form in own::forms() {
        listed.push(FormListed {
            id: form.id.clone(),
            title: form.title.clone(),
            from_team: false,
            draft: saved(&draft_key(form))?,
            answered: None,
            refused: None,
        });
    }
    for row in vault.read(|tx| tx.mirror_of_type("Questionnaire"))? {
        let id = team_id(&row.id);
        let draft = saved(&format!("form/{id}"))?;
        listed.push(match Questionnaire::read(&row.json) {
            Ok(form) => FormListed {
                answered: answered.get(&form.canonical).map(|at| clock(*at)),
                title: form.title,
                id,
                from_team: true,
                draft,
                refused: None,
            },
            Err(fault) => FormListed {
                title: id.clone(),
                id,
                from_team: true,
                draft,
                answered: None,
                refused: Some(moment.texts.fill("forms.refused", &[("fault", &fault)])),
            },
        });
    }
    Ok(listed)
}

/// When each form of the team was answered last.
fn answered(store: &Store) -> Result<HashMap<String, DateTime<Utc>>, HomelineError> {
    let page = store.vault()?.timeline(&TimelineQuery {
        kinds: vec![EntryKind::Form],
        direction: Direction::NewestFirst,
        limit: RECENT_FORMS,
        ..TimelineQuery::default()
    })?;
    let mut last = HashMap::new();
    for entry in page.entries {
        if let EntryBody::Form(form) = entry.body {
            last.entry(form.questionnaire).or_insert(entry.times.happened.at);
        }
    }
    Ok(last)
}

fn shown(store: &Store, moment: &Moment, questionnaire: &Questionnaire, kept: &Kept) -> Result<Form, HomelineError> {
    let filling = &kept.draft.filling;
    let texts = moment.texts;
    let is_own = is_own(questionnaire);
    let mut questions: Vec<FormQuestion> = questionnaire.shown(filling).into_iter().map(question).collect();
    if is_own && let Some(doses) = questions.iter_mut().find(|question| question.id == "doses") {
        doses.help = doses_today(store, moment)?;
    }
    let mut remarks: Vec<String> =
        questionnaire.remarks.iter().map(|fault| texts.fill("forms.not-followed", &[("fault", fault)])).collect();
    remarks.extend(kept.left_out.iter().map(|place| texts.fill("forms.left-out", &[("question", place)])));
    Ok(Form {
        id: if is_own { questionnaire.id.clone() } else { team_id(&questionnaire.id) },
        title: questionnaire.title.clone(),
        description: questionnaire.description.clone(),
        questions,
        missing: questionnaire.open_questions(filling).iter().map(ToString::to_string).collect(),
        begun: kept.is_saved.then(|| moment.shown(kept.draft.begun_at)),
        call: store.plan().map(|plan| crate::words::numbers_to_call(plan)).unwrap_or_default(),
        remarks,
    })
}

fn question(shown: Shown<'_>) -> FormQuestion {
    let item = shown.item;
    let words = [item.prefix.as_deref(), item.text.as_deref()];
    FormQuestion {
        id: shown.place.to_string(),
        level: u32::try_from(item.level).unwrap_or(u32::MAX),
        text: words.into_iter().flatten().collect::<Vec<_>>().join(" "),
        help: None,
        kind: kind(item.kind),
        required: item.required,
        repeats: item.repeats,
        read_only: item.read_only || item.is_calculated(),
        choices: item
            .choices
            .iter()
            .map(|choice| Choice { value: value_of(&choice.value), label: choice.value.to_string() })
            .collect(),
        units: item.units.iter().map(|unit| unit.display.clone()).collect(),
        lowest: item.lowest.as_ref().map(ToString::to_string),
        highest: item.highest.as_ref().map(ToString::to_string),
        longest: item.longest.and_then(|longest| u32::try_from(longest).ok()),
        answers: shown.values.iter().map(ToString::to_string).collect(),
    }
}

fn value_of(value: &FormValue) -> String {
    match value {
        FormValue::Choice(choice) => choice.code.clone().unwrap_or_else(|| choice.words().to_owned()),
        other => other.to_string(),
    }
}

fn kind(kind: ItemKind) -> QuestionKind {
    match kind {
        ItemKind::Group => QuestionKind::Group,
        ItemKind::Display => QuestionKind::Display,
        ItemKind::Boolean => QuestionKind::YesNo,
        ItemKind::Decimal => QuestionKind::Number,
        ItemKind::Integer => QuestionKind::WholeNumber,
        ItemKind::Date => QuestionKind::Date,
        ItemKind::DateTime => QuestionKind::DateTime,
        ItemKind::Time => QuestionKind::Time,
        ItemKind::String => QuestionKind::Line,
        ItemKind::Text => QuestionKind::Text,
        ItemKind::Url => QuestionKind::WebAddress,
        ItemKind::Choice => QuestionKind::Choice,
        ItemKind::OpenChoice => QuestionKind::ChoiceOrWords,
        ItemKind::Quantity => QuestionKind::Amount,
        ItemKind::NotHere => QuestionKind::NotHere,
    }
}

/// What is recorded of today's doses so far, so that nobody has to remember.
fn doses_today(store: &Store, moment: &Moment) -> Result<Option<String>, HomelineError> {
    if store.plan().is_none() {
        return Ok(None);
    }
    let day = moment.local(moment.now).date_naive();
    let Some(span) = homeline_schedule::zone::day_span(&moment.here, day) else { return Ok(None) };
    let view = crate::agenda::view(store, moment, Span::new(span.from, span.to))?;
    let due: Vec<_> = view
        .agenda
        .items
        .iter()
        .filter(|item| item.occurrence.is_some() && item.start >= span.from && item.start <= moment.now)
        .collect();
    let recorded = due.iter().filter(|item| !item.statements.is_empty()).count();
    Ok(Some(match due.len() {
        0 => moment.texts.say("forms.nothing-due"),
        due => moment.texts.fill("forms.doses-today", &[("recorded", &recorded), ("due", &due)]),
    }))
}

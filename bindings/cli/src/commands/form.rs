//! Forms: asked question by question on a terminal, or answered at once by flags and JSON. Every answer is kept at once;
//! whoever stops in the middle goes on later.

use super::Session;
use super::journal::recorded;
use super::plan::read_at_most;
use crate::arguments::{FormArguments, FormCommand};
use crate::failure::Failure;
use homeline_companion::{Form, FormQuestion, Homeline, HomelineError, Logged, QuestionKind};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

/// The largest file with answers, and the largest picture.
const LARGEST_ANSWERS: usize = 4 << 20;
const LARGEST_PICTURE: usize = 32 << 20;
/// More choices than this are shown when asked for.
const FEW_CHOICES: usize = 16;

/// A question and what was given as its answers.
pub type Given = (String, Vec<String>);

/// `homeline form …`
pub async fn run(session: &Session, command: FormCommand) -> Result<(), Failure> {
    match command {
        FormCommand::List => list(session).await,
        FormCommand::Show { form } => {
            let form = session.with_vault(async |homeline: Homeline| Ok(homeline.forms().open(form).await?)).await?;
            session.output.answer(&form, |out| write_form(out, &form))
        }
        FormCommand::Answer { form, answers } => answer(session, &form, Vec::new(), answers).await,
        FormCommand::Discard { form } => {
            session.with_vault(async |homeline: Homeline| Ok(homeline.forms().discard(form).await?)).await?;
            session.output.answer(&json!({ "discarded": true }), |out| writeln!(out, "The draft is thrown away."))
        }
    }
}

/// No flags: whatever is not given is asked.
pub fn asked() -> FormArguments {
    FormArguments { set: Vec::new(), answers: None, photo: None, draft: false }
}

async fn list(session: &Session) -> Result<(), Failure> {
    let forms = session.with_vault(async |homeline: Homeline| Ok(homeline.forms().list().await?)).await?;
    session.output.answer(&json!({ "forms": forms }), |out| {
        for form in &forms {
            let state = match (&form.refused, &form.draft, &form.answered) {
                (Some(refused), _, _) => refused.clone(),
                (None, Some(saved), _) => format!("half filled, saved {saved}"),
                (None, None, Some(answered)) => format!("answered {answered}"),
                (None, None, None) if form.from_team => "new from your team".to_owned(),
                (None, None, None) => String::new(),
            };
            writeln!(out, "{}", format!("{:<28} {:<28} {state}", form.id, form.title).trim_end())?;
        }
        Ok(())
    })
}

/// Answers a form: with what is given, or question by question.
pub async fn answer(
    session: &Session,
    id: &str,
    mut given: Vec<Given>,
    arguments: FormArguments,
) -> Result<(), Failure> {
    for set in &arguments.set {
        let (question, text) =
            set.split_once('=').ok_or_else(|| Failure::usage(format!("--set {set}: give it as QUESTION=ANSWER")))?;
        match given.iter_mut().find(|(known, _)| known == question.trim()) {
            Some((_, answers)) => answers.push(text.to_owned()),
            None => given.push((question.trim().to_owned(), vec![text.to_owned()])),
        }
    }
    if let Some(file) = &arguments.answers {
        given.extend(answers_of(file)?);
    }
    let photo = arguments.photo.as_deref().map(|file| read_at_most(file, LARGEST_PICTURE)).transpose()?;
    let by_hand = given.is_empty() && photo.is_none() && !session.output.json && std::io::stdin().is_terminal();
    let id = id.to_owned();
    let ended = session
        .with_vault(async |homeline: Homeline| {
            let forms = homeline.forms();
            if by_hand {
                if !interview(&homeline, &id).await? || arguments.draft {
                    return Ok(Ended::Kept(forms.open(id).await?));
                }
            } else if !given.is_empty() {
                forms.answer(id.clone(), given).await?;
            } else if photo.is_none() && forms.open(id.clone()).await?.begun.is_none() {
                return Err(Failure::usage(
                    "nothing is answered: give --set QUESTION=ANSWER or --answers FILE, or run it on a terminal",
                ));
            }
            if arguments.draft {
                return Ok(Ended::Kept(forms.open(id).await?));
            }
            Ok(Ended::Finished(forms.finish(id, photo).await?))
        })
        .await?;
    match ended {
        Ended::Finished(logged) => recorded(session, &[logged]),
        Ended::Kept(form) => session.output.answer(&form, |out| {
            writeln!(out, "Kept. Nothing is sent yet. Go on with `homeline form answer {}`.", form.id)
        }),
    }
}

enum Ended {
    Finished(Logged),
    Kept(Form),
}

/// `{"question": "answer", "other": ["a", "b"]}`; numbers, yes and no may be JSON's own.
fn answers_of(file: &Path) -> Result<Vec<Given>, Failure> {
    let bytes = read_at_most(file, LARGEST_ANSWERS)?;
    let wrong = |what: String| Failure::input("answers", what);
    let value: Value = serde_json::from_slice(&bytes)
        .map_err(|error| wrong(format!("not valid JSON at line {}, column {}", error.line(), error.column())))?;
    let Value::Object(fields) = value else {
        return Err(wrong("give one JSON object, a question for each key".to_owned()));
    };
    let text = |question: &str, value: Value| match value {
        Value::String(text) => Ok(text),
        Value::Bool(true) => Ok("yes".to_owned()),
        Value::Bool(false) => Ok("no".to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(wrong(format!("the answer to `{question}` must be a text, a number, true or false, or a list of them")))
        }
    };
    fields
        .into_iter()
        .map(|(question, value)| {
            let answers = match value {
                // Taken back.
                Value::Null => Vec::new(),
                Value::Array(values) => {
                    values.into_iter().map(|value| text(&question, value)).collect::<Result<_, _>>()?
                }
                value => vec![text(&question, value)?],
            };
            Ok((question, answers))
        })
        .collect()
}

fn write_form(out: &mut dyn Write, form: &Form) -> std::io::Result<()> {
    writeln!(out, "{}", form.title)?;
    for line in form.description.iter().chain(&form.remarks) {
        writeln!(out, "{line}")?;
    }
    for line in &form.call {
        writeln!(out, "{line}")?;
    }
    if let Some(begun) = &form.begun {
        writeln!(out, "Half filled, begun {begun}.")?;
    }
    writeln!(out)?;
    for question in &form.questions {
        let indent = "  ".repeat(usize::try_from(question.level).unwrap_or_default());
        let answer = match (question.answers.as_slice(), question.kind) {
            (_, QuestionKind::Group | QuestionKind::Display) => String::new(),
            (_, QuestionKind::NotHere) => "  [cannot be answered here]".to_owned(),
            ([], _) if question.required => "  [not answered, needed]".to_owned(),
            ([], _) => "  [not answered]".to_owned(),
            (answers, _) => format!("  {}", answers.join(", ")),
        };
        writeln!(out, "{indent}{}{answer}    ({})", question.text, question.id)?;
    }
    Ok(())
}

// ---- Question by question.

/// Asks what is open, in order. `false` when the person stopped before the end.
async fn interview(homeline: &Homeline, id: &str) -> Result<bool, Failure> {
    let mut form = homeline.forms().open(id.to_owned()).await?;
    tell(&opening(&form))?;
    let mut asked: HashSet<String> = HashSet::new();
    let mut told: HashSet<String> = HashSet::new();
    loop {
        if let Some(next) = another(&form, &asked, &mut told)? {
            match ask(homeline, id, &next).await? {
                Some(answered) => form = answered,
                None => return Ok(false),
            }
            asked.insert(next.id);
            continue;
        }
        let open = form.questions.iter().find(|question| match question.takes_answer() {
            true => !asked.contains(&question.id),
            false => {
                let waits = question.read_only && question.answers.is_empty();
                !told.contains(&question.id) && question.kind != QuestionKind::Group && !waits
            }
        });
        let Some(question) = open.cloned() else {
            if form.missing.is_empty() {
                return Ok(true);
            }
            tell(&[vec!["Still needed:".to_owned()], form.missing.clone()].concat())?;
            asked.retain(|id| !form.questions.iter().any(|question| question.id == *id && question.answers.is_empty()));
            if form.questions.iter().all(|question| !question.takes_answer() || asked.contains(&question.id)) {
                return Ok(false);
            }
            continue;
        };
        if !question.takes_answer() {
            tell(&[shown_line(&question)])?;
            told.insert(question.id);
            continue;
        }
        match ask(homeline, id, &question).await? {
            Some(answered) => {
                asked.insert(question.id);
                form = answered;
            }
            None => return Ok(false),
        }
    }
}

fn opening(form: &Form) -> Vec<String> {
    let mut lines = vec![form.title.clone()];
    lines.extend(form.call.iter().cloned());
    lines.extend(form.description.clone());
    lines.extend(form.remarks.iter().cloned());
    lines.extend(form.begun.as_ref().map(|begun| format!("You began it {begun}. Your answers so far are kept.")));
    lines.push("Enter leaves a question out. `.` stops: you can go on later. `?` tells more.".to_owned());
    lines.push(String::new());
    lines
}

fn shown_line(question: &FormQuestion) -> String {
    match question.kind {
        QuestionKind::NotHere => format!("{}: this cannot be answered here. Tell your nurse.", question.text),
        _ if question.read_only && !question.answers.is_empty() => {
            format!("{}: {}", question.text, question.answers.join(", "))
        }
        _ => question.text.clone(),
    }
}

/// Whether a repeating group that was gone through is to be begun once more: its first question under the next number.
fn another(form: &Form, asked: &HashSet<String>, told: &mut HashSet<String>) -> Result<Option<FormQuestion>, Failure> {
    let groups = form.questions.iter().enumerate();
    let repeating = groups.filter(|(_, question)| question.kind == QuestionKind::Group && question.repeats);
    for (index, group) in repeating {
        let inside = form.questions.iter().skip(index + 1).take_while(|question| question.level > group.level);
        let inside: Vec<&FormQuestion> = inside.collect();
        let all_asked = inside.iter().all(|question| !question.takes_answer() || asked.contains(&question.id));
        let answered = all_asked && inside.iter().any(|question| !question.answers.is_empty());
        let Some((link, number)) = group.id.rsplit_once(['#', '.']) else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        let separator = if group.id.len() > link.len() && group.id.contains(&format!("{link}.")) { "." } else { "#" };
        let next = format!("{link}{separator}{}", number + 1);
        let begun = form.questions.iter().any(|question| question.id == next);
        if !answered || begun || !told.insert(group.id.clone()) {
            continue;
        }
        let first = inside.into_iter().find(|question| question.takes_answer() && question.level == group.level + 1);
        if let Some(first) = first
            && line(&format!("Another: {}? yes or Enter for no: ", group.text))?
                .is_some_and(|text| text.starts_with(['y', 'Y']))
        {
            let id = first.id.rsplit_once(['#', '.']).map(|(link, _)| format!("{link}{separator}{}", number + 1));
            return Ok(id.map(|id| FormQuestion { id, answers: Vec::new(), ..first.clone() }));
        }
    }
    Ok(None)
}

/// Asks one question until it is answered or left out. `None` when the person stops.
async fn ask(homeline: &Homeline, id: &str, question: &FormQuestion) -> Result<Option<Form>, Failure> {
    tell(&heading(question))?;
    let mut answers: Vec<String> = Vec::new();
    loop {
        let prompt = if answers.is_empty() { prompt(question) } else { "one more, or Enter: ".to_owned() };
        let Some(text) = line(&prompt)? else { return Ok(None) };
        match text.as_str() {
            "." => return Ok(None),
            "?" => tell(&more(question))?,
            "" if answers.is_empty() => {
                if !fits_one_line(question) {
                    tell(&[String::new()])?;
                }
                return Ok(Some(homeline.forms().open(id.to_owned()).await?));
            }
            "" => break,
            text => {
                answers.push(meant(question, text));
                match homeline.forms().answer(id.to_owned(), vec![(question.id.clone(), answers.clone())]).await {
                    Ok(_) if question.repeats => {}
                    Ok(_) => break,
                    Err(HomelineError { what, remedy, .. }) => {
                        answers.pop();
                        tell(&[format!("{}. {remedy}", capitalised(&what))])?;
                    }
                }
            }
        }
    }
    if !fits_one_line(question) {
        tell(&[String::new()])?;
    }
    Ok(Some(homeline.forms().open(id.to_owned()).await?))
}

fn heading(question: &FormQuestion) -> Vec<String> {
    if fits_one_line(question) {
        return Vec::new();
    }
    let needed = if question.required { " (needed)" } else { "" };
    let mut lines = vec![format!("{}{needed}", question.text)];
    lines.extend(question.help.clone());
    if (1..=FEW_CHOICES).contains(&question.choices.len()) {
        lines.extend(numbered(question));
    }
    if !question.answers.is_empty() {
        lines.push(format!("So far: {}", question.answers.join(", ")));
    }
    lines
}

/// Yes or no is asked in one line: a look at the site asks twelve of them.
fn fits_one_line(question: &FormQuestion) -> bool {
    question.kind == QuestionKind::YesNo && question.help.is_none() && question.answers.is_empty()
}

fn numbered(question: &FormQuestion) -> Vec<String> {
    (1..).zip(&question.choices).map(|(number, choice): (usize, _)| format!("  {number}  {}", choice.label)).collect()
}

fn more(question: &FormQuestion) -> Vec<String> {
    let mut lines = numbered(question);
    let limit = |word: &str, value: &Option<String>| value.as_ref().map(|value| format!("{word} {value}"));
    lines.extend(limit("At least", &question.lowest));
    lines.extend(limit("At most", &question.highest));
    lines.extend((!question.units.is_empty()).then(|| format!("With its unit: {}", question.units.join(" or "))));
    lines.push("Enter leaves it out. That is not the same as no.".to_owned());
    lines
}

fn prompt(question: &FormQuestion) -> String {
    if fits_one_line(question) {
        let needed = if question.required { ", needed" } else { "" };
        return format!("{} (yes or no{needed}): ", question.text);
    }
    let hint = match question.kind {
        QuestionKind::YesNo => "yes or no",
        QuestionKind::Number | QuestionKind::WholeNumber => "number",
        QuestionKind::Date => "like 2026-11-23",
        QuestionKind::DateTime => "like 14:05, or 2026-11-23 14:05",
        QuestionKind::Time => "like 14:05",
        QuestionKind::WebAddress => "web address",
        QuestionKind::Choice if question.choices.len() > FEW_CHOICES => "name, or ? for the list",
        QuestionKind::Choice => "number",
        QuestionKind::ChoiceOrWords if question.choices.len() > FEW_CHOICES => "own words, or ? for the list",
        QuestionKind::ChoiceOrWords => "number, or own words",
        QuestionKind::Amount => "with its unit",
        QuestionKind::Line | QuestionKind::Text => "own words",
        QuestionKind::Group | QuestionKind::Display | QuestionKind::NotHere => "",
    };
    let units = if question.units.is_empty() { String::new() } else { format!(", {}", question.units.join(" or ")) };
    format!("{hint}{units}: ")
}

/// A number of the list stands for its choice.
fn meant(question: &FormQuestion, text: &str) -> String {
    let chosen = text.parse::<usize>().ok().and_then(|number| question.choices.get(number.checked_sub(1)?));
    chosen.map_or_else(|| text.to_owned(), |choice| choice.value.clone())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn tell(lines: &[String]) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    lines.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(|error| unwritable(&error))
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::Failed(format!("standard output cannot be written: {error}"))
}

/// One line from the person; `None` at the end of the input.
fn line(prompt: &str) -> Result<Option<String>, Failure> {
    let mut out = anstream::stdout().lock();
    write!(out, "{prompt}").and_then(|()| out.flush()).map_err(|error| unwritable(&error))?;
    let mut text = String::new();
    match std::io::stdin().lock().read_line(&mut text) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(text.trim().to_owned())),
        Err(error) => Err(Failure::input("answer", format!("it cannot be read: {error}"))),
    }
}

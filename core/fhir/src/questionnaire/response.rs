//! The end of a form: everything that must be answered is, and what goes back is put together.

use super::answer::AnswerError;
use super::layout::Layout;
use super::{Filling, Item, ItemKind, Questionnaire};
use homeline_model::{FormAnswer, FormAnswers, FormItem};

/// Why a form cannot go back yet. Nothing is lost: the answers stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .open.first().map_or_else(String::new, ToString::to_string))]
pub struct Unfinished {
    /// What is open, in the form's order; at least one.
    pub open: Vec<AnswerError>,
}

impl Questionnaire {
    /// What is missing or cannot be taken, in the form's order; empty when the form can go back.
    pub fn open_questions(&self, filling: &Filling) -> Vec<AnswerError> {
        let layout = Layout::new(self, filling);
        let mut open = Vec::new();
        for root in layout.roots() {
            self.find_open(&layout, *root, &[], &mut open);
        }
        open
    }

    /// The answers of all open questions. Answers to questions that are not asked any more are left out.
    pub fn finish(&self, filling: &Filling) -> Result<FormAnswers, Unfinished> {
        let open = self.open_questions(filling);
        if !open.is_empty() {
            return Err(Unfinished { open });
        }
        let layout = Layout::new(self, filling);
        let mut items = Vec::new();
        for root in layout.roots() {
            items.extend(self.answered(&layout, *root, &[]));
        }
        if items.is_empty() {
            let nothing = AnswerError {
                link_id: String::new(),
                question: self.title.clone(),
                what: "nothing is answered yet".to_owned(),
                remedy: "Answer at least one question.".to_owned(),
            };
            return Err(Unfinished { open: vec![nothing] });
        }
        Ok(FormAnswers { questionnaire: self.canonical.clone(), title: self.title.clone(), items })
    }

    fn find_open(&self, layout: &Layout<'_>, index: usize, at: &[u32], open: &mut Vec<AnswerError>) {
        let Some(item) = self.items.get(index).filter(|_| layout.is_enabled(index, at)) else { return };
        if item.is_question() {
            open.extend(self.fault(layout, item, index, at));
        } else if item.kind == ItemKind::Group && item.required && self.answered(layout, index, at).is_empty() {
            open.push(AnswerError::at(item, "nothing in this part is answered", "Answer at least one question of it."));
        }
        for inside in repetitions(layout, item, index, at) {
            for child in layout.children(index) {
                self.find_open(layout, *child, &inside, open);
            }
        }
    }

    fn fault(&self, layout: &Layout<'_>, item: &Item, index: usize, at: &[u32]) -> Option<AnswerError> {
        let values = layout.values(index, at);
        if let Some(wrong) = values.iter().find_map(|value| self.check(item, value).err()) {
            // A reckoned value is the form's own affair.
            return (!item.is_calculated()).then_some(wrong);
        }
        let answered = values.len();
        if answered == 0 && item.required && !item.is_calculated() {
            return Some(AnswerError::at(item, "it must be answered", "Answer it."));
        }
        if item.fewest.is_some_and(|fewest| answered > 0 && answered < fewest) {
            let fewest = item.fewest.unwrap_or_default();
            return Some(AnswerError::at(item, &format!("it takes at least {fewest} answers"), "Add to it."));
        }
        if item.most.is_some_and(|most| answered > most) {
            let most = item.most.unwrap_or_default();
            return Some(AnswerError::at(item, &format!("it takes at most {most} answers"), "Take some out."));
        }
        None
    }

    /// An item as it goes back: once for each repetition of a group, nothing where nothing was answered.
    fn answered(&self, layout: &Layout<'_>, index: usize, at: &[u32]) -> Vec<FormItem> {
        let Some(item) = self.items.get(index).filter(|_| layout.is_enabled(index, at)) else { return Vec::new() };
        let below = |inside: &[u32]| -> Vec<FormItem> {
            layout.children(index).iter().flat_map(|child| self.answered(layout, *child, inside)).collect()
        };
        let whole =
            |answers, items| FormItem { link_id: item.link_id.clone(), text: item.text.clone(), answers, items };
        match item.kind {
            ItemKind::Display | ItemKind::NotHere => Vec::new(),
            ItemKind::Group => repetitions(layout, item, index, at)
                .into_iter()
                .map(|inside| below(&inside))
                .filter(|items| !items.is_empty())
                .map(|items| whole(Vec::new(), items))
                .collect(),
            ItemKind::Boolean
            | ItemKind::Decimal
            | ItemKind::Integer
            | ItemKind::Date
            | ItemKind::DateTime
            | ItemKind::Time
            | ItemKind::String
            | ItemKind::Text
            | ItemKind::Url
            | ItemKind::Choice
            | ItemKind::OpenChoice
            | ItemKind::Quantity => {
                let values = layout.values(index, at);
                let mut answers: Vec<FormAnswer> =
                    values.iter().map(|value| FormAnswer { value: value.clone(), items: Vec::new() }).collect();
                match answers.first_mut() {
                    Some(first) => first.items = below(at),
                    None => return Vec::new(),
                }
                vec![whole(answers, Vec::new())]
            }
        }
    }
}

/// The repetitions of what stands inside an item.
fn repetitions(layout: &Layout<'_>, item: &Item, index: usize, at: &[u32]) -> Vec<Vec<u32>> {
    if item.kind == ItemKind::Group && item.repeats {
        (0..layout.repetitions(index, at)).map(|one| at.iter().copied().chain([one]).collect()).collect()
    } else {
        vec![at.to_vec()]
    }
}

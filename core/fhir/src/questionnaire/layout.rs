//! What is open now: conditions and scores worked out over the answers so far, and the items in the order to show.
//!
//! Conditions are worked out in the order of what hangs on what, so that there is no recursion into other questions; a
//! circle among them was broken when the form was read.

use super::{Filling, Item, ItemKind, Place, Questionnaire};
use crate::fault::Fault;
use homeline_model::FormValue;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Scores may hang on scores; each round carries a value one further. More than this is no instrument.
const ROUNDS: usize = 4;

/// One item as it is shown now.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown<'q> {
    /// The item.
    pub item: &'q Item,
    /// Where it stands; of a repeating group, the repetition itself.
    pub place: Place,
    /// Its answers, also what was reckoned.
    pub values: Vec<FormValue>,
}

/// The answers with what follows from them.
pub(super) struct Layout<'q> {
    pub questionnaire: &'q Questionnaire,
    answers: BTreeMap<(usize, Vec<u32>), Vec<FormValue>>,
    repetitions: HashMap<(usize, Vec<u32>), u32>,
    enabled: HashSet<(usize, Vec<u32>)>,
    children: Vec<Vec<usize>>,
    roots: Vec<usize>,
}

impl Questionnaire {
    /// Every open item in order, repeating groups as often as they were begun and at least once.
    pub fn shown(&self, filling: &Filling) -> Vec<Shown<'_>> {
        let layout = Layout::new(self, filling);
        let mut shown = Vec::new();
        for root in layout.roots.clone() {
            layout.show(root, &[], &mut shown);
        }
        shown
    }

    /// Drops conditions that lean on each other in a circle, with a remark for each, and puts the items in order.
    pub(super) fn break_circles(&mut self) {
        if let Some(order) = self.in_order() {
            self.order = order;
            return;
        }
        let circular: Vec<usize> = (0..self.items.len()).filter(|index| self.hangs_on_itself(*index)).collect();
        for index in circular {
            if let Some(item) = self.items.get_mut(index)
                && !item.enabling.conditions.is_empty()
            {
                item.enabling.conditions.clear();
                self.remarks.push(Fault::at(
                    format!("item.where(linkId='{}').enableWhen", item.link_id),
                    "hangs on itself in a circle, so the question is always asked: ask the care team to correct the form",
                ));
            }
        }
        self.order = self.in_order().unwrap_or_else(|| (0..self.items.len()).collect());
    }

    fn hangs_on(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let item = self.items.get(index);
        let questions = item.into_iter().flat_map(|item| item.enabling.conditions.iter().map(|one| one.question));
        item.and_then(|item| item.parent).into_iter().chain(questions)
    }

    fn hangs_on_itself(&self, index: usize) -> bool {
        let mut seen = vec![false; self.items.len()];
        let mut waiting: Vec<usize> = self.hangs_on(index).collect();
        while let Some(other) = waiting.pop() {
            if other == index {
                return true;
            }
            if let Some(seen) = seen.get_mut(other).filter(|seen| !**seen) {
                *seen = true;
                waiting.extend(self.hangs_on(other));
            }
        }
        false
    }

    /// Each item after all that it hangs on; `None` when there is a circle.
    fn in_order(&self) -> Option<Vec<usize>> {
        let mut open: Vec<usize> = (0..self.items.len()).map(|index| self.hangs_on(index).count()).collect();
        let mut waits: Vec<Vec<usize>> = vec![Vec::new(); self.items.len()];
        for index in 0..self.items.len() {
            for other in self.hangs_on(index) {
                waits.get_mut(other)?.push(index);
            }
        }
        let mut ready: Vec<usize> = (0..self.items.len()).filter(|index| open.get(*index) == Some(&0)).collect();
        let mut order = Vec::with_capacity(self.items.len());
        while let Some(index) = ready.pop() {
            order.push(index);
            for other in waits.get(index).into_iter().flatten() {
                let left = open.get_mut(*other)?;
                *left -= 1;
                if *left == 0 {
                    ready.push(*other);
                }
            }
        }
        (order.len() == self.items.len()).then_some(order)
    }
}

impl<'q> Layout<'q> {
    pub fn new(questionnaire: &'q Questionnaire, filling: &Filling) -> Self {
        let mut children = vec![Vec::new(); questionnaire.items.len()];
        let mut roots = Vec::new();
        for (index, item) in questionnaire.items.iter().enumerate() {
            match item.parent.and_then(|parent| children.get_mut(parent)) {
                Some(siblings) => siblings.push(index),
                None => roots.push(index),
            }
        }
        let mut layout = Self {
            questionnaire,
            answers: BTreeMap::new(),
            repetitions: HashMap::new(),
            enabled: HashSet::new(),
            children,
            roots,
        };
        for (place, values) in &filling.answers {
            let Some(index) = questionnaire.index(&place.link_id) else { continue };
            let Some(item) = questionnaire.items.get(index) else { continue };
            if item.repeating.len() != place.at.len() || item.is_calculated() {
                continue;
            }
            for (depth, (group, repetition)) in item.repeating.iter().zip(&place.at).enumerate() {
                let before = place.at.get(..depth).unwrap_or_default().to_vec();
                let count = layout.repetitions.entry((*group, before)).or_insert(1);
                *count = (*count).max(repetition.saturating_add(1));
            }
            layout.answers.insert((index, place.at.clone()), values.clone());
        }
        for _ in 0..ROUNDS {
            layout.open();
            if !layout.reckon() {
                break;
            }
        }
        layout.open();
        layout
    }

    pub fn roots(&self) -> &[usize] {
        &self.roots
    }

    pub fn children(&self, index: usize) -> &[usize] {
        self.children.get(index).map(Vec::as_slice).unwrap_or_default()
    }

    pub fn is_enabled(&self, index: usize, at: &[u32]) -> bool {
        self.enabled.contains(&(index, at.to_vec()))
    }

    pub fn values(&self, index: usize, at: &[u32]) -> &[FormValue] {
        self.answers.get(&(index, at.to_vec())).map(Vec::as_slice).unwrap_or_default()
    }

    /// How often a repeating group was begun, at least once.
    pub fn repetitions(&self, group: usize, at: &[u32]) -> u32 {
        self.repetitions.get(&(group, at.to_vec())).copied().unwrap_or(1)
    }

    /// Every repetition of what an item stands in.
    fn instances(&self, item: &Item) -> Vec<Vec<u32>> {
        let mut instances = vec![Vec::new()];
        for group in &item.repeating {
            instances = instances
                .into_iter()
                .flat_map(|at: Vec<u32>| {
                    let count = self.repetitions(*group, &at);
                    (0..count).map(move |repetition| at.iter().copied().chain([repetition]).collect())
                })
                .collect();
        }
        instances
    }

    /// Works out which items are open.
    fn open(&mut self) {
        self.enabled.clear();
        for index in &self.questionnaire.order {
            let Some(item) = self.questionnaire.items.get(*index) else { continue };
            for at in self.instances(item) {
                if self.opens(item, &at) {
                    self.enabled.insert((*index, at));
                }
            }
        }
    }

    fn opens(&self, item: &Item, at: &[u32]) -> bool {
        if let Some(parent) = item.parent
            && let Some(above) = self.questionnaire.items.get(parent)
        {
            let around = at.get(..above.repeating.len()).unwrap_or_default();
            // What hangs on an answer has no place in a response before there is one.
            let waits = above.is_question() && item.kind != ItemKind::Display && self.values(parent, around).is_empty();
            if waits || !self.is_enabled(parent, around) {
                return false;
            }
        }
        let enabling = &item.enabling;
        let mut hold = enabling.conditions.iter().map(|one| one.test.holds(&self.answers_near(one.question, item, at)));
        if enabling.conditions.is_empty() {
            true
        } else if enabling.any {
            hold.any(|holds| holds)
        } else {
            hold.all(|holds| holds)
        }
    }

    /// The answers to a question in the same repetition of the groups that both stand in, else in all repetitions.
    fn answers_near(&self, question: usize, from: &Item, at: &[u32]) -> Vec<&FormValue> {
        let Some(asked) = self.questionnaire.items.get(question) else { return Vec::new() };
        let shared = asked.repeating.iter().zip(&from.repeating).take_while(|(a, b)| a == b).count();
        self.answers_inside(question, at.get(..shared).unwrap_or_default())
    }

    /// The answers to a question inside one repetition, as far as it is open.
    pub fn answers_inside(&self, question: usize, around: &[u32]) -> Vec<&FormValue> {
        self.answers
            .range((question, around.to_vec())..)
            .take_while(|((index, at), _)| *index == question && at.starts_with(around))
            .filter(|((index, at), _)| self.is_enabled(*index, at))
            .flat_map(|(_, values)| values)
            .collect()
    }

    /// Reckons the scores; whether any is another than before.
    fn reckon(&mut self) -> bool {
        let mut changed = false;
        for (index, item) in self.questionnaire.items.iter().enumerate() {
            let Some(expression) = &item.expression else { continue };
            for at in self.instances(item) {
                let value = expression.value(self, item, &at);
                let key = (index, at);
                let before = self.answers.get(&key).and_then(|values| values.first());
                if before != value.as_ref() {
                    changed = true;
                    match value {
                        Some(value) => drop(self.answers.insert(key, vec![value])),
                        None => drop(self.answers.remove(&key)),
                    }
                }
            }
        }
        changed
    }

    fn show(&self, index: usize, at: &[u32], shown: &mut Vec<Shown<'q>>) {
        let Some(item) = self.questionnaire.items.get(index).filter(|_| self.is_enabled(index, at)) else { return };
        if item.hidden {
            return;
        }
        let repeats = item.kind == ItemKind::Group && item.repeats;
        let repetitions = if repeats { self.repetitions(index, at) } else { 1 };
        for repetition in 0..repetitions {
            let mut inside = at.to_vec();
            if repeats {
                inside.push(repetition);
            }
            shown.push(Shown {
                item,
                place: Place { link_id: item.link_id.clone(), at: inside.clone() },
                values: self.values(index, at).to_vec(),
            });
            for child in self.children(index) {
                self.show(*child, &inside, shown);
            }
        }
    }
}

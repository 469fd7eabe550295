//! Scores: a part of FHIRPath for SDC's `calculatedExpression`.
//!
//! Read are numbers, `+ - * /`, brackets, and paths from `%resource` made of `item`, `answer`, `value` (also with its
//! type: `valueInteger`), `where(linkId='…')` with `or`, `descendants()`, `repeat(item)`, `ordinal()` or `weight()`,
//! `first()`, `sum()`, `count()`. That is what scored instruments use: a sum of `ordinalValue`s, a mean, a weighted sum.
//! Anything else is not reckoned, and the form says so. As FHIRPath has it, an operation on nothing is nothing: a sum
//! written as `a + b` has no value while one of them is not answered.

use super::layout::Layout;
use super::{Item, ItemKind, Questionnaire};
use homeline_model::{Decimal, FormValue, Quantity};

/// Brackets inside brackets.
const MOST_DEPTH: usize = 32;
/// The longest expression, in bytes.
const LONGEST: usize = 16_000;

/// A score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(Decimal),
    Answers { items: Vec<usize>, ordinal: bool, take: Take },
    Binary(Box<Self>, Operator, Box<Self>),
}

/// What is taken of several answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// The only one; several are no number.
    Only,
    First,
    Sum,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Reads an expression; `None` when it holds something that is not reckoned here.
pub(super) fn read(text: &str, items: &[Item]) -> Option<Expression> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, items };
    let read = parser.sum(0)?;
    (parser.next == parser.tokens.len()).then_some(read)
}

impl Expression {
    /// The value now, as the question's kind has it; `None` while it cannot be reckoned.
    pub(super) fn value(&self, layout: &Layout<'_>, item: &Item, at: &[u32]) -> Option<FormValue> {
        let number = self.number(layout, item, at)?.normalize();
        match item.kind {
            ItemKind::Decimal => Some(FormValue::Decimal(number)),
            ItemKind::Integer => {
                let whole = number.fract().is_zero().then(|| number.normalize())?;
                i32::try_from(whole).ok().map(FormValue::Integer)
            }
            ItemKind::Quantity => {
                let unit = item.units.first()?.clone();
                Some(FormValue::Quantity(Quantity { value: number, unit }))
            }
            ItemKind::String | ItemKind::Text => Some(FormValue::Text(number.to_string())),
            ItemKind::Group
            | ItemKind::Display
            | ItemKind::Boolean
            | ItemKind::Date
            | ItemKind::DateTime
            | ItemKind::Time
            | ItemKind::Url
            | ItemKind::Choice
            | ItemKind::OpenChoice
            | ItemKind::NotHere => None,
        }
    }

    fn number(&self, layout: &Layout<'_>, from: &Item, at: &[u32]) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Answers { items, ordinal, take } => {
                let mut numbers = Vec::new();
                for index in items {
                    let asked = layout.questionnaire.items.get(*index)?;
                    let shared = asked.repeating.iter().zip(&from.repeating).take_while(|(a, b)| a == b).count();
                    for value in layout.answers_inside(*index, at.get(..shared).unwrap_or_default()) {
                        let number = if *ordinal {
                            Questionnaire::ordinal_of(asked, value)
                        } else if *take == Take::Count {
                            Some(Decimal::ONE)
                        } else {
                            Questionnaire::number_of(asked, value)
                        };
                        numbers.extend(number);
                    }
                }
                match take {
                    Take::Only => numbers.first().copied().filter(|_| numbers.len() == 1),
                    Take::First => numbers.first().copied(),
                    Take::Sum if numbers.is_empty() => None,
                    Take::Sum => numbers.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add),
                    Take::Count => Some(Decimal::from(numbers.len())),
                }
            }
            Self::Binary(left, operator, right) => {
                let (left, right) = (left.number(layout, from, at)?, right.number(layout, from, at)?);
                match operator {
                    Operator::Plus => left.checked_add(right),
                    Operator::Minus => left.checked_sub(right),
                    Operator::Times => left.checked_mul(right),
                    Operator::Over => left.checked_div(right),
                }
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Decimal),
    Word(String),
    Text(String),
    Sign(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(&first) = letters.peek() {
        let mut take = |fits: &dyn Fn(char) -> bool| {
            let mut word = String::new();
            while let Some(&letter) = letters.peek()
                && fits(letter)
            {
                word.push(letter);
                letters.next();
            }
            word
        };
        match first {
            _ if first.is_whitespace() => drop(letters.next()),
            '0'..='9' => {
                let digits = take(&|c| c.is_ascii_digit() || c == '.');
                tokens.push(Token::Number(Decimal::from_str_exact(&digits).ok()?));
            }
            'a'..='z' | 'A'..='Z' | '%' | '_' => {
                tokens.push(Token::Word(take(&|c| c.is_ascii_alphanumeric() || c == '%' || c == '_')));
            }
            '\'' | '"' => {
                letters.next();
                let mut word = String::new();
                loop {
                    match letters.next()? {
                        '\\' => return None,
                        end if end == first => break,
                        letter => word.push(letter),
                    }
                }
                tokens.push(Token::Text(word));
            }
            '+' | '-' | '*' | '/' | '(' | ')' | '.' | '=' => {
                letters.next();
                tokens.push(Token::Sign(first));
            }
            _ => return None,
        }
    }
    Some(tokens)
}

struct Parser<'p> {
    tokens: Vec<Token>,
    next: usize,
    items: &'p [Item],
}

impl Parser<'_> {
    fn sign(&mut self, sign: char) -> Option<()> {
        (self.tokens.get(self.next) == Some(&Token::Sign(sign))).then(|| self.next += 1)
    }

    fn word(&mut self) -> Option<String> {
        let Token::Word(word) = self.tokens.get(self.next)? else { return None };
        let word = word.clone();
        self.next += 1;
        Some(word)
    }

    fn sum(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.product(depth)?;
        loop {
            let operator = if self.sign('+').is_some() {
                Operator::Plus
            } else if self.sign('-').is_some() {
                Operator::Minus
            } else {
                return Some(left);
            };
            left = Expression::Binary(Box::new(left), operator, Box::new(self.product(depth)?));
        }
    }

    fn product(&mut self, depth: usize) -> Option<Expression> {
        let mut left = self.factor(depth)?;
        loop {
            let operator = if self.sign('*').is_some() {
                Operator::Times
            } else if self.sign('/').is_some() {
                Operator::Over
            } else {
                return Some(left);
            };
            left = Expression::Binary(Box::new(left), operator, Box::new(self.factor(depth)?));
        }
    }

    fn factor(&mut self, depth: usize) -> Option<Expression> {
        if depth >= MOST_DEPTH {
            return None;
        }
        if self.sign('(').is_some() {
            let inside = self.sum(depth + 1)?;
            self.sign(')')?;
            return Some(inside);
        }
        if let Some(Token::Number(number)) = self.tokens.get(self.next) {
            let number = *number;
            self.next += 1;
            return Some(Expression::Number(number));
        }
        self.path()
    }

    fn path(&mut self) -> Option<Expression> {
        if self.word()? != "%resource" {
            return None;
        }
        // `None` is the response itself; else the items that the path has come to.
        let mut selected: Option<Vec<usize>> = None;
        let (mut ordinal, mut take) = (false, Take::Only);
        while self.sign('.').is_some() {
            if take != Take::Only {
                return None;
            }
            let step = self.word()?;
            let called = self.sign('(').is_some();
            match (step.as_str(), called) {
                ("item", false) => selected = Some(self.below(selected.as_deref())),
                ("answer", false) => drop(selected.as_ref()?),
                (value, false) if value.starts_with("value") => drop(selected.as_ref()?),
                ("descendants", true) => selected = Some(self.all_below(selected.as_deref())),
                ("repeat", true) => {
                    (self.word()? == "item").then_some(())?;
                    selected = Some(self.all_below(selected.as_deref()));
                }
                ("where", true) => {
                    let links = self.links()?;
                    selected
                        .as_mut()?
                        .retain(|index| self.items.get(*index).is_some_and(|item| links.contains(&item.link_id)));
                }
                ("ordinal" | "weight", true) => ordinal = true,
                ("first", true) => take = Take::First,
                ("sum", true) => take = Take::Sum,
                ("count", true) => take = Take::Count,
                _ => return None,
            }
            if called {
                self.sign(')')?;
            }
        }
        let items = selected?.into_iter().filter(|index| self.items.get(*index).is_some_and(Item::is_question));
        let items: Vec<usize> = items.collect();
        (!items.is_empty()).then_some(Expression::Answers { items, ordinal, take })
    }

    /// `linkId='a' or linkId='b'`
    fn links(&mut self) -> Option<Vec<String>> {
        let mut links = Vec::new();
        loop {
            (self.word()? == "linkId").then_some(())?;
            self.sign('=')?;
            let Token::Text(link) = self.tokens.get(self.next)? else { return None };
            links.push(link.clone());
            self.next += 1;
            match self.tokens.get(self.next) {
                Some(Token::Word(word)) if word == "or" => self.next += 1,
                Some(_) | None => return Some(links),
            }
        }
    }

    fn below(&self, selected: Option<&[usize]>) -> Vec<usize> {
        let is_below = |item: &Item| match (selected, item.parent) {
            (None, parent) => parent.is_none(),
            (Some(selected), Some(parent)) => selected.contains(&parent),
            (Some(_), None) => false,
        };
        (0..self.items.len()).filter(|index| self.items.get(*index).is_some_and(is_below)).collect()
    }

    fn all_below(&self, selected: Option<&[usize]>) -> Vec<usize> {
        let Some(selected) = selected else { return (0..self.items.len()).collect() };
        let mut inside = vec![false; self.items.len()];
        let mut found = Vec::new();
        // Each item stands after the one that it stands in.
        for (index, item) in self.items.iter().enumerate() {
            let below = item
                .parent
                .is_some_and(|parent| selected.contains(&parent) || inside.get(parent).copied().unwrap_or_default());
            if below {
                if let Some(inside) = inside.get_mut(index) {
                    *inside = true;
                }
                found.push(index);
            }
        }
        found
    }
}

//! From the resource to a form that can be answered, or the fault that keeps it from being one.

use super::condition::{Condition, Enabling, Test};
use super::score::{self, Expression};
use super::{Choice, Item, ItemKind, MOST_CHOICES, MOST_ITEMS, MOST_LEVELS, Questionnaire};
use crate::datatype::{Coding, Extension};
use crate::fault::{Fault, at, extension, inside, read_resource};
use crate::read::quantity::quantity;
use crate::resource::{AnswerOption, EnableWhen, Questionnaire as Resource, QuestionnaireInitial, QuestionnaireItem};
use crate::{number, unit, url};
use homeline_model::{Decimal, FormChoice, FormValue, Unit};
use serde_json::{Number, Value};
use std::collections::HashMap;

/// Extensions that change how a form works and that are not followed: each is told.
const NOT_FOLLOWED: &[&str] = &[
    "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-answerExpression",
];

const ASK: &str = "ask the care team to correct the form";

impl Questionnaire {
    /// Reads a form.
    ///
    /// Errors: the element that keeps it from being answered whole, e.g. a question that must be answered with a file.
    pub fn read(json: &str) -> Result<Self, Fault> {
        let resource: Resource = read_resource(json)?;
        if resource.resource_type.as_deref() != Some("Questionnaire") {
            return Err(Fault::at("resourceType", "must be Questionnaire"));
        }
        if !resource.modifier_extension.is_empty() || resource.implicit_rules.is_some() {
            return Err(Fault::at("modifierExtension", "changes what the form means in a way that is not known here"));
        }
        let id = resource.id.clone().ok_or_else(|| Fault::missing("id", "the form's id"))?;
        let canonical = match (resource.url.as_deref(), resource.version.as_deref()) {
            (Some(url), Some(version)) => format!("{url}|{version}"),
            (Some(url), None) => url.to_owned(),
            (None, _) => format!("Questionnaire/{id}"),
        };
        let title = [&resource.title, &resource.name].into_iter().flatten().find(|title| !title.trim().is_empty());
        let mut reader = Reader {
            contained: &resource.contained,
            items: Vec::new(),
            raw: Vec::new(),
            remarks: Vec::new(),
            not_here: Vec::new(),
        };
        reader.level(&resource.item, None, 0, "")?;
        if reader.items.is_empty() {
            return Err(Fault::missing("item", "the questions of the form"));
        }
        reader.link()?;
        let Reader { items, remarks, not_here, .. } = reader;
        let mut read = Self {
            title: title.cloned().unwrap_or_else(|| "Form".to_owned()),
            description: resource.description.clone().filter(|text| !text.trim().is_empty()),
            id,
            canonical,
            items,
            order: Vec::new(),
            remarks,
            not_here,
        };
        read.break_circles();
        Ok(read)
    }
}

struct Reader<'r> {
    contained: &'r [Value],
    items: Vec<Item>,
    raw: Vec<(&'r QuestionnaireItem, String)>,
    remarks: Vec<Fault>,
    not_here: Vec<Fault>,
}

impl<'r> Reader<'r> {
    fn level(
        &mut self,
        items: &'r [QuestionnaireItem],
        parent: Option<usize>,
        level: usize,
        path: &str,
    ) -> Result<(), Fault> {
        if level >= MOST_LEVELS && !items.is_empty() {
            return Err(Fault::at(inside(path, "item"), format!("stands deeper than {MOST_LEVELS} levels: {ASK}")));
        }
        for (place, raw) in items.iter().enumerate() {
            let path = at(path, "item", place);
            if self.items.len() >= MOST_ITEMS {
                return Err(Fault::at(path, format!("a form has at most {MOST_ITEMS} items: {ASK}")));
            }
            let item = self.item(raw, parent, level, &path)?;
            let index = self.items.len();
            self.items.push(item);
            self.raw.push((raw, path.clone()));
            self.level(&raw.item, Some(index), level + 1, &path)?;
        }
        Ok(())
    }

    fn item(
        &mut self,
        raw: &'r QuestionnaireItem,
        parent: Option<usize>,
        level: usize,
        path: &str,
    ) -> Result<Item, Fault> {
        let link_id = raw.link_id.clone().filter(|id| !id.trim().is_empty());
        let link_id = link_id.ok_or_else(|| Fault::missing(inside(path, "linkId"), "the question's linkId"))?;
        if !raw.modifier_extension.is_empty() {
            return Err(Fault::at(inside(path, "modifierExtension"), format!("is not known here: {ASK}")));
        }
        for found in &raw.extension {
            if found.url.as_deref().is_some_and(|url| NOT_FOLLOWED.contains(&url)) {
                self.remarks.push(Fault::at(inside(path, "extension"), "holds a rule that is not followed here"));
            }
        }
        let choices = self.choices(raw, path)?;
        let required = raw.required == Some(true);
        let kind = match kind(raw.r#type.as_deref(), path)? {
            ItemKind::Choice if choices.is_empty() => {
                self.not_here(required, inside(path, "answerOption"), "has no choices that could be shown")?
            }
            ItemKind::NotHere => self.not_here(
                required,
                inside(path, "type"),
                "asks for a file or a link to another record, which cannot be answered here",
            )?,
            kind => kind,
        };
        let mut repeating = Vec::new();
        if let Some(index) = parent
            && let Some(above) = self.items.get(index)
        {
            repeating.clone_from(&above.repeating);
            if above.kind == ItemKind::Group && above.repeats {
                repeating.push(index);
            }
            if above.is_question() && above.repeats && kind != ItemKind::Display {
                self.remarks.push(Fault::at(path, "hangs on a question with several answers, and is asked once"));
            }
        }
        let (lowest, highest) = (limit(raw, kind, "min", path)?, limit(raw, kind, "max", path)?);
        let initial = self.initial(raw, kind, path)?;
        Ok(Item {
            link_id,
            prefix: raw.prefix.clone().filter(|text| !text.trim().is_empty()),
            text: raw.text.clone().filter(|text| !text.trim().is_empty()),
            kind,
            required,
            repeats: raw.repeats == Some(true),
            read_only: raw.read_only == Some(true),
            hidden: hl7(&raw.extension, "questionnaire-hidden").and_then(|found| found.value_boolean) == Some(true),
            lowest,
            highest,
            longest: whole(raw.max_length.as_ref(), &inside(path, "maxLength"))?,
            decimal_places: count(&raw.extension, "maxDecimalPlaces").and_then(|most| u32::try_from(most).ok()),
            fewest: count(&raw.extension, "questionnaire-minOccurs"),
            most: count(&raw.extension, "questionnaire-maxOccurs"),
            choices,
            units: units(&raw.extension),
            level,
            parent,
            repeating,
            enabling: Enabling::default(),
            initial,
            expression: None,
        })
    }

    /// A question that cannot be answered here: that is a remark, or the end of the form when it must be answered.
    fn not_here(&mut self, required: bool, field: String, reason: &str) -> Result<ItemKind, Fault> {
        let fault = Fault::at(field, format!("{reason}: {ASK}"));
        if required {
            return Err(fault);
        }
        self.not_here.push(fault);
        Ok(ItemKind::NotHere)
    }

    fn choices(&mut self, raw: &QuestionnaireItem, path: &str) -> Result<Vec<Choice>, Fault> {
        let mut choices = Vec::new();
        for (place, option) in raw.answer_option.iter().enumerate() {
            let path = at(path, "answerOption", place);
            if choices.len() >= MOST_CHOICES {
                return Err(Fault::at(path, format!("a question has at most {MOST_CHOICES} choices: {ASK}")));
            }
            match option_value(option, &path)? {
                Some(value) => choices.push(Choice { value, ordinal: ordinal(option) }),
                None => self.remarks.push(Fault::at(path, "is a choice of a kind that cannot be shown here")),
            }
        }
        if let Some(set) = raw.answer_value_set.as_deref().and_then(|set| set.strip_prefix('#')) {
            let found = self.contained.iter().find(|value| value.get("id").and_then(Value::as_str) == Some(set));
            choices.extend(found.map(value_set).unwrap_or_default().into_iter().take(MOST_CHOICES));
        }
        Ok(choices)
    }

    fn initial(&mut self, raw: &QuestionnaireItem, kind: ItemKind, path: &str) -> Result<Vec<FormValue>, Fault> {
        let mut values = Vec::new();
        for (place, written) in raw.initial.iter().enumerate() {
            let path = at(path, "initial", place);
            match initial_value(written, kind, &path)? {
                Some(value) => values.push(value),
                None => self.remarks.push(Fault::at(path, "does not go with the question, and is left out")),
            }
        }
        if values.is_empty() {
            let selected = raw.answer_option.iter().filter(|option| option.initial_selected == Some(true));
            for option in selected {
                values.extend(option_value(option, path)?);
            }
        }
        if raw.repeats != Some(true) {
            values.truncate(1);
        }
        Ok(values)
    }

    /// What items say of each other: conditions and scores.
    fn link(&mut self) -> Result<(), Fault> {
        let mut by_link: HashMap<&str, usize> = HashMap::new();
        for (index, item) in self.items.iter().enumerate() {
            if by_link.insert(&item.link_id, index).is_some() {
                let path = self.raw.get(index).map(|(_, path)| path.as_str()).unwrap_or_default();
                return Err(Fault::at(inside(path, "linkId"), format!("stands in the form twice: {ASK}")));
            }
        }
        let by_link: HashMap<String, usize> =
            by_link.into_iter().map(|(link, index)| (link.to_owned(), index)).collect();
        let mut linked: Vec<(Enabling, Option<Expression>)> = Vec::with_capacity(self.items.len());
        for (raw, path) in &self.raw {
            let mut enabling = Enabling { conditions: Vec::new(), any: raw.enable_behavior.as_deref() == Some("any") };
            if raw.enable_when.len() > 1 && raw.enable_behavior.is_none() {
                // R4 wants the element here. Asking too much is better than not asking.
                enabling.any = true;
                self.remarks
                    .push(Fault::at(inside(path, "enableBehavior"), "is missing: any of the conditions is enough"));
            }
            for (place, written) in raw.enable_when.iter().enumerate() {
                let path = at(path, "enableWhen", place);
                let question = written.question.as_deref().and_then(|link| by_link.get(link));
                let question = *question.ok_or_else(|| {
                    Fault::at(inside(&path, "question"), format!("is no question of this form: {ASK}"))
                })?;
                enabling.conditions.push(Condition { question, test: test(written, &path)? });
            }
            let expression = match calculated(&raw.extension) {
                None => None,
                Some(text) => {
                    let read = text.and_then(|text| score::read(text, &self.items));
                    if read.is_none() {
                        let path = extension(path, "calculatedExpression");
                        self.remarks
                            .push(Fault::at(path, "is a score that is not reckoned here: ask your nurse for it"));
                    }
                    read
                }
            };
            linked.push((enabling, expression));
        }
        for (item, (enabling, expression)) in self.items.iter_mut().zip(linked) {
            item.enabling = enabling;
            // A score that nobody reckons cannot be a duty.
            item.required &= !(item.read_only && item.initial.is_empty()) || expression.is_some();
            item.expression = expression;
        }
        Ok(())
    }
}

fn kind(code: Option<&str>, path: &str) -> Result<ItemKind, Fault> {
    Ok(match code {
        Some("group") => ItemKind::Group,
        Some("display") => ItemKind::Display,
        Some("boolean") => ItemKind::Boolean,
        Some("decimal") => ItemKind::Decimal,
        Some("integer") => ItemKind::Integer,
        Some("date") => ItemKind::Date,
        Some("dateTime") => ItemKind::DateTime,
        Some("time") => ItemKind::Time,
        Some("string") => ItemKind::String,
        Some("text") => ItemKind::Text,
        Some("url") => ItemKind::Url,
        Some("choice") => ItemKind::Choice,
        Some("open-choice") => ItemKind::OpenChoice,
        Some("quantity") => ItemKind::Quantity,
        Some("attachment" | "reference") => ItemKind::NotHere,
        // R4 has a type `question` in the value set that no item may have.
        Some(_) => return Err(Fault::at(inside(path, "type"), format!("is no type that R4 has: {ASK}"))),
        None => return Err(Fault::missing(inside(path, "type"), "what is asked for")),
    })
}

fn hl7<'a>(extensions: &'a [Extension], name: &str) -> Option<&'a Extension> {
    find_url(extensions, &format!("{}{name}", url::HL7_EXTENSION))
}

fn sdc<'a>(extensions: &'a [Extension], name: &str) -> Option<&'a Extension> {
    find_url(extensions, &format!("{}{name}", url::SDC_EXTENSION))
}

fn find_url<'a>(extensions: &'a [Extension], url: &str) -> Option<&'a Extension> {
    extensions.iter().find(|extension| extension.url.as_deref() == Some(url))
}

fn count(extensions: &[Extension], name: &str) -> Option<usize> {
    hl7(extensions, name)?.value_integer.and_then(|number| usize::try_from(number).ok())
}

fn whole(written: Option<&Number>, path: &str) -> Result<Option<usize>, Fault> {
    let value = written.map(|written| number::whole(written, 1, path)).transpose()?;
    Ok(value.and_then(|value| usize::try_from(value).ok()))
}

fn integer(written: &Number, path: &str) -> Result<i32, Fault> {
    written.to_string().parse().map_err(|_| Fault::at(path, format!("must be a whole number: {ASK}")))
}

/// The units that may be typed: one (`questionnaire-unit`) or several (`questionnaire-unitOption`).
fn units(extensions: &[Extension]) -> Vec<Unit> {
    ["questionnaire-unit", "questionnaire-unitOption"]
        .into_iter()
        .flat_map(|name| {
            let url = format!("{}{name}", url::HL7_EXTENSION);
            extensions.iter().filter(move |found| found.url.as_deref() == Some(url.as_str()))
        })
        .filter_map(|found| {
            let coding: Coding =
                found.extra.get("valueCoding").and_then(|value| serde_json::from_value(value.clone()).ok())?;
            let code = coding.code?;
            Some(match coding.display {
                Some(display) => Unit::with_display(&code, &display),
                None => unit::by_code(&code).unwrap_or_else(|| Unit::ucum(&code)),
            })
        })
        .collect()
}

/// The lowest or highest value: HL7's `minValue`, `maxValue`, and SDC's `minQuantity`, `maxQuantity`.
fn limit(raw: &QuestionnaireItem, kind: ItemKind, side: &str, path: &str) -> Result<Option<FormValue>, Fault> {
    if kind == ItemKind::Quantity {
        let name = format!("sdc-questionnaire-{side}Quantity");
        let found = sdc(&raw.extension, &name).and_then(|found| found.value_quantity.as_ref());
        let path = extension(path, &format!("{side}Quantity"));
        return Ok(found.map(|found| quantity(found, &path)).transpose()?.map(FormValue::Quantity));
    }
    let name = format!("{side}Value");
    let Some(found) = hl7(&raw.extension, &name) else { return Ok(None) };
    let path = extension(path, &name);
    let text = |name: &str| found.extra.get(name).and_then(Value::as_str).map(str::to_owned);
    let decimal = || match &found.value_decimal {
        Some(written) => number::decimal(written, &path).map(Some),
        None => Ok(found.value_integer.map(Decimal::from)),
    };
    Ok(match kind {
        ItemKind::Decimal => decimal()?.map(FormValue::Decimal),
        ItemKind::Integer => match found.value_integer {
            Some(number) => i32::try_from(number).ok().map(FormValue::Integer),
            None => decimal()?.map(FormValue::Decimal),
        },
        ItemKind::Date => text("valueDate").map(FormValue::Date),
        ItemKind::DateTime => found.value_date_time.clone().map(FormValue::DateTime),
        ItemKind::Time => text("valueTime").map(FormValue::Time),
        ItemKind::Group
        | ItemKind::Display
        | ItemKind::Boolean
        | ItemKind::String
        | ItemKind::Text
        | ItemKind::Url
        | ItemKind::Choice
        | ItemKind::OpenChoice
        | ItemKind::Quantity
        | ItemKind::NotHere => None,
    })
}

pub(super) fn choice_of(coding: &Coding) -> FormChoice {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    FormChoice { system: filled(&coding.system), code: filled(&coding.code), display: filled(&coding.display) }
}

fn option_value(option: &AnswerOption, path: &str) -> Result<Option<FormValue>, Fault> {
    if let Some(coding) = &option.value_coding {
        let choice = choice_of(coding);
        return Ok((!choice.words().is_empty()).then_some(FormValue::Choice(choice)));
    }
    if let Some(written) = &option.value_integer {
        return integer(written, path).map(|value| Some(FormValue::Integer(value)));
    }
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    Ok(text(&option.value_string)
        .map(FormValue::Text)
        .or_else(|| text(&option.value_date).map(FormValue::Date))
        .or_else(|| text(&option.value_time).map(FormValue::Time)))
}

/// HL7's `ordinalValue`, on the option or on its coding.
fn ordinal(option: &AnswerOption) -> Option<Decimal> {
    let url = format!("{}ordinalValue", url::HL7_EXTENSION);
    let on_option = find_url(&option.extension, &url).and_then(|found| found.value_decimal.clone());
    let on_coding = || {
        let extensions = option.value_coding.as_ref()?.extra.get("extension")?.as_array()?;
        let found = extensions.iter().find(|one| one.get("url").and_then(Value::as_str) == Some(url.as_str()))?;
        found.get("valueDecimal")?.as_number().cloned()
    };
    number::decimal(&on_option.or_else(on_coding)?, "ordinalValue").ok()
}

/// The codings of a contained value set: as expanded, else as composed.
fn value_set(set: &Value) -> Vec<Choice> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let expanded = list(set.pointer("/expansion/contains"));
    let composed = || {
        list(set.pointer("/compose/include")).into_iter().flat_map(move |include| {
            let system = include.get("system").cloned();
            list(include.get("concept")).into_iter().map(move |mut concept| {
                if let (Some(object), Some(system)) = (concept.as_object_mut(), &system) {
                    object.entry("system").or_insert_with(|| system.clone());
                }
                concept
            })
        })
    };
    let codings: Vec<Value> = if expanded.is_empty() { composed().collect() } else { expanded };
    codings
        .into_iter()
        .filter_map(|value| serde_json::from_value::<Coding>(value).ok())
        .map(|coding| Choice { value: FormValue::Choice(choice_of(&coding)), ordinal: None })
        .collect()
}

fn initial_value(written: &QuestionnaireInitial, kind: ItemKind, path: &str) -> Result<Option<FormValue>, Fault> {
    let decimal = |written: &Number| number::decimal(written, path);
    Ok(match kind {
        ItemKind::Boolean => written.value_boolean.map(FormValue::Boolean),
        ItemKind::Decimal => written.value_decimal.as_ref().map(decimal).transpose()?.map(FormValue::Decimal),
        ItemKind::Integer => {
            written.value_integer.as_ref().map(|n| integer(n, path)).transpose()?.map(FormValue::Integer)
        }
        ItemKind::Date => written.value_date.clone().map(FormValue::Date),
        ItemKind::DateTime => written.value_date_time.clone().map(FormValue::DateTime),
        ItemKind::Time => written.value_time.clone().map(FormValue::Time),
        ItemKind::String | ItemKind::Text => written.value_string.clone().map(FormValue::Text),
        ItemKind::Url => written.value_uri.clone().map(FormValue::Url),
        ItemKind::Choice | ItemKind::OpenChoice => match &written.value_coding {
            Some(coding) => Some(FormValue::Choice(choice_of(coding))),
            None => written.value_string.clone().map(FormValue::Text),
        },
        ItemKind::Quantity => {
            written.value_quantity.as_ref().map(|q| quantity(q, path)).transpose()?.map(FormValue::Quantity)
        }
        ItemKind::Group | ItemKind::Display | ItemKind::NotHere => None,
    })
}

fn test(written: &EnableWhen, path: &str) -> Result<Test, Fault> {
    let operator = written.operator.as_deref().unwrap_or_default();
    if operator == "exists" {
        let wanted = written.answer_boolean;
        return wanted
            .map(Test::Exists)
            .ok_or_else(|| Fault::missing(inside(path, "answerBoolean"), "whether an answer must be there"));
    }
    let value = condition_value(written, path)?
        .ok_or_else(|| Fault::missing(inside(path, "answer[x]"), "what the answer is compared with"))?;
    Ok(match operator {
        "=" => Test::Equal(value),
        "!=" => Test::NotEqual(value),
        ">" => Test::Greater(value),
        "<" => Test::Less(value),
        ">=" => Test::AtLeast(value),
        "<=" => Test::AtMost(value),
        _ => return Err(Fault::at(inside(path, "operator"), format!("is not known: {ASK}"))),
    })
}

fn condition_value(written: &EnableWhen, path: &str) -> Result<Option<FormValue>, Fault> {
    if let Some(value) = written.answer_boolean {
        return Ok(Some(FormValue::Boolean(value)));
    }
    if let Some(value) = &written.answer_decimal {
        return number::decimal(value, &inside(path, "answerDecimal")).map(|value| Some(FormValue::Decimal(value)));
    }
    if let Some(value) = &written.answer_integer {
        return integer(value, &inside(path, "answerInteger")).map(|value| Some(FormValue::Integer(value)));
    }
    if let Some(coding) = &written.answer_coding {
        return Ok(Some(FormValue::Choice(choice_of(coding))));
    }
    if let Some(value) = &written.answer_quantity {
        return quantity(value, &inside(path, "answerQuantity")).map(|value| Some(FormValue::Quantity(value)));
    }
    Ok(written
        .answer_date
        .clone()
        .map(FormValue::Date)
        .or_else(|| written.answer_date_time.clone().map(FormValue::DateTime))
        .or_else(|| written.answer_time.clone().map(FormValue::Time))
        .or_else(|| written.answer_string.clone().map(FormValue::Text)))
}

/// SDC's `calculatedExpression`: `Some(None)` when it is there in a language that is not FHIRPath.
fn calculated(extensions: &[Extension]) -> Option<Option<&str>> {
    let found = sdc(extensions, "sdc-questionnaire-calculatedExpression")?;
    let expression = found.extra.get("valueExpression");
    let language = expression.and_then(|value| value.get("language")?.as_str());
    let text = expression.and_then(|value| value.get("expression")?.as_str());
    Some(text.filter(|_| language == Some("text/fhirpath")))
}

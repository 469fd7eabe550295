//! An answered form: `QuestionnaireResponse`, <https://hl7.org/fhir/R4/questionnaireresponse.html>.

use super::head::{self, Head};
use super::{amount, of_amount, words};
use crate::datatype::{Coding, Extension, Reference};
use crate::date_time;
use crate::fault::{Fault, at, inside};
use crate::resource::{QuestionnaireAnswer, QuestionnaireResponse, QuestionnaireResponseItem};
use crate::{number, url};
use homeline_model::{CarePlan, Entry, EntryBody, FormAnswer, FormAnswers, FormChoice, FormItem, FormValue};
use serde_json::{Value, json};

/// R4 lets a response be based on a CarePlan or a ServiceRequest only: the order of a drug stands in an extension.
pub(super) const ORDER: &str = "order";
/// The element beside `questionnaire` that carries the form's title, with HL7's extension `display`.
const TITLE: &str = "_questionnaire";

/// The resource of a form.
pub(super) fn write(
    entry: &Entry,
    form: &FormAnswers,
    plan: Option<&CarePlan>,
    in_error: bool,
) -> QuestionnaireResponse {
    let who = head::author(entry, plan).filter(|author| author.reference.is_some());
    let mut response = QuestionnaireResponse {
        identifier: Some(head::identifier(entry)),
        questionnaire: words(&form.questionnaire),
        status: Some(if in_error { "entered-in-error" } else { "completed" }.to_owned()),
        subject: Some(Reference::to("Patient", &entry.patient)),
        authored: Some(date_time::of_happened(&entry.times.happened)),
        source: head::performer(entry, plan).filter(|source| source.reference.is_some()),
        author: who,
        item: form.items.iter().map(write_item).collect(),
        extension: vec![head::write(entry, plan)],
        ..QuestionnaireResponse::with_id(entry.id.to_string())
    };
    let order = entry.order.as_ref().map(|order| head::order_reference(order, plan));
    response.extension.extend(order.map(|order| Extension::reference(ORDER, order).alone()));
    if let Some(title) = words(&form.title) {
        let display =
            json!({ "extension": [{ "url": format!("{}display", url::HL7_EXTENSION), "valueString": title }] });
        response.extra.insert(TITLE.to_owned(), display);
    }
    response
}

fn write_item(item: &FormItem) -> QuestionnaireResponseItem {
    QuestionnaireResponseItem {
        link_id: words(&item.link_id),
        text: item.text.as_deref().and_then(words),
        answer: item.answers.iter().map(write_answer).collect(),
        item: item.items.iter().map(write_item).collect(),
        ..QuestionnaireResponseItem::default()
    }
}

fn write_answer(answer: &FormAnswer) -> QuestionnaireAnswer {
    let mut written =
        QuestionnaireAnswer { item: answer.items.iter().map(write_item).collect(), ..QuestionnaireAnswer::default() };
    match &answer.value {
        FormValue::Boolean(value) => written.value_boolean = Some(*value),
        FormValue::Decimal(value) => written.value_decimal = Some(number::of_decimal(*value)),
        FormValue::Integer(value) => written.value_integer = Some(i64::from(*value)),
        FormValue::Date(text) => written.value_date = Some(text.clone()),
        FormValue::DateTime(text) => written.value_date_time = Some(text.clone()),
        FormValue::Time(text) => written.value_time = Some(text.clone()),
        FormValue::Text(text) => written.value_string = words(text),
        FormValue::Url(text) => written.value_uri = Some(text.clone()),
        FormValue::Choice(FormChoice { system, code, display }) => {
            written.value_coding = Some(Coding {
                system: system.clone(),
                code: code.clone(),
                display: display.clone(),
                ..Coding::default()
            });
        }
        FormValue::Quantity(quantity) => written.value_quantity = Some(of_amount(quantity)),
    }
    written
}

/// Reads a form that another phone of this journal sent.
pub(super) fn read(resource: &QuestionnaireResponse, head: Head) -> Result<Entry, Fault> {
    let title = resource.extra.get(TITLE).and_then(|beside| beside.pointer("/extension/0/valueString"));
    let form = FormAnswers {
        questionnaire: resource.questionnaire.clone().unwrap_or_default(),
        title: title.and_then(Value::as_str).unwrap_or_default().to_owned(),
        items: read_items(&resource.item, "")?,
    };
    Ok(head.with_body(EntryBody::Form(form)))
}

fn read_items(items: &[QuestionnaireResponseItem], path: &str) -> Result<Vec<FormItem>, Fault> {
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = at(path, "item", index);
        let mut answers = Vec::with_capacity(item.answer.len());
        for (index, answer) in item.answer.iter().enumerate() {
            let path = at(&path, "answer", index);
            answers.push(FormAnswer { value: read_value(answer, &path)?, items: read_items(&answer.item, &path)? });
        }
        read.push(FormItem {
            link_id: item.link_id.clone().ok_or_else(|| Fault::missing(inside(&path, "linkId"), "the question"))?,
            text: item.text.clone(),
            answers,
            items: read_items(&item.item, &path)?,
        });
    }
    Ok(read)
}

fn read_value(answer: &QuestionnaireAnswer, path: &str) -> Result<FormValue, Fault> {
    if let Some(value) = answer.value_boolean {
        return Ok(FormValue::Boolean(value));
    }
    if let Some(value) = &answer.value_decimal {
        return number::decimal(value, &inside(path, "valueDecimal")).map(FormValue::Decimal);
    }
    if let Some(value) = answer.value_integer {
        let value = i32::try_from(value);
        return value.map(FormValue::Integer).map_err(|_| Fault::at(inside(path, "valueInteger"), "is too large"));
    }
    if let Some(coding) = &answer.value_coding {
        let Coding { system, code, display, .. } = coding.clone();
        return Ok(FormValue::Choice(FormChoice { system, code, display }));
    }
    if let Some(value) = &answer.value_quantity {
        return amount(value, &inside(path, "valueQuantity")).map(FormValue::Quantity);
    }
    let text = |text: &Option<String>, kind: fn(String) -> FormValue| text.clone().map(kind);
    text(&answer.value_string, FormValue::Text)
        .or_else(|| text(&answer.value_date, FormValue::Date))
        .or_else(|| text(&answer.value_date_time, FormValue::DateTime))
        .or_else(|| text(&answer.value_time, FormValue::Time))
        .or_else(|| text(&answer.value_uri, FormValue::Url))
        .ok_or_else(|| Fault::missing(inside(path, "value[x]"), "the answer"))
}

//! What the care team asks: <https://hl7.org/fhir/R4/questionnaire.html>.

use crate::datatype::{Coding, Extension, Quantity};
use crate::element::{elements, resources};
use serde_json::Number;

resources! {
    /// <https://hl7.org/fhir/R4/questionnaire.html>
    Questionnaire {
        one: { url: String, version: String, name: String, title: String, status: String, description: String }
        many: { subject_type: String, item: QuestionnaireItem }
    }
}

elements! {
    /// `Questionnaire.item`
    QuestionnaireItem {
        one: {
            link_id: String, prefix: String, text: String, r#type: String, enable_behavior: String, required: bool,
            repeats: bool, read_only: bool, max_length: Number, answer_value_set: String,
        }
        many: {
            enable_when: EnableWhen, answer_option: AnswerOption, initial: QuestionnaireInitial,
            item: QuestionnaireItem, extension: Extension, modifier_extension: Extension,
        }
    }

    /// `Questionnaire.item.enableWhen`
    EnableWhen {
        one: {
            question: String, operator: String, answer_boolean: bool, answer_decimal: Number, answer_integer: Number,
            answer_date: String, answer_date_time: String, answer_time: String, answer_string: String,
            answer_coding: Coding, answer_quantity: Quantity,
        }
        many: {}
    }

    /// `Questionnaire.item.answerOption`
    AnswerOption {
        one: {
            value_integer: Number, value_date: String, value_time: String, value_string: String, value_coding: Coding,
            initial_selected: bool,
        }
        many: { extension: Extension }
    }

    /// `Questionnaire.item.initial`
    QuestionnaireInitial {
        one: {
            value_boolean: bool, value_decimal: Number, value_integer: Number, value_date: String,
            value_date_time: String, value_time: String, value_string: String, value_uri: String, value_coding: Coding,
            value_quantity: Quantity,
        }
        many: {}
    }
}

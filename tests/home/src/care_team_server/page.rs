//! The one HTML page: what the server is, how much it holds, what changed last. Ids, types and times only,
//! so that it may stay on a screen in a room full of people.

use maud::{DOCTYPE, html};

use super::capability::NOTICE;
use super::records::Records;

/// Changes shown.
const RECENT: usize = 25;

pub(super) fn render(records: &Records, base: &str) -> String {
    let counts: Vec<(&str, usize)> = records.types().map(|kind| (kind, records.current(kind).count())).collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Demonstration care-team server" }
                style { "body{font:1rem/1.5 system-ui;margin:2rem auto;max-width:50rem;padding:0 1rem}
                         table{border-collapse:collapse;margin:1rem 0}
                         td,th{border:1px solid;padding:.25rem .75rem;text-align:left}" }
            }
            body {
                h1 { "Demonstration care-team server" }
                p { strong { (NOTICE) } }
                p { "FHIR base: " a href={ (base) "/metadata" } { (base) } }
                h2 { "Resources" }
                table {
                    tr { th scope="col" { "Type" } th scope="col" { "Count" } }
                    @for (kind, count) in &counts { tr { td { (kind) } td { (count) } } }
                }
                h2 { "Last changes" }
                table {
                    tr {
                        th scope="col" { "Time (UTC)" }
                        th scope="col" { "What" }
                        th scope="col" { "Resource" }
                        th scope="col" { "Version" }
                    }
                    @for version in records.history().iter().rev().take(RECENT) {
                        tr {
                            td { (version.instant()) }
                            td { (version.method.name()) }
                            td { (version.resource_type) "/" (version.id) }
                            td { (version.number) }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

//! A browser without a person: it follows a sign-in page to its end and fills in what a login page asks for.

use std::collections::BTreeMap;

use ureq::http::Response;
use ureq::{Agent, Body};

/// Pages and redirects of one sign-in; a real one has four.
const LONGEST_WAY: usize = 20;

/// What went wrong on the way.
#[derive(Debug, thiserror::Error)]
#[error("the scripted browser: {0}")]
pub struct BrowserFault(String);

fn fault(error: impl std::fmt::Display) -> BrowserFault {
    BrowserFault(error.to_string())
}

/// Opens `address` and goes on until the browser is sent to an address that begins with `redirect_uri`: answers that. On
/// the way it signs in as `login`, and agrees to what it is asked.
///
/// # Errors
/// When a page cannot be reached, or leads nowhere.
pub fn browse(address: &str, redirect_uri: &str, login: &str) -> Result<String, BrowserFault> {
    let agent: Agent = Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
    let mut cookies = BTreeMap::<String, String>::new();
    let mut address = address.to_owned();
    let mut form: Option<Vec<(String, String)>> = None;
    for _ in 0..LONGEST_WAY {
        let cookie = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let answer = match form.take() {
            Some(fields) => agent.post(&address).header("cookie", &cookie).send_form(fields),
            None => agent.get(&address).header("cookie", &cookie).call(),
        };
        let mut answer: Response<Body> = answer.map_err(fault)?;
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if let Some(target) = answer.headers().get("location").and_then(|value| value.to_str().ok()) {
            if target.starts_with(redirect_uri) {
                return Ok(target.to_owned());
            }
            address = absolute(&address, target);
            continue;
        }
        let page = answer.body_mut().read_to_string().map_err(fault)?;
        let action = attribute(&page, "<form", "action")
            .ok_or_else(|| fault(format_args!("a page of status {} has no form and leads nowhere", answer.status())))?;
        address = absolute(&address, &action);
        let prompt = attribute(&page, "name=\"prompt\"", "value").unwrap_or_default();
        let fields = [("prompt", prompt.as_str()), ("login", login), ("password", "invented")];
        form = Some(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    }
    Err(fault("the pages come to no end"))
}

/// The first attribute of this name after a mark in the page.
fn attribute(page: &str, mark: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(mark)?;
    let (_, rest) = rest.split_once(&format!("{name}=\""))?;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

fn absolute(base: &str, target: &str) -> String {
    if target.contains("://") {
        return target.to_owned();
    }
    let origin: Vec<&str> = base.splitn(4, '/').take(3).collect();
    format!("{}/{}", origin.join("/"), target.trim_start_matches('/'))
}

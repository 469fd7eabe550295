//! The invitation of a care team: a link, or a QR code that holds the link.
//!
//! ```text
//! https://team.example.org/homeline#homeline=1&fhir=https%3A%2F%2Ffhir.example.org%2Fr4&client=homeline
//! ```
//!
//! Everything stands behind the `#`, so that a browser that opens the link sends none of it to anybody; the page before it
//! is the team's own, and may say where to get the app. `docs/sign-in.md` is for the team. A link is only words: it names
//! a server, and a person confirms the name before anything goes there. The program never takes from a link where the
//! browser shall come back to.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use reqwest::Url;

use crate::address::ServerAddress;
use crate::authorization::Secret;
use crate::trust::{SpkiPin, Trust};

/// What one QR code can hold at its largest, in bytes (ISO/IEC 18004, version 40, level L).
const LONGEST_LINK: usize = 2_953;
const VERSION: &str = "1";

/// What an invitation says.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// FHIR base of the server.
    pub address: ServerAddress,
    /// How the team calls itself; to be shown beside the host, never in its place.
    pub team: Option<String>,
    /// The app's id at the authorization server; `None` where the server wants no sign-in.
    pub client_id: Option<String>,
    /// FHIR id of the patient who is invited.
    pub patient: Option<String>,
    /// The one-time code of the invitation: SMART's `launch`.
    pub launch: Option<Secret>,
    /// Certificates of private authorities, PEM.
    pub authorities_pem: Vec<String>,
    /// Pins, as they are written.
    pub pins: Vec<String>,
    /// The invitation is void from then on.
    pub until: Option<DateTime<Utc>>,
}

/// Why a link is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Not a link of this kind.
    #[error("this is no invitation to Homeline: {problem}; ask your care team for a new link or code")]
    NotOne {
        /// What gave it away.
        problem: &'static str,
    },
    /// Made for a newer program.
    #[error("this invitation is for a newer Homeline; update the app first")]
    Newer,
    /// One part cannot be used.
    #[error("the invitation's {field} cannot be used; ask your care team for a new link or code")]
    BadPart {
        /// The part, by its name in the link.
        field: &'static str,
    },
    /// Its time is over.
    #[error("this invitation has expired; ask your care team for a new link or code")]
    Expired,
}

impl Enrolment {
    /// Reads a link, as it was tapped or as a QR code holds it.
    ///
    /// # Errors
    /// [`EnrolmentError`], naming the part.
    pub fn parse(link: &str, now: DateTime<Utc>) -> Result<Self, EnrolmentError> {
        let not_one = |problem| EnrolmentError::NotOne { problem };
        let link = link.trim();
        if link.len() > LONGEST_LINK {
            return Err(not_one("it is too long"));
        }
        let url = Url::parse(link).map_err(|_| not_one("it is no link"))?;
        if url.scheme() != "https" {
            return Err(not_one("it begins with something else than https"));
        }
        let parts = Parts::of(url.fragment().unwrap_or_default())?;
        match parts.one("homeline")? {
            None => return Err(not_one("it does not say so")),
            Some(version) if version == VERSION => {}
            Some(_) => return Err(EnrolmentError::Newer),
        }
        let bad = |field| EnrolmentError::BadPart { field };
        let address = parts.one("fhir")?.ok_or(bad("fhir"))?;
        let until = match parts.one("until")? {
            Some(text) => Some(text.parse::<DateTime<Utc>>().map_err(|_| bad("until"))?),
            None => None,
        };
        if until.is_some_and(|until| until <= now) {
            return Err(EnrolmentError::Expired);
        }
        let enrolment = Self {
            address: ServerAddress::parse(&address).map_err(|_| bad("fhir"))?,
            team: parts.words("team", 80)?,
            client_id: parts.token("client", 255)?,
            patient: parts.one("patient")?,
            launch: parts.token("code", 255)?.map(Secret::new),
            authorities_pem: parts.all("ca").map(pem).collect::<Option<_>>().ok_or(bad("ca"))?,
            pins: parts.all("pin").map(str::to_owned).collect(),
            until,
        };
        if enrolment.patient.as_deref().is_some_and(|id| !crate::pull::is_id(id)) {
            return Err(bad("patient"));
        }
        if enrolment.launch.is_some() && enrolment.client_id.is_none() {
            return Err(bad("code"));
        }
        let pins = enrolment.trust().map_err(|_| bad("pin"))?;
        pins.client_config().map_err(|_| bad("ca"))?;
        Ok(enrolment)
    }

    /// Whom to trust, beside the public web's authorities.
    ///
    /// # Errors
    /// [`crate::SyncError::BadTrust`]; never for what [`Enrolment::parse`] answered.
    pub fn trust(&self) -> Result<Trust, crate::SyncError> {
        let pins = self.pins.iter().map(|pin| SpkiPin::parse(pin)).collect::<Result<_, _>>()?;
        Ok(Trust { private_authorities_pem: self.authorities_pem.clone(), pins })
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The DER of a certificate in base64url, which is what a link can hold, as PEM.
fn pem(encoded: &str) -> Option<String> {
    let der = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    Some(format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der)))
}

/// The parts of a link by name. Names that are not known are for later versions, and are left aside.
struct Parts(BTreeMap<String, Vec<String>>);

impl Parts {
    fn of(fragment: &str) -> Result<Self, EnrolmentError> {
        let mut parts = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in oauth2::url::form_urlencoded::parse(fragment.as_bytes()) {
            if value.chars().any(char::is_control) {
                return Err(EnrolmentError::NotOne { problem: "it holds characters that nobody can see" });
            }
            parts.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(Self(parts))
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// A part that stands once, or not at all. Empty is not at all.
    fn one(&self, name: &'static str) -> Result<Option<String>, EnrolmentError> {
        let mut found = self.all(name).filter(|value| !value.is_empty());
        let first = found.next().map(str::to_owned);
        if found.next().is_some() { Err(EnrolmentError::BadPart { field: name }) } else { Ok(first) }
    }

    /// Visible ASCII without spaces.
    fn token(&self, name: &'static str, longest: usize) -> Result<Option<String>, EnrolmentError> {
        let usable = |text: &String| text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_graphic());
        match self.one(name)? {
            Some(text) if !usable(&text) => Err(EnrolmentError::BadPart { field: name }),
            part => Ok(part),
        }
    }

    fn words(&self, name: &'static str, longest: usize) -> Result<Option<String>, EnrolmentError> {
        match self.one(name)? {
            Some(text) if text.chars().count() > longest => Err(EnrolmentError::BadPart { field: name }),
            part => Ok(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://team.example.org/homeline#homeline=1&fhir=https%3A%2F%2Ffhir.example.org%2Fr4\
        &client=homeline-app&patient=p-1&team=Lindholm%20Infusion&code=abc123&until=2026-12-01T00%3A00%3A00Z\
        &pin=sha256%2FAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D&later=1";

    fn parse(link: &str) -> Result<Enrolment, EnrolmentError> {
        Enrolment::parse(link, "2026-11-27T12:00:00Z".parse().expect("an instant"))
    }

    #[test]
    fn a_link_says_server_client_patient_code_and_pins() {
        let enrolment = parse(LINK).expect("an invitation");
        assert_eq!(enrolment.address.as_str(), "https://fhir.example.org/r4");
        assert_eq!(enrolment.client_id.as_deref(), Some("homeline-app"));
        assert_eq!(enrolment.patient.as_deref(), Some("p-1"));
        assert_eq!(enrolment.team.as_deref(), Some("Lindholm Infusion"));
        assert_eq!(enrolment.launch, Some(Secret::new("abc123".into())));
        assert_eq!(enrolment.trust().expect("a pin").pins.len(), 1);
        assert!(!format!("{enrolment:?}").contains("abc123"), "the code is a secret");
    }

    #[test]
    fn what_is_no_invitation_is_refused_with_its_reason() {
        for (from, to, expected) in [
            ("homeline=1", "homeline=2", EnrolmentError::Newer),
            ("homeline=1&", "", EnrolmentError::NotOne { problem: "it does not say so" }),
            ("#", "?", EnrolmentError::NotOne { problem: "it does not say so" }),
            (
                "https://team",
                "http://team",
                EnrolmentError::NotOne { problem: "it begins with something else than https" },
            ),
            ("2026-12-01", "2026-11-01", EnrolmentError::Expired),
            ("until=2026-12-01", "until=soon-2026", EnrolmentError::BadPart { field: "until" }),
            ("https%3A%2F%2Ffhir", "http%3A%2F%2Ffhir", EnrolmentError::BadPart { field: "fhir" }),
            ("patient=p-1", "patient=p-1&patient=p-2", EnrolmentError::BadPart { field: "patient" }),
            ("patient=p-1", "patient=..%2F..", EnrolmentError::BadPart { field: "patient" }),
            ("client=homeline-app", "client=home%20line", EnrolmentError::BadPart { field: "client" }),
            ("client=homeline-app&", "", EnrolmentError::BadPart { field: "code" }),
            ("sha256%2F", "sha1%2F", EnrolmentError::BadPart { field: "pin" }),
            ("later=1", "ca=AAAA", EnrolmentError::BadPart { field: "ca" }),
            ("Lindholm", "Lind%0Aholm", EnrolmentError::NotOne { problem: "it holds characters that nobody can see" }),
        ] {
            assert!(LINK.contains(from), "{from}");
            assert_eq!(parse(&LINK.replace(from, to)), Err(expected), "{from} -> {to}");
        }
        assert!(matches!(parse("what I had for lunch"), Err(EnrolmentError::NotOne { .. })));
        assert!(matches!(parse(&format!("{LINK}&x={}", "a".repeat(3_000))), Err(EnrolmentError::NotOne { .. })));
    }
}

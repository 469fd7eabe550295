//! Thermometers, cuffs, oximeters and scales over the radio: what they measured becomes entries, once each.

use crate::call::call;
use crate::crossing::{LinkSecurity, Screen, VitalDeviceKind, VitalLink};
use crate::error::HomelineError;
use crate::homeline::Homeline;
use homeline_companion as companion;
use homeline_companion::LinkId;

/// One device for vital signs that this phone knows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VitalDevice {
    /// Its link, by which it is named in every call.
    pub link: LinkId,
    /// Which device.
    pub kind: VitalDeviceKind,
    /// Somebody said that it has no screen, so that its link cannot be proven.
    pub without_screen: bool,
    /// The number under which the device knows the patient, 0 to 255; none is not said.
    pub user: Option<u32>,
    /// The platform's name of it, once it was found.
    pub peripheral: Option<String>,
    /// How its link is protected, as far as the platform could tell when it was paired.
    pub security: Option<LinkSecurity>,
    /// The pairing is gone: a person must pair again.
    pub bond_lost: bool,
    /// How far its link is now.
    pub state: VitalLink,
}

impl From<(companion::VitalDevice, VitalLink)> for VitalDevice {
    fn from((device, state): (companion::VitalDevice, VitalLink)) -> Self {
        let companion::VitalDevice { id, kind, without_screen, user, peripheral, security, bond_lost } = device;
        let (link, user) = (LinkId(id), user.map(u32::from));
        Self { link, kind, without_screen, user, peripheral, security, bond_lost, state }
    }
}

/// When the session of one device wants to hear `RadioEvent.Tick`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WakeAt {
    /// On which link.
    pub link: LinkId,
    /// In milliseconds of the platform's monotonic clock.
    pub monotonic_ms: u64,
}

impl From<(LinkId, u64)> for WakeAt {
    fn from((link, monotonic_ms): (LinkId, u64)) -> Self {
        Self { link, monotonic_ms }
    }
}

#[uniffi::export]
impl Homeline {
    /// Adds a device and looks for it. `without_screen` says that it can show no code, so that its link cannot be proven: the
    /// device is then marked for good. Answers with its link.
    ///
    /// Errors: `BadInput` (16 devices are the most), `Platform` (no radio).
    pub async fn add_vital_device(&self, kind: VitalDeviceKind, without_screen: bool) -> Result<LinkId, HomelineError> {
        call(self.inner.vital_devices().add(kind, without_screen)).await
    }

    /// Says under which number, 0 to 255, a shared device knows the patient; its readings of others are dropped. Until it is
    /// said, a device that tells persons apart gives nothing.
    ///
    /// Errors: `NotFound` (no such device), `BadInput` (a number out of range).
    pub async fn set_vital_device_user(&self, link: LinkId, user: Option<u32>) -> Result<(), HomelineError> {
        let user = user.map(u8::try_from).transpose().map_err(|_| {
            HomelineError::input("user", "it must be 0 to 255", "Take the number that the device shows.")
        })?;
        call(self.inner.vital_devices().set_user(link, user)).await
    }

    /// Forgets a device. What it measured stays.
    pub async fn remove_vital_device(&self, link: LinkId) -> Result<(), HomelineError> {
        call(self.inner.vital_devices().remove(link)).await
    }

    /// Listens to all devices that were added.
    pub async fn listen_to_vital_devices(&self) -> Result<(), HomelineError> {
        call(self.inner.vital_devices().listen()).await
    }

    /// Pairs a device again, after its pairing was lost or refused.
    pub async fn pair_vital_device_again(&self, link: LinkId) -> Result<(), HomelineError> {
        call(self.inner.vital_devices().pair_again(link)).await
    }

    /// When each session wants to hear `RadioEvent.Tick`.
    pub async fn vital_devices_wake_at(&self) -> Result<Vec<WakeAt>, HomelineError> {
        Ok(call(self.inner.vital_devices().wake_at()).await?.into_iter().map(Into::into).collect())
    }

    /// The devices, and how their links are.
    pub async fn vital_devices(&self) -> Result<Vec<VitalDevice>, HomelineError> {
        Ok(call(self.inner.vital_devices().devices()).await?.into_iter().map(Into::into).collect())
    }

    /// The devices as a screen.
    pub async fn vital_devices_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.vital_devices().screen()).await
    }
}

//! The pump: listening to it, never steering it.

use crate::call::call;
use crate::error::HomelineError;
use crate::homeline::Homeline;
use crate::screen::Screen;

#[uniffi::export]
impl Homeline {
    /// Pairs with the pump of this serial number, which the plan must name. The phone asks for the passkey that the pump shows.
    ///
    /// Errors: `BadInput` (no pump of the plan), `Platform` (no radio), `NotFound` (no plan).
    pub async fn enrol_pump(&self, serial: String) -> Result<(), HomelineError> {
        call(self.inner.pump().enrol(serial)).await
    }

    /// Listens to the pump of this serial number, which was enrolled before.
    ///
    /// Errors: as `enrol_pump`.
    pub async fn listen_to_pump(&self, serial: String) -> Result<(), HomelineError> {
        call(self.inner.pump().listen(serial)).await
    }

    /// Stops listening.
    ///
    /// Errors: `NotFound` (nobody listens).
    pub async fn stop_pump(&self) -> Result<(), HomelineError> {
        call(self.inner.pump().stop()).await
    }

    /// Carries out an action of the pump's screen: a person saw an alarm. That silences nothing on the pump.
    ///
    /// Errors: `BadInput` (not an action), `NotFound` (nobody listens).
    pub async fn act_on_pump(&self, action: String) -> Result<(), HomelineError> {
        call(self.inner.pump().act(action)).await
    }

    /// When the session wants to hear `RadioEvent.Tick` on the link `pump`, in milliseconds of the monotonic clock of the
    /// platform; none when it waits for the radio alone.
    pub async fn pump_wake_at(&self) -> Result<Option<u64>, HomelineError> {
        call(self.inner.pump().wake_at()).await
    }

    /// What is known of the pump, how old it is, and its alarms.
    pub async fn pump_screen(&self) -> Result<Screen, HomelineError> {
        call(self.inner.pump().screen()).await
    }
}

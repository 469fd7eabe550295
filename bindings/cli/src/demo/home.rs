//! The simulated home as the platform of the real core: its clock, its radio, its notification centre.

use crate::host::NoKeyStore;
use crate::zones::HostZones;
use chrono::{DateTime, Utc};
use homeline_companion::{
    BluetoothPort, Clock, FiredNotification, LinkId, NotificationPermission, NotificationPort, PlannedNotification,
    PortError, Ports, RadioCommand,
};
use homeline_home::{SimulatedPump, StepClock};
use homeline_model::ZoneId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The clock of the simulated day as the phone's.
struct DayClock(StepClock);

impl Clock for DayClock {
    fn now(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(self.0.now())
    }
    fn monotonic_ms(&self) -> Result<u64, PortError> {
        Ok(self.0.monotonic_ms())
    }
}

/// The air between phone and pump.
struct Air(Arc<Mutex<SimulatedPump>>);

impl BluetoothPort for Air {
    fn execute(&self, _link: &LinkId, command: RadioCommand) -> Result<(), PortError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).execute(command);
        Ok(())
    }
}

/// A phone's notification centre: it holds what it was handed and rings when its time comes.
#[derive(Clone, Default)]
pub struct NotificationCentre(Arc<Mutex<Centre>>);

#[derive(Default)]
struct Centre {
    pending: Vec<PlannedNotification>,
    fired: Vec<FiredNotification>,
}

impl NotificationPort for NotificationCentre {
    fn apply(&self, add: Vec<PlannedNotification>, remove: Vec<String>) -> Result<(), PortError> {
        let pending = &mut self.centre().pending;
        pending.retain(|planned| !add.iter().any(|new| new.id == planned.id) && !remove.contains(&planned.id));
        pending.extend(add);
        pending.sort_by(|a, b| (a.fire_at, &a.id).cmp(&(b.fire_at, &b.id)));
        Ok(())
    }
    fn pending(&self) -> Result<Vec<String>, PortError> {
        Ok(self.centre().pending.iter().map(|planned| planned.id.clone()).collect())
    }
    fn fired(&self) -> Result<Vec<FiredNotification>, PortError> {
        Ok(self.centre().fired.clone())
    }
    fn permission(&self) -> Result<NotificationPermission, PortError> {
        Ok(NotificationPermission::Granted)
    }
}

impl NotificationCentre {
    /// Takes out what rings at or before `now`, soonest first.
    pub fn ring(&self, now: DateTime<Utc>) -> Vec<PlannedNotification> {
        let mut centre = self.centre();
        let due = centre.pending.iter().take_while(|planned| planned.fire_at <= now).count();
        let rang: Vec<PlannedNotification> = centre.pending.drain(..due).collect();
        centre.fired.extend(rang.iter().map(|planned| FiredNotification { id: planned.id.clone(), at: now }));
        rang
    }

    fn centre(&self) -> MutexGuard<'_, Centre> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the simulated home lends to the phone.
pub struct Home {
    /// Steps by hand.
    pub clock: StepClock,
    /// The pump in the air; `None` where the plan's device has no radio.
    pub pump: Option<Arc<Mutex<SimulatedPump>>>,
    /// What rings.
    pub centre: NotificationCentre,
}

impl Home {
    /// As the core's ports.
    pub fn ports(&self, zone: &ZoneId) -> Ports {
        Ports {
            clock: Arc::new(DayClock(self.clock.clone())),
            zones: Arc::new(HostZones { here: Some(zone.clone()) }),
            key_store: Arc::new(NoKeyStore),
            bluetooth: self.pump.clone().map(|pump| Arc::new(Air(pump)) as Arc<dyn BluetoothPort>),
            notifications: Some(Arc::new(self.centre.clone())),
            browser: None,
            observer: None,
        }
    }
}

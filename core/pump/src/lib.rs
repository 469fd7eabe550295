//! Bluetooth wire formats, the pump session and delivery reconciliation. Pure, sans-I/O.

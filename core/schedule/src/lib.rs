//! Order timing to occurrences, agenda windows and the notification plan. Pure.

package org.homeline

import org.homeline.ffi.Homeline as Core

/** The pump: listening to it, never steering it. It needs a [BluetoothPort]. */
public class Pump internal constructor(
    private val core: Core,
) {
    /**
     * Pairs with the pump of this serial number, which the plan must name. The phone asks for the passkey that the pump shows.
     *
     * `BAD_INPUT` (no pump of the plan), `PLATFORM` (no radio), `NOT_FOUND` (no plan).
     */
    public suspend fun enrol(serial: String): Unit = writing { core.enrolPump(serial) }

    /** Listens to the pump of this serial number, which was enrolled before. */
    public suspend fun listen(serial: String): Unit = writing { core.listenToPump(serial) }

    /** Stops listening. `NOT_FOUND` when nobody listens. */
    public suspend fun stop(): Unit = writing { core.stopPump() }

    /** Carries out an action of the pump's screen: a person saw an alarm. That silences nothing on the pump. */
    public suspend fun act(action: Action): Unit = act(action.id)

    /** The same by the action's id. */
    public suspend fun act(action: String): Unit = writing { core.actOnPump(action) }

    /** A person saw the alarm with this code of [status]. That silences nothing on the pump. `NOT_FOUND` when nobody listens. */
    public suspend fun alarmSeen(code: UInt): Unit = writing { core.pumpAlarmSeen(code) }

    /**
     * When the session wants to hear [RadioEvent.Tick] on the link `pump`, in milliseconds of the platform's monotonic clock; `null` when
     * it waits for the radio alone.
     */
    public suspend fun wakeAt(): ULong? = calling { core.pumpWakeAt() }

    /** What is known of the pump now, and how old it is, as data; `null` when nobody listens. */
    public suspend fun status(): PumpStatus? = calling { core.pumpStatus() }

    /** What is known of the pump, how old it is, and its alarms. */
    public suspend fun screen(): Screen = calling { core.pumpScreen() }
}

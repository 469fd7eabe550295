package org.homeline.app

import android.os.SystemClock
import org.homeline.Clock
import java.time.Instant

/** The phone's clocks. `elapsedRealtime` counts through sleep and is never set. */
object PhoneClock : Clock {
    override fun now(): Instant = Instant.ofEpochMilli(System.currentTimeMillis())

    override fun monotonicMs(): ULong = SystemClock.elapsedRealtime().toULong()
}

package org.homeline

import java.time.DateTimeException
import java.time.Instant
import java.time.ZoneId

/** Zone rules from `java.time`: on Android those of the phone's own time zone module, which are updated with it. */
public class JavaZoneRules(
    /** Where the phone is; asked anew each time, for it travels. */
    private val here: () -> ZoneId = ZoneId::systemDefault,
) : ZoneRules {
    override fun currentZone(): String = here().id

    override fun table(
        zone: String,
        from: Long,
        to: Long,
    ): ZoneTable {
        val rules =
            try {
                ZoneId.of(zone).rules
            } catch (_: DateTimeException) {
                throw PortFailed("this phone has no rules for that zone")
            }
        val start = Instant.ofEpochSecond(from)
        val transitions =
            generateSequence(rules.nextTransition(start)) { rules.nextTransition(it.instant) }
                .takeWhile { it.toEpochSecond() < to }
                .map { ZoneOffset(it.toEpochSecond(), it.offsetAfter.totalSeconds) }
                .toList()
        return ZoneTable("", rules.getOffset(start).totalSeconds, transitions)
    }
}

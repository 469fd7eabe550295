package org.homeline

import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** Reminders: the plan of alarms, what people answer to them, and how far each came. */
public class Reminders internal constructor(
    private val core: Core,
) {
    /** The plan of reminders as of now. [budget] is how many the phone can hold, at least 1. */
    public suspend fun plan(budget: Int = BUDGET): ReminderPlan = calling { core.reminders(budget.toUInt()) }

    /** The plan of reminders as it would be at another instant, from what is recorded now. Writes nothing. */
    public suspend fun planAsOf(
        now: Instant,
        budget: Int = BUDGET,
    ): ReminderPlan = calling { core.remindersAsOf(now, budget.toUInt()) }

    /** The reminders to come as a screen, with what is wrong with the phone's alarms. */
    public suspend fun screen(budget: Int = BUDGET): Screen = calling { core.remindersScreen(budget.toUInt()) }

    /**
     * Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded, as of now; oldest
     * first. Exact after any gap.
     */
    public suspend fun overdue(): List<Overdue> = calling { core.overdue() }

    /** The same as it would be at another instant. */
    public suspend fun overdueAsOf(now: Instant): List<Overdue> = calling { core.overdueAsOf(now) }

    /** The alarms that are to ring from [from] on and before [until]: how far each came, and which link is missing. */
    public suspend fun ledger(
        from: Instant,
        until: Instant,
    ): List<Alarm> = calling { core.alarmLedger(from, until) }

    /**
     * Hands the difference between what the phone holds and what the plan says to the [NotificationPort]: adds first. To be called at
     * every start, after every change, and when the zone or its rules changed.
     *
     * `PLATFORM` (no port, or it failed), `NOT_FOUND` (no plan).
     */
    public suspend fun handOver(budget: Int = BUDGET): HandedOver = writing { core.handOverReminders(budget.toUInt()) }

    /** A person opened the app: what rang until now was seen. */
    public suspend fun opened(): Unit = writing { core.opened() }

    /**
     * Carries out the action of a reminder. What is written into the journal is in the answer; putting off and "seen" write nothing
     * there.
     */
    public suspend fun answer(
        action: String,
        input: ActionInput = ActionInput(),
    ): Logged? = writing { core.answerReminder(action, input) }

    /** Rings again in [minutes], 1 to 240. */
    public suspend fun snooze(
        occurrence: String,
        minutes: Int,
    ): Unit = writing { core.snooze(occurrence, minutes.toUInt()) }

    /** Somebody has seen it: no repeat and no escalation for this dose, but it stays open on today's screen. */
    public suspend fun seen(occurrence: String): Unit = writing { core.reminderSeen(occurrence) }

    /** Between these times of the clock only safety alarms sound; `null` ends that. The others are shown without a sound. */
    public suspend fun quietHours(hours: QuietHours?): Unit = writing { core.setQuietHours(hours) }

    /** Whether drugs may be named on the locked screen. They are not, unless the phone's owner wishes it. */
    public suspend fun namesOnLockScreen(allowed: Boolean): Unit = writing { core.setNamesOnLockScreen(allowed) }

    private companion object {
        /** What iOS holds, so that both phones ring alike. */
        const val BUDGET = 64
    }
}

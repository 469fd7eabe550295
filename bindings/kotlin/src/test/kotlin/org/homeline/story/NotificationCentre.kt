package org.homeline.story

import org.homeline.Clock
import org.homeline.FiredNotification
import org.homeline.NotificationPermission
import org.homeline.NotificationPort
import org.homeline.Reminder

/** A phone's notification centre: it holds what it was handed, and rings when its time comes. */
internal class NotificationCentre(
    private val clock: Clock,
) : NotificationPort {
    private var pending = listOf<Reminder>()
    private var fired = listOf<FiredNotification>()

    /** Rings what is due; answers what rang. */
    @Synchronized
    fun ring(): List<Reminder> {
        val now = clock.now()
        val (due, later) = pending.partition { it.fireAt <= now }
        pending = later
        fired = fired + due.map { FiredNotification(it.id, it.fireAt) }
        return due
    }

    /** The app was force-stopped: nothing is pending any more. */
    @Synchronized
    fun forget() {
        pending = emptyList()
    }

    @Synchronized
    override fun apply(
        add: List<Reminder>,
        remove: List<String>,
    ) {
        val replaced = add.map { it.id }
        pending = (pending.filterNot { it.id in replaced } + add).filterNot { it.id in remove }
    }

    @Synchronized
    override fun pending(): List<String> = pending.map { it.id }

    @Synchronized
    override fun fired(): List<FiredNotification> = fired

    override fun permission(): NotificationPermission = NotificationPermission.GRANTED
}

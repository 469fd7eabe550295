package org.homeline

import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** What is to be done, and doing it. */
public class Agenda internal constructor(
    private val core: Core,
) {
    /** What is to be done today, and how far it is. */
    public suspend fun today(): Screen = calling { core.today() }

    /** When today's screen is another without anybody doing anything: read it again then. */
    public suspend fun changesAt(): Instant = calling { core.todayChangesAt() }

    /**
     * Everything that should have been done since this journal was begun (400 days at most) and that nobody recorded; oldest first.
     */
    public suspend fun overdue(): Screen = calling { core.overdueScreen() }

    /**
     * The agenda between two instants as data, at most 400 days: doses, duties, visits and deliveries, each with its window, steps and
     * everything that was said about it. `BAD_INPUT` (the span), `NOT_FOUND` (no plan).
     */
    public suspend fun items(
        from: Instant,
        to: Instant,
    ): List<AgendaItem> = calling { core.agendaItems(from, to) }

    /**
     * Does what a button of a row stands for. Doing it twice does it once: the second answer names the first one's entry.
     *
     * `BAD_INPUT` (a time that is not acceptable, a reason that is missing), `NOT_FOUND` (the dose is not in the plan any more).
     */
    public suspend fun act(
        action: Action,
        input: ActionInput = ActionInput(),
    ): Logged = act(action.id, input)

    /** The same by the action's id, which is all that a tap on a widget brings along. */
    public suspend fun act(
        action: String,
        input: ActionInput = ActionInput(),
    ): Logged = writing { core.act(action, input) }
}

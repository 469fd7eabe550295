package org.homeline

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import org.homeline.ffi.Homeline as Core

/** The care plan. */
public class Plan internal constructor(
    private val core: Core,
) {
    /**
     * Takes over a care plan: a FHIR R4 Bundle as JSON. The plan of another patient is refused as a whole; an order that cannot
     * be understood is kept, never scheduled, and listed in the answer.
     */
    public suspend fun import(bundle: ByteArray): PlanImported = calling { core.importPlan(bundle) }
}

/** What is to be done, and doing it. */
public class Agenda internal constructor(
    private val core: Core,
) {
    /** What is to be done today, and how far it is. */
    public suspend fun today(): Screen = calling { core.today() }

    /**
     * Does what a button of a row stands for. Doing it twice does it once: the second answer names the first one's entry.
     */
    public suspend fun act(
        action: Action,
        input: ActionInput = ActionInput(),
    ): Logged = calling { core.act(action.id, input) }
}

/** The journal. */
public class Journal internal constructor(
    private val core: Core,
) {
    /** Writes own words. [private] stays at home: it is never sent. */
    public suspend fun note(
        text: String,
        private: Boolean = false,
    ): Logged = calling { core.note(text, private) }

    /** One page, newest first. [place] is where the page before it ended. */
    public suspend fun page(
        place: String? = null,
        size: Int = PAGE,
    ): TimelinePage = calling { core.timeline(place, size.toUInt()) }

    /** The whole journal, newest first, read page by page as it is collected. */
    public fun timeline(pageSize: Int = PAGE): Flow<Row> =
        flow {
            var place: String? = null
            do {
                val page = page(place, pageSize)
                page.rows.forEach { emit(it) }
                place = page.next
            } while (place != null)
        }

    private companion object {
        /** Two screens of a phone. */
        const val PAGE = 50
    }
}

package org.homeline

import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** Journeys: whose clock doses follow. Zones are named as IANA does, e.g. `Europe/Berlin`. */
public class Travel internal constructor(
    private val core: Core,
) {
    /** Whose clock doses follow. `NOT_FOUND` without a plan. */
    public suspend fun state(): TravelState = calling { core.travel() }

    /**
     * What a journey to [zone] does to the next [doses] (1 to 50) of each order, from [at] on (now when left out; at most 300 days
     * ahead). It changes nothing.
     *
     * `BAD_INPUT` (unknown zone, too many doses, too far), `NOT_FOUND` (no plan).
     */
    public suspend fun preview(
        zone: String,
        at: Instant? = null,
        doses: Int = 3,
    ): Journey = calling { core.previewJourney(zone, at, doses.toUInt()) }

    /**
     * From now on doses follow the clock of [zone]; home stays what the plan says. Accepting the same zone again writes nothing and
     * answers `null`. Reminders are to be handed over anew after it.
     */
    public suspend fun accept(zone: String): Logged? = writing { core.acceptJourney(zone) }

    /** Whose clock doses follow as a screen; elsewhere than the doses also what a journey to there would change. */
    public suspend fun screen(): Screen = calling { core.travelScreen() }

    /** Carries out an action of that screen, as [accept]. */
    public suspend fun act(action: Action): Logged? = act(action.id)

    /** The same by the action's id. */
    public suspend fun act(action: String): Logged? = writing { core.actOnTravel(action) }
}

package org.homeline

import org.homeline.ffi.Homeline as Core

/** Infusions as they went, and looks at devices that cannot tell. */
public class Infusions internal constructor(
    private val core: Core,
) {
    /**
     * The infusions of the last [days] days with today, 1 to 400, newest first: planned and given, rates, pauses with their causes, the
     * end against the plan, and what is not known. `BAD_INPUT` (days), `NOT_FOUND` (no plan).
     */
    public suspend fun list(days: Int): List<InfusionRecord> = calling { core.infusions(days.toUInt()) }

    /** One infusion of the last 400 days, by its id or the beginning of it (4 characters or more). `NOT_FOUND`. */
    public suspend fun show(id: String): InfusionRecord = calling { core.infusion(id) }

    /** The list as a screen; a row's id is that of its infusion. */
    public suspend fun screen(days: Int): Screen = calling { core.infusionsScreen(days.toUInt()) }

    /** One infusion as a screen. `NOT_FOUND`. */
    public suspend fun screenOf(id: String): Screen = calling { core.infusionScreen(id) }

    /**
     * Somebody looked at the device of a running dose, and wrote down what was [seen]. Without [dose] it is the one that runs. [photo]
     * (JPEG or PNG, at most 20 MB) is kept beside it. The answer holds the look against the order, and says whom to call where the plan's
     * tolerance is passed.
     *
     * `BAD_INPUT` (nothing was seen, a number that cannot be), `NOT_FOUND` (no dose runs, or several do).
     */
    public suspend fun checkIn(
        seen: CheckIn,
        dose: String? = null,
        photo: ByteArray? = null,
    ): CheckedIn = writing { core.checkIn(dose, seen, photo) }
}

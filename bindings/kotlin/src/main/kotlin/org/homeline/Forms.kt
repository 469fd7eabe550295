package org.homeline

import org.homeline.ffi.Homeline as Core

/** Forms: Homeline's own (daily check, site check and others) and the care team's questionnaires. */
public class Forms internal constructor(
    private val core: Core,
) {
    /** Every form that can be chosen: Homeline's own, then the care team's, with their drafts. */
    public suspend fun list(): List<FormListed> = calling { core.forms() }

    /** The same as a screen; an action `form.open:<id>` stands for [open]. */
    public suspend fun screen(): Screen = calling { core.formsScreen() }

    /**
     * A form as it stands: where a draft left off, else as it begins. [id] is that of [list], e.g. `check`.
     *
     * `NOT_FOUND`; `BAD_INPUT` with code `form.refused` for a form that cannot be answered whole here.
     */
    public suspend fun open(id: String): Form = calling { core.openForm(id) }

    /**
     * Answers questions: all of them, or none when one cannot be taken. A draft is on disk when it returns.
     *
     * `BAD_INPUT` with the question as `field`.
     */
    public suspend fun answer(
        id: String,
        answers: List<FormAnswer>,
    ): Form = writing { core.answerForm(id, answers) }

    /** Throws a half-filled form away. One that is not there is fine. */
    public suspend fun discard(id: String): Unit = writing { core.discardForm(id) }

    /**
     * Finishes a form: its answers become entries, and the draft goes. [photo] (JPEG or PNG, at most 20 MB) goes with the daily check and
     * the site check. When something is missing nothing is written and the draft stays: `BAD_INPUT` with the first open question as
     * `field`.
     */
    public suspend fun finish(
        id: String,
        photo: ByteArray? = null,
    ): Logged = writing { core.finishForm(id, photo) }
}

package org.homeline

import java.time.Instant
import org.homeline.ffi.Homeline as Core

/** What the journal shows over time: trends that the plan asks for, and the clinician's view. */
public class Insight internal constructor(
    private val core: Core,
) {
    /** The plan's trends as they stand now. Empty when the plan asks for none. */
    public suspend fun trends(): TrendReport = calling { core.trends() }

    /** The same as a screen. */
    public suspend fun screen(): Screen = calling { core.trendsScreen() }

    /**
     * Instruments of the last eight days, for a nurse or a physician who holds the phone with the patient. Never a part of the patient's
     * screens, and no verdict.
     */
    public suspend fun clinician(): Screen = calling { core.clinicianScreen() }

    public companion object {
        /**
         * Triage of [entries] (FHIR R4 Observations, QuestionnaireResponses and journal entries of Homeline, as JSON) under the plan of
         * [bundle], as of [now]; without it, as of the latest of them. It opens no vault and writes nothing.
         *
         * `PLAN_REFUSED` for the bundle, `BAD_INPUT` for an entry that cannot be read, with its place.
         */
        public suspend fun triageOfFhir(
            bundle: ByteArray,
            entries: String,
            now: Instant? = null,
        ): TriageAnswer = calling { org.homeline.ffi.triageOfFhir(bundle, entries, now) }
    }
}

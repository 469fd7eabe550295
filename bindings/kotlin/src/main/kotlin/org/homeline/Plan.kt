package org.homeline

import org.homeline.ffi.Homeline as Core

/** The care plan, and the patient's own day that some orders hang on. */
public class Plan internal constructor(
    private val core: Core,
) {
    /**
     * Takes over a care plan: a FHIR R4 Bundle as JSON, at most 32 MiB, in one transaction. An order that cannot be understood is kept,
     * never scheduled, and listed in the answer. [work] counts two parts: read, written.
     *
     * `PLAN_REFUSED` (not JSON, too large, the plan of another patient) refuses it as a whole; `CANCELLED`.
     */
    public suspend fun import(
        bundle: ByteArray,
        work: Work = Work(),
    ): PlanImported = working(work) { core.importPlan(bundle, it) }

    /** The plan as a screen: orders, line, pumps, visits, deliveries. `NOT_FOUND` before the first import. */
    public suspend fun screen(): Screen = calling { core.planScreen() }

    /** What the patient told of the own day, by time. */
    public suspend fun routine(): List<RoutineEvent> = calling { core.routine() }

    /**
     * Tells when an event of the day (a FHIR event code, e.g. `CM` for breakfast) is, by the clock on the wall: `07:30`. Doses that hang
     * on it move and keep their names.
     */
    public suspend fun setRoutine(
        event: String,
        time: String,
    ): Unit = writing { core.setRoutine(event, time) }
}

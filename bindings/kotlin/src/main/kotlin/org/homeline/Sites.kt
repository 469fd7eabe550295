package org.homeline

import org.homeline.ffi.Homeline as Core

/** Which sites were used when, and what each did. */
public class Sites internal constructor(
    private val core: Core,
) {
    /**
     * The places of the last 26 weeks, the one that was not used for the longest time first, and what was seen there. It is a record and
     * no advice.
     */
    public suspend fun screen(): Screen = calling { core.sitesScreen() }
}

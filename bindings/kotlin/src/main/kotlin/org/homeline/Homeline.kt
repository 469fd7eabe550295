package org.homeline

import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import org.homeline.ffi.GENERATED_FOR
import org.homeline.ffi.buildInfo
import org.homeline.ffi.createHomeline
import org.homeline.ffi.Homeline as Core

/**
 * One patient's vault on one phone, open.
 *
 * Every call may be made from any thread. A call that writes is carried out whole once it was made, also when its coroutine is
 * cancelled: the entry is then on disk although nobody waited for the answer.
 *
 * Every call throws [HomelineException], and nothing else.
 */
public class Homeline private constructor(
    private val core: Core,
) {
    /** The care plan. */
    public val plan: Plan = Plan(core)

    /** What is to be done, and doing it. */
    public val agenda: Agenda = Agenda(core)

    /** The journal. */
    public val journal: Journal = Journal(core)

    /** Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `CLOSED`. */
    public suspend fun close(): Unit = withContext(NonCancellable) { calling { core.shut() } }

    public companion object {
        /** Makes a new vault. Nothing is left behind when it fails. */
        public suspend fun create(
            config: Config,
            platform: Platform,
            profile: NewProfile,
            passcode: String? = null,
        ): Created =
            calling {
                requireMatchingLibrary()
                val created = createHomeline(config, platform, profile, passcode)
                Created(Homeline(created.homeline), created.recoveryCode)
            }

        /** Opens a vault. A failure changes nothing in the file. */
        public suspend fun open(
            config: Config,
            platform: Platform,
            credentials: Credentials,
        ): Homeline =
            calling {
                requireMatchingLibrary()
                Homeline(Core.open(config, platform, credentials.core))
            }

        private fun requireMatchingLibrary() {
            val library = buildInfo().version
            check(library == GENERATED_FOR) {
                "the native library is $library, the Kotlin code is for $GENERATED_FOR: ship both from one build"
            }
        }
    }
}

/** A vault that was just made. [recoveryCode] is to be printed or written down now: it is not kept anywhere. */
public class Created internal constructor(
    public val homeline: Homeline,
    public val recoveryCode: String,
)

/** Runs [block] and closes the vault after it, whatever happened. */
public suspend inline fun <T> Homeline.use(block: (Homeline) -> T): T =
    try {
        block(this)
    } finally {
        close()
    }

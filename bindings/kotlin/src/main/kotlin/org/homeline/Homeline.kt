package org.homeline

import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import org.homeline.ffi.buildInfo
import org.homeline.ffi.createHomeline
import org.homeline.ffi.restoreHomeline
import org.homeline.ffi.vaultExists
import org.homeline.ffi.Homeline as Core

/**
 * One patient's vault on one phone, open. Its parts are the use cases; what they show are screens: data that the core decided, and
 * that an app draws.
 *
 * Every call may be made from any thread, and none blocks it. A call that writes is carried out whole once it was made, also when its
 * coroutine is cancelled: the entry is then on disk although nobody waited for the answer.
 *
 * Every call throws a [HomelineException], and nothing else. The kinds that a call names are its classes: `NOT_FOUND` is
 * [HomelineException.NotFound]. A library of another build than this code is refused before anything is opened:
 * [HomelineException.Internal] with the code `binding.other-library`.
 */
public class Homeline private constructor(
    internal val core: Core,
    private val ear: Ear,
) {
    /** The care plan, and the patient's own day. */
    public val plan: Plan = Plan(core)

    /** What is to be done, and doing it. */
    public val agenda: Agenda = Agenda(core)

    /** The journal. */
    public val journal: Journal = Journal(core)

    /** Homeline's own forms, and the care team's. */
    public val forms: Forms = Forms(core)

    /** Messages to and from the care team. */
    public val messages: Messages = Messages(core)

    /** Who helps at home, and what was asked of them. */
    public val caregivers: Caregivers = Caregivers(core)

    /** What rings, and what people answer to it. */
    public val reminders: Reminders = Reminders(core)

    /** Infusions as they went, and looks at devices that cannot tell. */
    public val infusions: Infusions = Infusions(core)

    /** The pump. */
    public val pump: Pump = Pump(core)

    /** Devices for vital signs. */
    public val devices: Devices = Devices(core)

    /** Trends, and the clinician's view. */
    public val insight: Insight = Insight(core)

    /** Which sites were used when, and what each did. */
    public val sites: Sites = Sites(core)

    /** The emergency card. */
    public val card: Card = Card(core)

    /** Care-team servers: invitations and sign-in. */
    public val accounts: Accounts = Accounts(core)

    /** The care team's server. */
    public val sync: Sync = Sync(core)

    /** Journeys. */
    public val travel: Travel = Travel(core)

    /** The visit report, and everything out. */
    public val report: Report = Report(core)

    /** Language and wishes. */
    public val settings: Settings = Settings(core)

    /** Passcode, recovery code, and the proof that nothing was changed. */
    public val security: Security = Security(core)

    /**
     * What changed, after it is on disk: read the screens that show it again. A collector that is slow hears each kind of change at
     * least once more, and holds nobody up.
     */
    public val changes: Flow<Change> get() = ear.changes

    /**
     * What happened on one link of the radio, in order. To be called for every event; several at once are handled in one go. Events of
     * a link that nobody listens on are dropped.
     */
    public suspend fun radioEvents(
        link: String,
        events: List<RadioEvent>,
    ): Unit = writing { core.radioEvents(link, events) }

    /**
     * Lets a locked phone go on listening to pump and devices: see [Inbox]. [keyStore] is one whose key needs nobody's presence once the
     * phone was unlocked since its start. To be called after every opening; it costs nothing when it was.
     *
     * `KEY_UNAVAILABLE`, `DISK_FULL`, `READ_ONLY`. Without it, the inbox takes nothing.
     */
    public suspend fun listenWhileLocked(keyStore: KeyStore): Unit = writing { core.listenWhileLocked(keyStore) }

    /** What came while the phone was locked and was folded into the journal when it was opened. */
    public suspend fun folded(): Folded = calling { core.folded() }

    /**
     * Finishes what was handed over, seals the journal's head and closes the file. Every call after it fails with `CLOSED`; long work
     * that runs is taken back.
     */
    public suspend fun close(): Unit = withContext(NonCancellable) { calling { core.shut() } }

    public companion object {
        /**
         * Makes a new vault. Nothing is left behind when it fails.
         *
         * `ALREADY_EXISTS`, `BAD_INPUT` (no name, weak passcode, passcode missing where it is the only protection), `READ_ONLY`,
         * `DISK_FULL`, `KEY_UNAVAILABLE`, `PLATFORM`.
         */
        public suspend fun create(
            config: Config,
            platform: Platform,
            profile: NewProfile,
            passcode: String? = null,
        ): Created =
            first {
                writing {
                    val ear = Ear(platform.observer)
                    val created = createHomeline(config, platform.copy(observer = ear), profile, passcode)
                    Created(Homeline(created.homeline, ear), created.recoveryCode)
                }
            }

        /**
         * Opens a vault. A failure changes nothing in the file.
         *
         * `NOT_FOUND`, `WRONG_CREDENTIAL`, `KEY_UNAVAILABLE` (locked: later), `KEY_LOST` (ask for the recovery code), `ALREADY_OPEN`,
         * `NEWER_FORMAT`, `DAMAGED`, `DISK_FULL`, `READ_ONLY`, `PLATFORM`.
         */
        public suspend fun open(
            config: Config,
            platform: Platform,
            credentials: Credentials,
        ): Homeline =
            first {
                val ear = Ear(platform.observer)
                Homeline(Core.open(config, platform.copy(observer = ear), credentials.core), ear)
            }

        /**
         * Makes a vault from a backup in the folder of [config], which holds none, and opens it. The recovery code of the time of the
         * backup opens it, and stays; [passcode] is the one from now on. Nothing half-done stays when it fails.
         *
         * `NOT_FOUND` (no backup), `WRONG_CREDENTIAL`, `ALREADY_EXISTS`, `BAD_INPUT` (weak passcode, or none where it is the only
         * protection), `DAMAGED`, `NEWER_FORMAT`, `DISK_FULL`, `READ_ONLY`, `KEY_UNAVAILABLE`.
         */
        public suspend fun restore(
            config: Config,
            platform: Platform,
            backup: String,
            recoveryCode: String,
            passcode: String? = null,
        ): Homeline =
            first {
                writing {
                    val ear = Ear(platform.observer)
                    val core = restoreHomeline(config, platform.copy(observer = ear), backup, recoveryCode, passcode)
                    Homeline(core, ear)
                }
            }

        /**
         * Gives a closed vault a new data key: after a phone was lost, or a key may have been seen. Takes room for a second copy and some
         * seconds. Answers the new recovery code, which is kept nowhere; the old one and the old passcode open nothing any more, but for
         * backups that were made before.
         *
         * As [open], and `BAD_INPUT` (weak passcode, or none where it is the only protection).
         */
        public suspend fun newDataKey(
            config: Config,
            platform: Platform,
            credentials: Credentials,
            passcode: String? = null,
        ): String =
            first {
                writing {
                    org.homeline.ffi.newDataKey(config, platform, credentials.core, passcode)
                }
            }

        /** Whether [folder] holds a vault, so that a first start can be told from any other. */
        public suspend fun exists(folder: String): Boolean = first { vaultExists(folder) }

        /** The version of the library, e.g. `0.1.0`, also of one that is refused. It answers at once. */
        public fun libraryVersion(): String =
            try {
                buildInfo().version
            } catch (thrown: Throwable) {
                throw exceptionFor(thrown)
            }

        /**
         * Panics inside the library, so that a test of your app can see what becomes of it in your own build: [HomelineException.Internal],
         * and the process lives on. It touches nothing.
         */
        public suspend fun panicOnPurpose(): Unit = first { org.homeline.ffi.panicOnPurpose() }
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

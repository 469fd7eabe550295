package org.homeline.story

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.homeline.ActionInput
import org.homeline.Change
import org.homeline.ChangeObserver
import org.homeline.Clock
import org.homeline.Config
import org.homeline.Credentials
import org.homeline.Homeline
import org.homeline.Inbox
import org.homeline.Invitation
import org.homeline.JavaZoneRules
import org.homeline.KeyProtection
import org.homeline.MemoryKeyStore
import org.homeline.NewProfile
import org.homeline.Platform
import org.homeline.QuietHours
import org.homeline.Recipient
import org.homeline.ReportFormat
import org.homeline.Role
import org.homeline.Severity
import java.io.File
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.util.concurrent.CopyOnWriteArraySet

/** A phone, and the journal that is open on it: each call of the API by its name in a story. */
internal class World(
    private val folder: File,
    zone: String,
    now: String,
) {
    private val clock = StoryClock(Instant.parse(now))
    private var keys = MemoryKeyStore()

    /** For a locked phone: they answer also when [keys] do not. */
    private val lockedKeys = MemoryKeyStore()
    private val browser = StoryBrowser()

    @Volatile private var here = ZoneId.of(zone)

    @Volatile private var open: Homeline? = null

    @Volatile private var inbox: Inbox? = null

    /** What a caregiver's phone was given last. */
    @Volatile private var invitation: Invitation? = null
    private val zones = JavaZoneRules { here }
    private val centre = NotificationCentre(clock)
    private val heard = CopyOnWriteArraySet<Change>()
    private val platform
        get() =
            Platform(
                clock,
                zones,
                keys,
                bluetooth = SilentRadio,
                notifications = centre,
                browser = browser,
                observer =
                    object : ChangeObserver {
                        override fun changed(change: Change) {
                            heard += change
                        }
                    },
            )
    private val homeline get() = open ?: throw Otherwise("no journal is open")

    /** Closes what a story left open. */
    suspend fun end() {
        try {
            open?.close()
        } catch (_: org.homeline.HomelineException) {
            // It was closed, or never opened.
        }
    }

    suspend fun call(
        name: String,
        args: JsonObject,
    ): JsonElement =
        if (name.startsWith("phone.")) phone(name.removePrefix("phone."), Args(args)) else asJson(api(name, Args(args)))

    private fun phone(
        verb: String,
        args: Args,
    ): JsonElement {
        when (verb) {
            "ring" -> {
                return asJson(centre.ring())
            }

            "forget_alarms" -> {
                centre.forget()
            }

            "team_server" -> {
                return TeamServer.open()
            }

            "came_back" -> {
                return asJson(browser.cameBack())
            }

            "browser" -> {
                browser.throws = args.flag("throws")
            }

            "heard" -> {
                return asJson(heard.sortedBy { it.name }).also { heard.clear() }
            }

            "pass" -> {
                clock.pass(Duration.ofMinutes(args.number("minutes")))
            }

            "set" -> {
                clock.wall = Instant.parse(args.text("now"))
            }

            "zone" -> {
                here = ZoneId.of(args.text("zone"))
            }

            "clock" -> {
                clock.throws = args.flag("throws")
            }

            "keys" -> {
                when (val state = args.text("are")) {
                    "here" -> keys.locked = false
                    "locked" -> keys.locked = true
                    "lost" -> keys = MemoryKeyStore()
                    else -> throw Otherwise("keys are not $state")
                }
            }

            else -> {
                throw Otherwise("a phone does not $verb")
            }
        }
        return JsonNull
    }

    private suspend fun api(
        name: String,
        args: Args,
    ): Any? =
        when (name) {
            "create" -> {
                create(args)
            }

            "open" -> {
                open = Homeline.open(config(args), platform, credentials(args))
                null
            }

            "restore" -> {
                val backup = folder.resolve(args.text("place")).path
                open = Homeline.restore(config(args), platform, backup, args.text("recovery_code"))
                null
            }

            "close" -> {
                homeline.close()
            }

            "panic" -> {
                Homeline.panicOnPurpose()
            }

            "plan.import" -> {
                homeline.plan.import(bundle(args))
            }

            "plan.screen" -> {
                homeline.plan.screen()
            }

            "agenda.today" -> {
                homeline.agenda.today()
            }

            "agenda.act" -> {
                homeline.agenda.act(args.text("action"), args.input())
            }

            "journal.note" -> {
                homeline.journal.note(args.text("text"), args.flag("private"))
            }

            "journal.question" -> {
                homeline.journal.question(args.text("text"))
            }

            "journal.symptom" -> {
                homeline.journal.symptom(
                    args.text("symptom"),
                    args.optional("severity")?.let { Severity.valueOf(it.uppercase()) },
                    present = !args.flag("absent"),
                )
            }

            "journal.vital" -> {
                homeline.journal.vital(args.text("text"))
            }

            "journal.page" -> {
                homeline.journal.page(args.optional("after"), args.numberOr("size", 50).toInt())
            }

            "journal.search" -> {
                homeline.journal.search(args.text("words"))
            }

            "journal.count" -> {
                homeline.journal.count()
            }

            "messages.send" -> {
                homeline.messages.send(Recipient.valueOf(args.text("to").uppercase()), args.text("text"))
            }

            "reminders.hand_over" -> {
                homeline.reminders.handOver()
            }

            "reminders.overdue" -> {
                homeline.reminders.overdue()
            }

            "reminders.quiet_hours" -> {
                homeline.reminders.quietHours(QuietHours(args.text("from"), args.text("until")))
            }

            "reminders.answer" -> {
                homeline.reminders.answer(args.text("action"), args.input())
            }

            "sync.enrol" -> {
                homeline.sync.enrol(args.text("server"), args.text("patient"))
            }

            "sync.now" -> {
                homeline.sync.now()
            }

            "sync.state" -> {
                homeline.sync.state()
            }

            "card.screen" -> {
                homeline.card.screen(args.flag("hand_over"))
            }

            "insight.screen" -> {
                homeline.insight.screen()
            }

            "sites.screen" -> {
                homeline.sites.screen()
            }

            "pump.screen" -> {
                homeline.pump.screen()
            }

            "travel.state" -> {
                homeline.travel.state()
            }

            "travel.preview" -> {
                homeline.travel.preview(args.text("zone"), doses = 1)
            }

            "travel.accept" -> {
                homeline.travel.accept(args.text("zone"))
            }

            "report.write" -> {
                homeline.report.write(
                    args.number("days").toInt(),
                    ReportFormat.valueOf(args.text("format").uppercase()),
                    folder.resolve(args.text("place")).path,
                )
            }

            "report.export" -> {
                homeline.report.export(folder.resolve(args.text("place")).path)
            }

            "security.back_up" -> {
                homeline.security.backUp(folder.resolve(args.text("place")).path)
            }

            "settings.language" -> {
                homeline.settings.language(args.optional("tag"))
            }

            "settings.screen" -> {
                homeline.settings.screen()
            }

            "reminders.screen" -> {
                homeline.reminders.screen()
            }

            "messages.screen" -> {
                homeline.messages.screen()
            }

            "sync.screen" -> {
                homeline.sync.screen()
            }

            "travel.screen" -> {
                homeline.travel.screen()
            }

            "forms.screen" -> {
                homeline.forms.screen()
            }

            "forms.list" -> {
                homeline.forms.list()
            }

            "security.verify" -> {
                homeline.security.verify()
            }

            "security.set_passcode" -> {
                homeline.security.setPasscode(args.optional("passcode"))
            }

            "security.new_recovery_code" -> {
                homeline.security.newRecoveryCode()
            }

            "caregivers.invite" -> {
                homeline.caregivers.invite(args.caregiver()).also { invitation = it }
            }

            "caregivers.join" -> {
                homeline.caregivers.join(invitation ?: throw Otherwise("nobody was invited"))
            }

            "listen_while_locked" -> {
                homeline.listenWhileLocked(lockedKeys)
            }

            "inbox.open" -> {
                inbox = Inbox.open(config(args).folder, platform, lockedKeys)
                null
            }

            "inbox.close" -> {
                inbox?.close().also { inbox = null }
            }

            "radio.play" -> {
                Recording.play(args.text("recording"), args.text("part"), clock::pass) { events ->
                    inbox?.radioEvents("pump", events) ?: homeline.radioEvents("pump", events)
                }
            }

            else -> {
                if (name.startsWith("inbox.")) {
                    inboxCall(inbox ?: throw Otherwise("no inbox is open"), name, args)
                } else {
                    furtherCall(homeline, name, args)
                }
            }
        }

    private suspend fun create(args: Args): JsonElement {
        val role = if (args.optional("role") == "caregiver") Role.CAREGIVER else Role.PATIENT
        val profile = NewProfile(args.optional("name") ?: "Rosa Ibarra", role)
        val created = Homeline.create(config(args), platform, profile, args.optional("passcode"))
        open = created.homeline
        return JsonObject(mapOf("recovery_code" to JsonPrimitive(created.recoveryCode)))
    }

    private fun config(args: Args) =
        Config(
            folder.resolve(args.optional("folder") ?: "vault").path,
            if (args.flag("without_keys")) KeyProtection.PASSCODE_ALONE else KeyProtection.HARDWARE,
        )

    private fun credentials(args: Args): Credentials =
        args.optional("passcode")?.let(Credentials::Passcode)
            ?: args.optional("recovery_code")?.let(Credentials::Recovery)
            ?: Credentials.KeyStore

    private fun bundle(args: Args) =
        args.optional("bundle")?.toByteArray()
            ?: File(System.getProperty("homeline.plans"), "${args.text("plan")}.json").readBytes()
}

internal class Args(
    private val values: JsonObject,
) {
    fun optional(name: String): String? = values[name]?.jsonPrimitive?.content

    fun text(name: String): String = optional(name) ?: throw Otherwise("$name: a text")

    fun number(name: String): Long = values[name]?.jsonPrimitive?.long ?: throw Otherwise("$name: a whole number")

    fun numberOr(
        name: String,
        default: Long,
    ): Long = values[name]?.jsonPrimitive?.long ?: default

    fun flag(name: String): Boolean = values.flag(name)

    fun list(name: String): List<JsonElement> = values[name]?.jsonArray.orEmpty()

    fun input() =
        ActionInput(
            at = optional("at")?.let(Instant::parse),
            reason = optional("reason"),
            volumeMl = optional("volume_ml"),
        )
}

/** Wall clock and monotonic clock, which can be set apart, and can fail as an app's own code can. */
internal class StoryClock(
    @Volatile var wall: Instant,
) : Clock {
    @Volatile private var monotonic = 3_600_000UL

    @Volatile var throws = false

    fun pass(time: Duration) {
        wall = wall.plus(time)
        monotonic += time.toMillis().toULong()
    }

    override fun now(): Instant = if (throws) error("Rosa Ibarra's clock stands") else wall

    override fun monotonicMs(): ULong = monotonic
}

package org.homeline

import kotlinx.coroutines.runBlocking
import java.time.Instant

private val nobody = NewProfile("Ana Lopez", Role.PATIENT)
private val platform =
    Platform(SteppedClock(Instant.parse("2026-11-23T14:05:00Z")), chicago, MemoryKeyStore())

/** Every call that needs no open vault. */
internal val FIRST_CALLS: Map<String, suspend (Config) -> Any> =
    mapOf(
        "create" to { config -> Homeline.create(config, platform, nobody) },
        "open" to { config -> Homeline.open(config, platform, Credentials.KeyStore) },
        "restore" to { config -> Homeline.restore(config, platform, "backup", "code") },
        "newDataKey" to { config -> Homeline.newDataKey(config, platform, Credentials.KeyStore) },
        "exists" to { config -> Homeline.exists(config.folder) },
        "panicOnPurpose" to { _ -> Homeline.panicOnPurpose() },
    )

/** Makes every first call with the library that this process finds, and prints what each of them answers. */
fun main(arguments: Array<String>) {
    for ((name, call) in FIRST_CALLS) {
        val answer =
            try {
                runBlocking { call(Config(arguments.first(), KeyProtection.HARDWARE)) }
                "answered"
            } catch (refused: HomelineException) {
                "${refused.kind} ${refused.code} ${refused.retry}"
            }
        println("$name: $answer")
    }
}

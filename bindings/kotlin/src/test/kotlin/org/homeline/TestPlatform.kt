package org.homeline

import java.security.SecureRandom
import java.time.Instant
import java.time.ZoneId
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

/** A clock that stands until it is moved. */
class SteppedClock(
    var at: Instant,
) : Clock {
    override fun now(): Instant = at

    override fun monotonicMs(): ULong = at.toEpochMilli().toULong()
}

/** AES-GCM under a key in memory: what a phone's hardware does, without the hardware. */
class MemoryKeyStore : KeyStore {
    private val key = SecretKeySpec(ByteArray(KEY_BYTES).also(SecureRandom()::nextBytes), "AES")
    private var count = 0UL
    var locked = false

    override fun wrap(secret: ByteArray): ByteArray {
        requireUnlocked()
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }
        return cipher.iv + cipher.doFinal(secret)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray {
        requireUnlocked()
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, wrapped, 0, IV_BYTES))
        return try {
            cipher.doFinal(wrapped, IV_BYTES, wrapped.size - IV_BYTES)
        } catch (_: AEADBadTagException) {
            throw KeyStoreInvalidated()
        }
    }

    override fun counter(): ULong = count

    override fun setCounter(value: ULong) {
        count = maxOf(count, value)
    }

    private fun requireUnlocked() {
        if (locked) throw KeyStoreUnavailable()
    }

    private companion object {
        const val KEY_BYTES = 32
        const val IV_BYTES = 12
        const val TAG_BITS = 128
    }
}

val chicago: ZoneRules = JavaZoneRules { ZoneId.of("America/Chicago") }

package org.homeline.app

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import org.homeline.KeyStoreInvalidated
import org.homeline.KeyStoreUnavailable
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * The phone's key store (TEE or StrongBox): AES-256-GCM under a key that never leaves it.
 *
 * The counter is kept as the name of a second key. A restored copy of the app's files brings back its files and not the key
 * store's names, so an old copy of the journal shows.
 */
class HardwareKeyStore : org.homeline.KeyStore {
    private val keys: KeyStore by lazy { KeyStore.getInstance(PROVIDER).apply { load(null) } }

    override fun wrap(secret: ByteArray): ByteArray =
        answering {
            val key = keys.getKey(DATA_KEY, null) as SecretKey? ?: make(DATA_KEY)
            val cipher = Cipher.getInstance(TRANSFORMATION).apply { init(Cipher.ENCRYPT_MODE, key) }
            cipher.iv + cipher.doFinal(secret)
        }

    override fun unwrap(wrapped: ByteArray): ByteArray =
        answering {
            val key = keys.getKey(DATA_KEY, null) as SecretKey? ?: throw KeyStoreInvalidated()
            val cipher = Cipher.getInstance(TRANSFORMATION)
            cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, wrapped, 0, IV_BYTES))
            cipher.doFinal(wrapped, IV_BYTES, wrapped.size - IV_BYTES)
        }

    override fun counter(): ULong = answering { counters().maxOrNull() ?: 0UL }

    override fun setCounter(value: ULong) {
        answering {
            val earlier = counters()
            if (earlier.any { it >= value }) return@answering
            // The new name first: a power loss in between leaves both, and the higher one counts.
            make("$COUNTER$value")
            earlier.forEach { keys.deleteEntry("$COUNTER$it") }
        }
    }

    private fun counters(): List<ULong> =
        keys
            .aliases()
            .toList()
            .filter { it.startsWith(COUNTER) }
            .mapNotNull { it.removePrefix(COUNTER).toULongOrNull() }

    private fun make(alias: String): SecretKey {
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val specification =
            KeyGenParameterSpec
                .Builder(alias, purposes)
                .setKeySize(KEY_BITS)
                .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
                .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
                .build()
        return KeyGenerator
            .getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER)
            .apply { init(specification) }
            .generateKey()
    }

    private fun <T> answering(call: () -> T): T =
        try {
            call()
        } catch (_: KeyPermanentlyInvalidatedException) {
            throw KeyStoreInvalidated()
        } catch (_: UnrecoverableKeyException) {
            throw KeyStoreInvalidated()
        } catch (_: AEADBadTagException) {
            throw KeyStoreInvalidated()
        } catch (_: GeneralSecurityException) {
            throw KeyStoreUnavailable()
        } catch (_: ProviderException) {
            // What the key store throws while the phone is locked or its daemon restarts.
            throw KeyStoreUnavailable()
        }

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val DATA_KEY = "homeline.data"
        const val COUNTER = "homeline.counter."
        const val KEY_BITS = 256
        const val IV_BYTES = 12
        const val TAG_BITS = 128
    }
}

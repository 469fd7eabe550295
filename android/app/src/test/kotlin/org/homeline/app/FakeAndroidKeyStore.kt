package org.homeline.app

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** Stands in for the phone's key store, which Robolectric does not have: the same names, the keys in memory. */
object FakeAndroidKeyStore : Provider("AndroidKeyStore", "1", "keys in memory") {
    val stored = Collections.synchronizedMap(mutableMapOf<String, SecretKey>())

    private fun readResolve(): Any = FakeAndroidKeyStore

    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Generator::class.java.name)
    }

    fun installEmpty() {
        stored.clear()
        Security.removeProvider(name)
        Security.addProvider(this)
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = stored[alias]

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(stored.keys.toList())

        override fun engineContainsAlias(alias: String) = alias in stored

        override fun engineDeleteEntry(alias: String) {
            stored.remove(alias)
        }

        override fun engineSize() = stored.size

        override fun engineIsKeyEntry(alias: String) = alias in stored

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = unused()

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key,
            password: CharArray?,
            chain: Array<Certificate>?,
        ) = unused()

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray,
            chain: Array<Certificate>?,
        ) = unused()

        override fun engineSetCertificateEntry(
            alias: String,
            certificate: Certificate,
        ) = unused()

        private fun unused(): Nothing = throw UnsupportedOperationException("the app does not use this")
    }

    class Generator : KeyGeneratorSpi() {
        private lateinit var specification: KeyGenParameterSpec

        override fun engineInit(random: SecureRandom?) = Unit

        override fun engineInit(
            bits: Int,
            random: SecureRandom?,
        ) = Unit

        override fun engineInit(
            parameters: AlgorithmParameterSpec,
            random: SecureRandom?,
        ) {
            specification = parameters as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey {
            val bytes = ByteArray(specification.keySize / Byte.SIZE_BITS).also(SecureRandom()::nextBytes)
            return SecretKeySpec(bytes, "AES").also { stored[specification.keystoreAlias] = it }
        }
    }
}

package org.homeline.app

import android.app.Application
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import org.homeline.Config
import org.homeline.Credentials
import org.homeline.Homeline
import org.homeline.JavaZoneRules
import org.homeline.KeyProtection
import org.homeline.Platform

/** Owns the one open vault of this process. */
open class HomelineApplication : Application() {
    private val opening = Mutex()
    private var open: Homeline? = null

    /** What this phone lends to the core. */
    open val platform: Platform by lazy { Platform(PhoneClock, JavaZoneRules(), HardwareKeyStore()) }

    /** Where the vault is: in the folder that the phone's own backup and transfer leave out. */
    val config: Config get() = Config(noBackupFilesDir.resolve("vault").path, KeyProtection.HARDWARE)

    /** The open vault; the first caller opens it. */
    suspend fun homeline(): Homeline =
        opening.withLock {
            open ?: Homeline.open(config, platform, Credentials.KeyStore).also { open = it }
        }
}

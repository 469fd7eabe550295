package org.homeline

import org.homeline.ffi.Credentials as CoreCredentials

/** What opens a vault. */
public sealed class Credentials {
    internal abstract val core: CoreCredentials

    /** The phone's hardware key alone. */
    public object KeyStore : Credentials() {
        override val core: CoreCredentials get() = CoreCredentials.KeyStore
    }

    /** The passcode as typed (with the hardware key, where there is one). */
    public class Passcode(
        passcode: String,
    ) : Credentials() {
        override val core: CoreCredentials = CoreCredentials.Passcode(passcode)
    }

    /** The printed recovery code as typed; spaces, hyphens and case do not matter. */
    public class Recovery(
        code: String,
    ) : Credentials() {
        override val core: CoreCredentials = CoreCredentials.Recovery(code)
    }
}

package org.homeline

import org.homeline.ffi.Homeline as Core

/** Passcode, recovery code, and the proof that nothing was changed. */
public class Security internal constructor(
    private val core: Core,
) {
    /**
     * Sets another passcode, or none where the hardware key protects alone. At least 4 characters with a hardware key, 8 without. Only the
     * wrapped key is written anew.
     *
     * `BAD_INPUT` (too short), `WRONG_CREDENTIAL` (nothing would protect the vault any more).
     */
    public suspend fun setPasscode(passcode: String?): Unit = writing { core.setPasscode(passcode) }

    /**
     * A new recovery code; the old one is void from now on. It is shown once and kept nowhere. A backup that was made before still opens
     * with the old one.
     */
    public suspend fun newRecoveryCode(): String = writing { core.newRecoveryCode() }

    /**
     * Checks every entry's hash and its place in the chain, and the file page by page. Takes seconds on a large journal. [work] counts
     * three parts: structure, pages, chain. What is wrong is an answer and no failure.
     */
    public suspend fun verify(work: Work = Work()): VerificationReport = working(work) { core.verify(it) }

    /**
     * Writes a backup, one encrypted file, to [place]; an older one there is replaced when the new one was read back whole. It opens with
     * the recovery code of now, on any phone: [Homeline.restore]. Needs room for two copies; [work] counts bytes.
     *
     * `DISK_FULL`, `READ_ONLY`, `PLATFORM`, `DAMAGED` (nothing is backed up then), `CANCELLED`.
     */
    public suspend fun backUp(
        place: String,
        work: Work = Work(),
    ): BackedUp = working(work) { core.backUp(place, it) }

    /** Seals the head of the journal's chain now: to be called when the app goes to the background or is locked. */
    public suspend fun seal(): Unit = writing { core.seal() }
}

package org.homeline

import org.homeline.ffi.Homeline as Core

/** The emergency card, with and without unlocking. */
public class Card internal constructor(
    private val core: Core,
) {
    /** The card: for whoever helps first, or with [handOver] for the emergency room. `NOT_FOUND` without a plan. */
    public suspend fun screen(handOver: Boolean = false): Screen = calling { core.card(handOver) }

    /** The same as one self-contained HTML page that prints. */
    public suspend fun page(handOver: Boolean = false): String = calling { core.cardPage(handOver) }

    /**
     * Lets the card be seen without unlocking, from now on: writes it in the clear beside the vault, see [outsideTheVault]. Answers with
     * the path of the page.
     */
    public suspend fun allowLocked(): String = writing { core.allowLockedCard() }

    /** Takes the card back: what lies beside the vault is removed first, then the choice is forgotten. */
    public suspend fun forbidLocked(): Unit = writing { core.forbidLockedCard() }

    /** Whether the card can be seen without unlocking. Off unless the patient chose it. */
    public suspend fun isAllowedLocked(): Boolean = calling { core.isLockedCardAllowed() }

    public companion object {
        /** Reads the card beside the vault in [folder], without unlocking it; `null` when the patient did not choose so. */
        public suspend fun readLocked(folder: String): LockedCard? = calling { org.homeline.ffi.readLockedCard(folder) }

        /** What stands outside of the vault while the card may be seen without unlocking, in plain words. */
        public suspend fun outsideTheVault(): List<String> = calling { org.homeline.ffi.outsideTheVault() }
    }
}

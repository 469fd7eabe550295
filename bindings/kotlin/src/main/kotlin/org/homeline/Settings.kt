package org.homeline

import org.homeline.ffi.Homeline as Core

/** Language and wishes. */
public class Settings internal constructor(
    private val core: Core,
) {
    /**
     * Language, wishes, and what protects the journal. Actions that switch something go to [act]; `quiet-hours.set`, `passcode.set`,
     * `recovery-code.new`, `journal.verify` and `backup.make` stand for the calls of those names.
     */
    public suspend fun screen(): Screen = calling { core.settingsScreen() }

    /** Carries out a switch of that screen. `BAD_INPUT` (not a switch). */
    public suspend fun act(action: Action): Unit = act(action.id)

    /** The same by the action's id. */
    public suspend fun act(action: String): Unit = writing { core.actOnSettings(action) }

    /** The language of screens and advice as chosen, `en` or `es`; `null` is that of the plan. */
    public suspend fun language(): String? = calling { core.language() }

    /**
     * Chooses the language of screens and advice, `en` or `es`; `null` is that of the plan. What was written before stays as it was
     * written.
     */
    public suspend fun language(tag: String?): Unit = writing { core.setLanguage(tag) }
}

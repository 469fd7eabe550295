package org.homeline.app

import android.annotation.SuppressLint
import android.content.Context
import android.widget.LinearLayout
import org.homeline.HomelineException
import org.homeline.Retry

/** What is wrong and what to do about it, in the core's words; a button where trying again can help. */
@SuppressLint("ViewConstructor") // never inflated from XML: a failure is its only content
class FailureView(
    context: Context,
    failure: HomelineException,
    again: () -> Unit,
) : LinearLayout(context) {
    init {
        orientation = VERTICAL
        pad(16, 24)
        text(failure.what.replaceFirstChar(Char::uppercase), 20f, R.color.text).isAccessibilityHeading = true
        text(failure.remedy, 18f, R.color.text).pad(0, 8)
        text(failure.code, 14f, R.color.quiet)
        if (failure.retry != Retry.NEVER) {
            val button = context.wideButton(context.getString(R.string.again), R.color.accent, R.color.on_accent)
            button.setOnClickListener { again() }
            addView(button, below())
        }
    }
}

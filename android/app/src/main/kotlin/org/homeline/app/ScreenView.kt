package org.homeline.app

import android.annotation.SuppressLint
import android.content.Context
import android.content.res.ColorStateList
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import org.homeline.Action
import org.homeline.Emphasis
import org.homeline.Row
import org.homeline.Screen

/**
 * Draws a screen model of the core, whatever is in it. A colour only repeats what the row's own words say.
 *
 * Made for tired hands: text of at least 16 sp that grows with the phone's setting, buttons at least 56 dp high over the whole
 * width (WCAG 2.2, 2.5.5 asks for 44), and a screen reader hears each row as one sentence.
 */
@SuppressLint("ViewConstructor") // never inflated from XML: a screen model is its only content
class ScreenView(
    context: Context,
    screen: Screen,
    private val onAction: (Action) -> Unit,
) : LinearLayout(context) {
    init {
        orientation = VERTICAL
        pad(16, 24)
        text(screen.title, 28f, R.color.text).isAccessibilityHeading = true
        screen.subtitle?.let { text(it, 18f, R.color.quiet) }
        for (section in screen.sections) {
            section.title?.let { heading ->
                text(heading, 20f, R.color.text).apply {
                    isAccessibilityHeading = true
                    pad(0, 8)
                }
            }
            section.rows.forEach { addView(card(it), below()) }
        }
        screen.footer.forEach { text(it, 16f, R.color.quiet).pad(0, 8) }
    }

    private fun card(row: Row): View =
        LinearLayout(context).apply {
            orientation = VERTICAL
            setBackgroundResource(R.drawable.card)
            pad(16, 16)
            val words =
                LinearLayout(context).apply {
                    orientation = VERTICAL
                    contentDescription = row.accessibility
                    isFocusable = true
                    minimumHeight = dp(48)
                    text(listOfNotNull(row.time, row.title).joinToString("  "), 20f, R.color.text)
                    row.state?.let { text(it, 18f, colourOf(row.emphasis)) }
                    row.details.forEach { text(it, 16f, R.color.quiet) }
                    // Their words are in the sentence above.
                    for (child in 0 until childCount) {
                        getChildAt(child).importantForAccessibility = IMPORTANT_FOR_ACCESSIBILITY_NO
                    }
                }
            addView(words)
            row.actions.forEach { addView(button(it, row), below()) }
        }

    private fun button(
        action: Action,
        row: Row,
    ): Button {
        val (back, front) =
            when (action.emphasis) {
                Emphasis.ATTENTION -> R.color.accent to R.color.on_accent
                Emphasis.URGENT -> R.color.urgent to R.color.background
                Emphasis.PLAIN -> R.color.quiet_button to R.color.accent
                Emphasis.QUIET -> R.color.quiet_button to R.color.text
            }
        return context.wideButton(action.label, back, front).apply {
            tag = action.id
            contentDescription = context.getString(R.string.action_on_row, action.label, row.title)
            setOnClickListener {
                // One tap is one call; the core would take a second for the same, the person would not.
                isEnabled = false
                onAction(action)
            }
        }
    }
}

/** A button for tired hands: at least 56 dp high, its words as they are. */
internal fun Context.wideButton(
    words: String,
    back: Int,
    front: Int,
): Button =
    Button(this).apply {
        text = words
        textSize = 18f
        isAllCaps = false
        minHeight = dp(56)
        backgroundTintList = ColorStateList.valueOf(getColor(back))
        setTextColor(getColor(front))
    }

/** One line of text, at the end of this column. */
internal fun LinearLayout.text(
    words: String,
    size: Float,
    colour: Int,
): TextView =
    TextView(context).also {
        it.text = words
        it.textSize = size
        it.setTextColor(context.getColor(colour))
        addView(it)
    }

internal fun View.dp(value: Int): Int = (value * resources.displayMetrics.density).toInt()

internal fun View.pad(
    sides: Int,
    ends: Int,
) = setPadding(dp(sides), dp(ends), dp(sides), dp(ends))

/** Over the whole width, a little below what stands above. */
internal fun View.below() =
    LinearLayout.LayoutParams(LinearLayout.LayoutParams.MATCH_PARENT, LinearLayout.LayoutParams.WRAP_CONTENT).apply {
        topMargin = dp(12)
    }

private fun colourOf(emphasis: Emphasis): Int =
    when (emphasis) {
        Emphasis.PLAIN -> R.color.text
        Emphasis.QUIET -> R.color.quiet
        Emphasis.ATTENTION -> R.color.attention
        Emphasis.URGENT -> R.color.urgent
    }

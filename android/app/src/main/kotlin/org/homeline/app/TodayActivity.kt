package org.homeline.app

import android.app.Activity
import android.app.AlertDialog
import android.os.Bundle
import android.widget.ScrollView
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.homeline.Action
import org.homeline.Advice
import org.homeline.AdviceLevel
import org.homeline.HomelineException

/** Today: what is due, and the buttons for it. Everything shown and every rule behind it comes from the core. */
class TodayActivity : Activity() {
    private val scope = MainScope()
    private val page by lazy { ScrollView(this) }
    private val homeline get() = application as HomelineApplication

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        page.isFillViewport = true
        page.fitsSystemWindows = true
        setContentView(page)
    }

    override fun onResume() {
        super.onResume()
        refresh()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun refresh() {
        scope.launch {
            try {
                show(ScreenView(this@TodayActivity, homeline.homeline().agenda.today(), ::act))
            } catch (failure: HomelineException) {
                show(FailureView(this@TodayActivity, failure, ::refresh))
            }
        }
    }

    private fun act(action: Action) {
        scope.launch {
            try {
                val logged = homeline.homeline().agenda.act(action)
                refresh()
                if (logged.advice.isNotEmpty()) tell(logged.advice)
            } catch (failure: HomelineException) {
                show(FailureView(this@TodayActivity, failure, ::refresh))
            }
        }
    }

    private fun show(content: android.view.View) {
        page.removeAllViews()
        page.addView(content)
    }

    /** Advice stays until somebody says that it was read. */
    private fun tell(advice: List<Advice>) {
        val heading =
            when (advice.first().level) {
                AdviceLevel.EMERGENCY -> R.string.advice_emergency
                AdviceLevel.CALL_NOW -> R.string.advice_call_now
                AdviceLevel.MESSAGE_TODAY -> R.string.advice_message_today
                AdviceLevel.NOTE -> R.string.advice_note
            }
        AlertDialog
            .Builder(this)
            .setTitle(heading)
            .setMessage(advice.joinToString("\n\n") { (it.text + it.because).joinToString("\n") })
            .setPositiveButton(R.string.understood, null)
            .setCancelable(false)
            .show()
    }
}

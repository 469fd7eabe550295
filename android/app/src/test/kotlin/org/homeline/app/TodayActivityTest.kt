package org.homeline.app

import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.homeline.Clock
import org.homeline.Homeline
import org.homeline.JavaZoneRules
import org.homeline.NewProfile
import org.homeline.Platform
import org.homeline.Role
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowPausedLooper
import java.io.File
import java.time.Duration
import java.time.Instant
import java.time.ZoneId

/** The app with its real core and its real key store code; only the clock stands still. */
class StandingClockApplication : HomelineApplication() {
    override val platform by lazy {
        Platform(StandingClock, JavaZoneRules { ZoneId.of("America/Chicago") }, HardwareKeyStore())
    }
}

private object StandingClock : Clock {
    private val at = Instant.parse("2026-11-23T14:05:00Z")

    override fun now(): Instant = at

    override fun monotonicMs() = at.toEpochMilli().toULong()
}

@RunWith(RobolectricTestRunner::class)
@Config(application = StandingClockApplication::class, qualifiers = "w411dp-h891dp-xhdpi")
class TodayActivityTest {
    private val application get() = RuntimeEnvironment.getApplication() as HomelineApplication

    @Before
    fun newPhone() = FakeAndroidKeyStore.installEmpty()

    private fun enrol() =
        runBlocking {
            val patient = NewProfile("Ana Lopez", Role.PATIENT)
            val homeline = Homeline.create(application.config, application.platform, patient).homeline
            homeline.plan.import(File(System.getProperty("homeline.plans"), "vancomycin-elastomeric.json").readBytes())
            homeline.close()
        }

    private fun journal() =
        runBlocking {
            val homeline = application.homeline()
            homeline.journal.timeline().toList()
        }

    private fun close() =
        runBlocking {
            val homeline = application.homeline()
            homeline.close()
        }

    private fun today(): TodayActivity {
        val controller = Robolectric.buildActivity(TodayActivity::class.java)
        return controller.setup().visible().get()
    }

    @Test
    fun `tapping the button of a dose that is due writes it into the journal and shows it as begun`() {
        enrol()
        val activity = today()
        val start = activity.await { buttons().firstOrNull { (it.tag as String).startsWith("dose.start") } }
        val before = journal()

        start.performClick()

        activity.await { Unit.takeIf { start !in buttons() } }
        val after = journal()
        assertEquals("one more entry", before.size + 1, after.size)
        assertTrue(activity.buttons().none { it.tag == start.tag })
        close()
    }

    @Test
    fun `every button is large enough for an unsure hand, also with letters twice as large`() {
        enrol()
        for (scale in listOf(1f, 2f)) {
            RuntimeEnvironment.setFontScale(scale)
            val activity = today()
            activity.await { buttons().firstOrNull() }
            activity.layOut()
            for (button in activity.buttons()) {
                assertTrue("${button.text}: ${button.height} px", button.height >= button.dp(MINIMUM_TARGET_DP))
                assertTrue("${button.text}: ${button.width} px", button.width >= button.dp(MINIMUM_TARGET_DP))
                assertTrue("${button.text} is cut off", button.layout.height <= button.height)
            }
            activity.picture("today-$scale.png")
        }
        close()
    }

    @Test
    @Config(qualifiers = "+es-night")
    fun `a phone without a vault says so, and in its own language offers to try again`() {
        val activity = today()
        val again = activity.await { buttons().firstOrNull() }
        assertEquals("Intentar de nuevo", again.text)
        activity.layOut()
        activity.picture("no-vault-es-night.png")
    }

    /** Runs the main looper until [found] answers; the core answers from threads of its own. */
    private fun <T : Any> TodayActivity.await(found: TodayActivity.() -> T?): T {
        val looper = shadowOf(Looper.getMainLooper()) as ShadowPausedLooper
        val deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos()
        while (System.nanoTime() < deadline) {
            looper.idle()
            found()?.let { return it }
            looper.poll(1_000)
        }
        val shown = views().filterIsInstance<TextView>().joinToString { it.text }
        throw AssertionError("not shown within a minute; on the screen is: $shown")
    }

    private fun TodayActivity.views(): List<View> = window.decorView.andAllBelow()

    private fun View.andAllBelow(): List<View> {
        val children = if (this is ViewGroup) (0 until childCount).map(::getChildAt) else emptyList()
        return listOf(this) + children.flatMap { it.andAllBelow() }
    }

    private fun TodayActivity.buttons() = views().filterIsInstance<Button>()

    private fun TodayActivity.layOut() {
        shadowOf(Looper.getMainLooper()).idle()
        val page = window.decorView
        page.measure(
            View.MeasureSpec.makeMeasureSpec(page.width, View.MeasureSpec.EXACTLY),
            View.MeasureSpec.makeMeasureSpec(page.height, View.MeasureSpec.EXACTLY),
        )
        page.layout(0, 0, page.width, page.height)
    }

    /** For people to look at, in target/. */
    private fun TodayActivity.picture(name: String) {
        val page = window.decorView
        val bitmap = Bitmap.createBitmap(page.width, page.height, Bitmap.Config.ARGB_8888)
        page.draw(Canvas(bitmap))
        File("target/$name").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    private companion object {
        /** Android's accessibility guidance for touch targets. */
        const val MINIMUM_TARGET_DP = 48
    }
}

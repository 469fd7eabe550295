package org.homeline.story

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.homeline.AdapterState
import org.homeline.BluetoothPort
import org.homeline.LinkSecurity
import org.homeline.RadioCommand
import org.homeline.ffi.RadioEvent
import java.io.File
import java.time.Duration
import java.util.HexFormat

/** What a pump said, as it was recorded: see `tests/stories/README.md`. */
internal object Recording {
    /** Plays one part: time that passes, and events that are heard. */
    suspend fun play(
        recording: String,
        part: String,
        pass: (Duration) -> Unit,
        hear: suspend (List<RadioEvent>) -> Unit,
    ) {
        val file = File(System.getProperty("homeline.stories")).resolve("recordings/$recording.json")
        val parts = Json.parseToJsonElement(file.readText()).jsonObject
        for (step in parts.getValue(part).jsonArray) {
            val (kind, value) = step.jsonObject.entries.single()
            when (kind) {
                "pass" -> pass(Duration.ofMinutes(value.jsonPrimitive.long))
                "events" -> hear(value.jsonArray.map { event(it.jsonArray) })
                else -> throw Otherwise("a recording has no $kind")
            }
        }
    }

    private fun event(recorded: JsonArray): RadioEvent {
        val words = recorded.drop(1)

        fun text(place: Int) = words[place].jsonPrimitive.content

        fun number() = words[0].jsonPrimitive.long.toUInt()

        return when (val name = recorded[0].jsonPrimitive.content) {
            "adapter-on" -> RadioEvent.Adapter(AdapterState.ON)
            "found" -> RadioEvent.Found(text(0))
            "connected" -> RadioEvent.Connected(number())
            "mtu" -> RadioEvent.MtuChanged(number())
            "authenticated" -> RadioEvent.Security(LinkSecurity.AUTHENTICATED)
            "discovered" -> RadioEvent.Discovered(words[0].jsonArray.map(JsonElement::content))
            "read" -> RadioEvent.Read(text(0), HexFormat.of().parseHex(text(1)))
            "written" -> RadioEvent.Written(text(0), null)
            "subscribed" -> RadioEvent.Subscribed(text(0), null)
            "value" -> RadioEvent.Value(text(0), HexFormat.of().parseHex(text(1)))
            "disconnected" -> RadioEvent.Disconnected(number())
            "tick" -> RadioEvent.Tick
            else -> throw Otherwise("a radio says no $name")
        }
    }
}

private val JsonElement.content get() = jsonPrimitive.content

/** A radio that does as it is told and says nothing by itself. */
internal object SilentRadio : BluetoothPort {
    override fun execute(
        link: String,
        command: RadioCommand,
    ) = Unit
}

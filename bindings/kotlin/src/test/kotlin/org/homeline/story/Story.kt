package org.homeline.story

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.homeline.HomelineException
import java.io.File

/**
 * A story of `tests/stories`, told in Kotlin. The same stories are told in Rust and Swift; their format is in
 * `tests/stories/README.md`.
 */
class Story(
    file: File,
) {
    val name: String = file.nameWithoutExtension
    private val told = Json.parseToJsonElement(file.readText()).jsonObject
    private val known = mutableMapOf<String, JsonElement>()

    /** Tells it to its end; throws [Otherwise] at the first step that goes another way. */
    suspend fun tell(folder: File) {
        val phone = told.getValue("phone").jsonObject
        val world = World(folder, phone.getValue("zone").text, phone.getValue("now").text)
        try {
            told.getValue("steps").jsonArray.forEachIndexed { number, step -> tell(world, number + 1, step.jsonObject) }
        } finally {
            world.end()
        }
    }

    private suspend fun tell(
        world: World,
        number: Int,
        step: JsonObject,
    ) {
        val calls =
            step["together"]?.jsonArray?.map { it.jsonObject }
                ?: List(step["at_once"]?.jsonPrimitive?.int ?: 1) { step }
        repeat(step["times"]?.jsonPrimitive?.int ?: 1) {
            make(world, calls).forEach { (call, outcome) ->
                try {
                    check(call, outcome)
                } catch (otherwise: Otherwise) {
                    throw Otherwise("$name: step $number, ${call["call"]}: ${otherwise.message}", otherwise)
                }
            }
        }
    }

    /** Makes all calls before the first answer is awaited. */
    private suspend fun make(
        world: World,
        calls: List<JsonObject>,
    ): List<Pair<JsonObject, JsonObject>> =
        coroutineScope {
            val running =
                calls.map { call ->
                    val args = filledIn(call["args"] ?: JsonObject(emptyMap())).jsonObject
                    // Undispatched: the call is made here and now, so that to give it up is to give up a call.
                    async(Dispatchers.Default, CoroutineStart.UNDISPATCHED) {
                        call to outcome(world, call.getValue("call").text, args)
                    }
                }
            val (givenUp, awaited) = running.zip(calls).partition { (_, call) -> call.flag("given_up") }
            givenUp.forEach { (call, _) -> call.cancelAndJoin() }
            awaited.map { (call, _) -> call }.awaitAll()
        }

    private suspend fun outcome(
        world: World,
        call: String,
        args: JsonObject,
    ): JsonObject =
        try {
            JsonObject(mapOf("gives" to world.call(call, args)))
        } catch (failed: HomelineException) {
            JsonObject(mapOf("fails" to errorAsJson(failed)))
        }

    private fun check(
        call: JsonObject,
        outcome: JsonObject,
    ) {
        val error = outcome["fails"]
        when {
            error != null && call["fails"] != null -> {
                Pattern(known).match(call.getValue("fails"), error)
            }

            error == null && call["gives"] != null -> {
                Pattern(
                    known,
                ).match(call.getValue("gives"), outcome.getValue("gives"))
            }

            error == null && call["fails"] == null -> {
                Unit
            }

            call.flag("either") -> {
                Unit
            }

            else -> {
                throw Otherwise("it was not to answer $outcome")
            }
        }
    }

    /** Arguments with the names of earlier answers filled in, and repeated texts written out. */
    private fun filledIn(value: JsonElement): JsonElement =
        when (value) {
            is JsonNull -> {
                value
            }

            is JsonPrimitive -> {
                if (value.isString && value.content.startsWith("$")) {
                    known[value.content.drop(1)] ?: throw Otherwise("nothing is known as ${value.content}")
                } else {
                    value
                }
            }

            is JsonArray -> {
                JsonArray(value.map(::filledIn))
            }

            is JsonObject -> {
                val text = value["repeat"]
                if (text != null) {
                    JsonPrimitive(text.text.repeat(value.getValue("times").jsonPrimitive.int))
                } else {
                    JsonObject(value.mapValues { filledIn(it.value) })
                }
            }
        }
}

/** What happened is not what the story says. */
class Otherwise(
    message: String,
    cause: Throwable? = null,
) : Exception(message, cause)

internal val JsonElement.text: String get() = jsonPrimitive.content

internal fun JsonObject.flag(name: String): Boolean = get(name)?.jsonPrimitive?.boolean ?: false

package org.homeline.story

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.homeline.HomelineException
import java.lang.reflect.Modifier

/** Any record of the API as a story sees it: fields in `snake_case`, words of a closed set in `kebab-case`. */
internal fun asJson(value: Any?): JsonElement =
    when (value) {
        null, Unit -> JsonNull
        is JsonElement -> value
        is String -> JsonPrimitive(value)
        is Boolean -> JsonPrimitive(value)
        is Number -> JsonPrimitive(value)
        is UInt -> JsonPrimitive(value.toLong())
        is ULong -> JsonPrimitive(value.toLong())
        is Enum<*> -> JsonPrimitive(value.name.lowercase().replace('_', '-'))
        is java.time.temporal.Temporal -> JsonPrimitive(value.toString())
        is Iterable<*> -> JsonArray(value.map(::asJson))
        else -> JsonObject(fieldsOf(value))
    }

private fun fieldsOf(record: Any): Map<String, JsonElement> =
    record.javaClass.declaredFields
        .filterNot { Modifier.isStatic(it.modifiers) }
        .associate { field ->
            field.isAccessible = true
            snakeCase(field.name) to asJson(field.get(record))
        }

private fun snakeCase(name: String) = name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }

/** The error as a story sees it. */
internal fun errorAsJson(failed: HomelineException): JsonElement =
    asJson(
        JsonObject(
            mapOf(
                "kind" to asJson(failed.kind),
                "code" to asJson(failed.code),
                "field" to asJson(failed.field),
                "retry" to asJson(failed.retry),
            ),
        ),
    )

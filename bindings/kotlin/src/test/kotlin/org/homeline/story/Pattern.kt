package org.homeline.story

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.longOrNull

/** What an answer must look like: as much of it as the story says, and names for what later steps use. */
class Pattern(
    private val known: MutableMap<String, JsonElement>,
) {
    fun match(
        pattern: JsonElement,
        answer: JsonElement,
    ) {
        when {
            pattern is JsonPrimitive && pattern.isString && pattern.content.startsWith("$") -> {
                val value = known[pattern.content.drop(1)] ?: throw Otherwise("nothing is known as ${pattern.content}")
                if (value != answer) throw Otherwise("${pattern.content} is $value, and not $answer")
            }

            pattern is JsonObject && pattern.keys.any { it.startsWith("$") } -> {
                pattern.forEach { (operator, operand) -> hold(operator, operand, answer) }
            }

            pattern is JsonObject -> {
                pattern.forEach { (name, expected) ->
                    try {
                        match(expected, (answer as? JsonObject)?.get(name) ?: JsonNull)
                    } catch (otherwise: Otherwise) {
                        throw Otherwise("$name: ${otherwise.message}", otherwise)
                    }
                }
            }

            pattern is JsonArray -> {
                val items = items(answer)
                if (items.size != pattern.size) {
                    throw Otherwise("${pattern.size} were expected, not ${items.size}: $answer")
                }
                pattern.zip(items).forEach { (expected, item) -> match(expected, item) }
            }

            pattern != answer -> {
                throw Otherwise("$pattern was expected, not $answer")
            }
        }
    }

    /** All that are named must hold. */
    private fun hold(
        operator: String,
        operand: JsonElement,
        answer: JsonElement,
    ) {
        val holds =
            when (operator) {
                "\$any" -> {
                    items(answer).any { fits(operand, it) }
                }

                "\$none" -> {
                    items(answer).none { fits(operand, it, learn = false) }
                }

                "\$size" -> {
                    items(answer).size == operand.jsonPrimitive.int
                }

                "\$least" -> {
                    ((answer as? JsonPrimitive)?.longOrNull ?: Long.MIN_VALUE) >= operand.jsonPrimitive.long
                }

                "\$has" -> {
                    answer is JsonPrimitive && operand.text in answer.content
                }

                "\$starts" -> {
                    answer is JsonPrimitive && answer.content.startsWith(operand.text)
                }

                "\$as" -> {
                    known[operand.text] = answer
                    true
                }

                else -> {
                    throw Otherwise("a story knows no $operator")
                }
            }
        if (!holds) throw Otherwise("$operator $operand is not so of $answer")
    }

    /** A try that fails must not leave names behind. */
    private fun fits(
        pattern: JsonElement,
        answer: JsonElement,
        learn: Boolean = true,
    ): Boolean {
        val learned = known.toMutableMap()
        return try {
            Pattern(learned).match(pattern, answer)
            if (learn) known.putAll(learned)
            true
        } catch (_: Otherwise) {
            false
        }
    }

    private fun items(answer: JsonElement): JsonArray =
        answer as? JsonArray ?: throw Otherwise("a list was expected, not $answer")
}

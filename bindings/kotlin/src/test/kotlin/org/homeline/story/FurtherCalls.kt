package org.homeline.story

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonPrimitive
import org.homeline.CheckIn
import org.homeline.Homeline
import org.homeline.Inbox
import org.homeline.MessageTopic
import org.homeline.NewCaregiver
import org.homeline.NewMessage
import org.homeline.PumpStatus
import org.homeline.Recipient
import org.homeline.Right
import java.time.Instant

/** Calls beside a day's own: infusions, accounts, drafts of messages. */
internal suspend fun furtherCall(
    homeline: Homeline,
    name: String,
    args: Args,
): Any? =
    when (name) {
        "agenda.items" -> {
            val (from, to) = Instant.parse(args.text("from")) to Instant.parse(args.text("to"))
            homeline.agenda.items(from, to).map { named(it.id, it.title) }
        }

        "messages.write" -> {
            homeline.messages.write(args.message())
        }

        "messages.compose" -> {
            homeline.messages.compose(args.message())
        }

        "messages.keep_draft" -> {
            homeline.messages.keepDraft(args.message(), args.optional("id"))
        }

        "messages.drafts" -> {
            homeline.messages.drafts()
        }

        "messages.send_draft" -> {
            homeline.messages.sendDraft(args.text("id"))
        }

        "messages.discard_draft" -> {
            homeline.messages.discardDraft(args.text("id"))
        }

        "messages.search" -> {
            homeline.messages.search(args.text("words"))
        }

        "infusions.list" -> {
            homeline.infusions.list(args.number("days").toInt())
        }

        "infusions.show" -> {
            homeline.infusions.show(args.text("id"))
        }

        "infusions.screen" -> {
            homeline.infusions.screen(args.number("days").toInt())
        }

        "infusions.check_in" -> {
            homeline.infusions.checkIn(CheckIn(rateMlH = args.optional("rate_ml_h"), note = args.optional("note")))
        }

        "accounts.read_invitation" -> {
            homeline.accounts.readInvitation(args.text("link"))
        }

        "accounts.accept_invitation" -> {
            homeline.accounts.acceptInvitation(args.text("link"))
        }

        "accounts.list" -> {
            homeline.accounts.list()
        }

        "accounts.begin_sign_in" -> {
            homeline.accounts.beginSignIn(args.text("redirect_uri"))
        }

        "accounts.finish_sign_in" -> {
            homeline.accounts.finishSignIn(args.text("redirect"))
        }

        "accounts.sign_out" -> {
            homeline.accounts.signOut()
        }

        "caregivers.invitation" -> {
            homeline.caregivers.invitation(args.text("person"))
        }

        "caregivers.set_rights" -> {
            homeline.caregivers.setRights(args.text("person"), args.rights())
        }

        "caregivers.screen" -> {
            homeline.caregivers.screen()
        }

        "pump.status" -> {
            homeline.pump.status()?.let(::inShort)
        }

        "sync.send_again" -> {
            homeline.sync.sendAgain()
        }

        "settings.chosen_language" -> {
            homeline.settings.language()
        }

        "pump.enrol" -> {
            homeline.pump.enrol(args.text("serial"))
        }

        "pump.listen" -> {
            homeline.pump.listen(args.text("serial"))
        }

        "folded" -> {
            homeline.folded()
        }

        else -> {
            throw Otherwise("the API has no $name")
        }
    }

/** Calls of the inbox of a locked phone. */
internal suspend fun inboxCall(
    inbox: Inbox,
    name: String,
    args: Args,
): Any? =
    when (name) {
        "inbox.listen" -> inbox.listen()
        "inbox.screen" -> inbox.screen()
        "inbox.act" -> inbox.act(args.text("action"))
        else -> throw Otherwise("the API has no $name")
    }

private fun inShort(status: PumpStatus) =
    JsonObject(
        mapOf(
            "serial" to JsonPrimitive(status.serial),
            "alarms" to JsonPrimitive(status.alarms.size),
            "live" to JsonPrimitive(status.current != null),
        ),
    )

private fun named(
    id: String,
    title: String,
) = JsonObject(mapOf("id" to JsonPrimitive(id), "title" to JsonPrimitive(title)))

internal fun Args.caregiver() = NewCaregiver(text("name"), text("relationship"), rights(), until = null)

private fun Args.rights() = list("rights").map { Right.valueOf(it.jsonPrimitive.content.uppercase()) }

private fun Args.message() =
    NewMessage(
        to = Recipient.valueOf(text("to").uppercase()),
        text = text("text"),
        topic = optional("topic")?.let { MessageTopic.valueOf(it.uppercase()) },
        urgent = flag("urgent"),
    )

package org.homeline.story

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.homeline.BrowserPort
import org.homeline.PortFailed
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import kotlin.concurrent.thread

/** A care team's server as far as a sign-in needs it. */
internal object TeamServer {
    /** Begins to answer on this machine, and says where: the FHIR base, and an invitation that names it. */
    fun open(): JsonElement {
        val socket = ServerSocket(0, BACKLOG, InetAddress.getByName("127.0.0.1"))
        val origin = "http://127.0.0.1:${socket.localPort}"
        thread(isDaemon = true) { while (true) socket.accept().use { answer(it, origin) } }
        val base = "$origin/fhir"
        val invitation =
            "https://team.example.org/join#homeline=1&fhir=$base&client=homeline-app&team=Lakeside%20Infusion"
        return JsonObject(mapOf("base" to JsonPrimitive(base), "invitation" to JsonPrimitive(invitation)))
    }

    private fun answer(
        socket: Socket,
        origin: String,
    ) {
        val reader = socket.getInputStream().bufferedReader(Charsets.ISO_8859_1)
        val path = reader.readLine()?.split(' ')?.getOrNull(1) ?: return
        var length = 0
        while (true) {
            val line = reader.readLine()?.lowercase() ?: return
            if (line.isEmpty()) break
            if (line.startsWith("content-length:")) length = line.substringAfter(':').trim().toInt()
        }
        repeat(length) { reader.read() }
        val body =
            when (path) {
                "/fhir/.well-known/smart-configuration" -> {
                    """{"authorization_endpoint": "$origin/authorize", "token_endpoint": "$origin/token", """ +
                        """"code_challenge_methods_supported": ["S256"]}"""
                }

                "/token" -> {
                    """{"access_token": "once", "token_type": "bearer", "expires_in": 3600, "patient": "rosa"}"""
                }

                else -> {
                    null
                }
            }
        val status = if (body == null) "404 Not Found" else "200 OK"
        val head = "HTTP/1.1 $status\r\ncontent-type: application/json\r\nconnection: close\r\n"
        val text = body.orEmpty()
        socket.getOutputStream().write("${head}content-length: ${text.length}\r\n\r\n$text".toByteArray())
    }

    private const val BACKLOG = 8
}

/** A browser that can fail to open. */
internal class StoryBrowser : BrowserPort {
    @Volatile var throws = false

    @Volatile private var opened: Pair<String, String>? = null

    override fun openPage(
        address: String,
        redirectUri: String,
    ) {
        if (throws) throw PortFailed("there is none")
        opened = address to redirectUri
    }

    /** The address to which the page sent the browser, as for somebody who signed in. */
    fun cameBack(): String {
        val (address, redirectUri) = opened ?: throw Otherwise("no page was opened")
        return "$redirectUri?code=once&state=${address.substringAfter("state=").substringBefore('&')}"
    }
}

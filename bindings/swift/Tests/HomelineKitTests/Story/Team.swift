import Foundation
import HomelineKit

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A care team's server as far as a sign-in needs it.
enum TeamServer {
  /// Begins to answer on this machine, and says where: the FHIR base, and an invitation that names it.
  static func open() throws -> Json {
    #if canImport(Glibc)
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listens = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, address, &size) == 0
      }
    }
    guard listens else { throw Otherwise("no server can be opened here") }
    let origin = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        answer(FileHandle(fileDescriptor: connection, closeOnDealloc: true), origin: origin)
      }
    }
    let base = "\(origin)/fhir"
    let invitation =
      "https://team.example.org/join#homeline=1&fhir=\(base)&client=homeline-app&team=Lakeside%20Infusion"
    return .object(["base": .text(base), "invitation": .text(invitation)])
  }

  private static func answer(_ connection: FileHandle, origin: String) {
    var request = ""
    while !isWhole(request) {
      let more = connection.availableData
      guard !more.isEmpty else { return }
      request += String(decoding: more, as: UTF8.self)
    }
    let body: String? =
      switch request.split(separator: " ").dropFirst().first {
      case "/fhir/.well-known/smart-configuration":
        #"{"authorization_endpoint": "\#(origin)/authorize", "token_endpoint": "\#(origin)/token", "#
          + #""code_challenge_methods_supported": ["S256"]}"#
      case "/token": #"{"access_token": "once", "token_type": "bearer", "expires_in": 3600, "patient": "rosa"}"#
      default: nil
      }
    let status = body == nil ? "404 Not Found" : "200 OK"
    let text = body ?? ""
    let head = "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\nconnection: close\r\n"
    connection.write(Data("\(head)content-length: \(text.utf8.count)\r\n\r\n\(text)".utf8))
  }

  private static func isWhole(_ request: String) -> Bool {
    guard let end = request.range(of: "\r\n\r\n") else { return false }
    let length = request.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
    let expected = length.flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
    return request[end.upperBound...].utf8.count >= expected ?? 0
  }
}

/// A browser that can fail to open.
final class StoryBrowser: BrowserPort {
  let throwing = Locked(false)
  private let opened = Locked<(address: String, redirectUri: String)?>(nil)

  func openPage(address: String, redirectUri: String) throws {
    if throwing.value { throw PortError.Failed(reason: "there is none") }
    opened.value = (address, redirectUri)
  }

  /// The address to which the page sent the browser, as for somebody who signed in.
  func cameBack() throws(Otherwise) -> String {
    guard let (address, redirectUri) = opened.value, let found = address.range(of: "state=") else {
      throw Otherwise("no page was opened")
    }
    return "\(redirectUri)?code=once&state=\(address[found.upperBound...].prefix { $0 != "&" })"
  }
}

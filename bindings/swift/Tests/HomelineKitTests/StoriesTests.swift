import Foundation
import HomelineKit
import Testing

/// The stories of `tests/stories`, through the public API in Swift. Rust and Kotlin tell the same ones.
struct StoriesTests {
  @Test("Every story goes as it is told", arguments: Story.all)
  func storiesGoAsTold(story: Story) async throws {
    let folder = try TemporaryFolder()
    try await story.tell(in: folder.url)
  }

  @Test("There are stories")
  func thereAreStories() { #expect(Story.all.count > 10) }
}

import HomelineGenerated

/// Makes a call that needs no vault yet, so that it may be the first of all, once the library was found to be of the build that
/// this code was generated from. In another one the arguments are bytes in another order, and would be read as something else.
/// It is awaited to its end also by a task that was cancelled.
func first<Answer: Sendable>(
  _ call: @Sendable () async throws -> Answer
) async throws(HomelineError) -> Answer {
  let library: BuildInfo
  do { library = try buildInfo() } catch { throw HomelineError(error) }
  try requireOneBuild(library)
  return try await finishing(call)
}

/// Refuses any library but the one that this code was generated from, before anything is handed to it.
func requireOneBuild(_ library: BuildInfo) throws(HomelineError) {
  if library.version == generatedFor, library.contract == generatedContract { return }
  throw HomelineError(
    kind: .internal, code: "binding.other-library", field: nil,
    what:
      "this app was put together from two builds of Homeline: its code is of \(generatedFor) (\(generatedContract)), "
      + "its library of \(library.version) (\(library.contract))",
    remedy:
      "Install the app again. Who builds the app takes the library and the code beside it from one build of Homeline.",
    retry: .never)
}

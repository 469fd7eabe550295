import ShellLogic
import SwiftUI

/// Today's screen once the vault is open, and before that why it is not.
public struct OpeningView: View {
  @State private var model: OpeningModel

  public init(model: OpeningModel) { _model = State(initialValue: model) }

  public var body: some View {
    if let today = model.today {
      TodayView(model: today)
    } else if let failure = model.failure {
      List { FailureSection(failure: failure) { await model.open() } }
    } else {
      ProgressView()
    }
  }
}

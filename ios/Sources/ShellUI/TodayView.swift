import HomelineKit
import ShellLogic
import SwiftUI

/// Today: what is due, and the buttons for it.
public struct TodayView: View {
  @State private var model: TodayModel

  public init(model: TodayModel) { _model = State(initialValue: model) }

  public var body: some View {
    NavigationStack {
      List {
        if let failure = model.failure { FailureSection(failure: failure) { await model.refresh() } }
        if let screen = model.screen {
          if let subtitle = screen.subtitle { Text(subtitle).foregroundStyle(.secondary) }
          ForEach(Array(screen.sections.enumerated()), id: \.offset) { _, section in
            Section(section.title ?? "") {
              ForEach(section.rows, id: \.id) { row in
                RowView(row: row, underWay: model.underWay) { action in await model.act(action) }
              }
            }
          }
          ForEach(screen.footer, id: \.self) { line in Text(line).font(.footnote) }
        }
      }
      .navigationTitle(model.screen?.title ?? "")
      .refreshable { await model.refresh() }
      .task { await model.refresh() }
      .alert("Advice", isPresented: .constant(!model.advice.isEmpty)) {
        Button("I have read this") { model.adviceWasRead() }
      } message: {
        Text(model.advice.flatMap { $0.text + $0.because }.joined(separator: "\n"))
      }
    }
  }
}

/// One row. A colour only repeats what the row's own words say; a screen reader hears one sentence.
struct RowView: View {
  let row: Row
  let underWay: Set<String>
  let act: (Action) async -> Void

  var body: some View {
    VStack(alignment: .leading, spacing: 8) {
      VStack(alignment: .leading, spacing: 4) {
        Text([row.time, row.title].compactMap(\.self).joined(separator: "  ")).font(.headline)
        if let state = row.state { Text(state).foregroundStyle(row.emphasis.color) }
        ForEach(row.details, id: \.self) { detail in Text(detail).font(.subheadline).foregroundStyle(.secondary) }
      }
      .accessibilityElement(children: .ignore)
      .accessibilityLabel(row.accessibility)
      ForEach(row.actions, id: \.id) { action in
        Button {
          Task { await act(action) }
        } label: {
          // At least 56 points high: tired hands, and gloves.
          Text(action.label).frame(maxWidth: .infinity, minHeight: 56)
        }
        .buttonStyle(.borderedProminent)
        .tint(action.emphasis.color)
        .disabled(underWay.contains(action.id))
        .accessibilityLabel("\(action.label): \(row.title)")
      }
    }
    .padding(.vertical, 8)
  }
}

/// What is wrong and what to do about it, in the core's words.
struct FailureSection: View {
  let failure: HomelineError
  let again: () async -> Void

  var body: some View {
    Section {
      Text(failure.what).font(.headline)
      Text(failure.remedy)
      Text(failure.code).font(.caption).foregroundStyle(.secondary)
      if failure.retry != .never {
        Button {
          Task { await again() }
        } label: {
          Text("Try again").frame(maxWidth: .infinity, minHeight: 56)
        }
      }
    }
  }
}

extension Emphasis {
  /// Colours that the system adapts to dark mode and to increased contrast.
  var color: Color {
    switch self {
    case .plain: .accentColor
    case .quiet: .gray
    case .attention: .orange
    case .urgent: .red
    }
  }
}

// The part of SwiftUI that ShellUI uses, as signatures for type-checking on Linux. Nothing draws. Shapes follow
// https://developer.apple.com/documentation/swiftui; what Apple's types do not offer is not offered here either.

@_exported import Foundation
@_exported import Observation

@MainActor @preconcurrency public protocol View {
  associatedtype Body: View
  @ViewBuilder var body: Body { get }
}

extension Never: View {
  public var body: Never { fatalError("no view of this module has a body") }
}

/// Every view that is built in.
public protocol BuiltIn: View where Body == Never {}
extension BuiltIn {
  public var body: Never { fatalError("no view of this module has a body") }
}

extension Optional: View where Wrapped: View {
  public var body: Never { fatalError("no view of this module has a body") }
}

public struct EmptyView: BuiltIn { public init() {} }
public struct TupleView<each Content: View>: BuiltIn {}
public struct ConditionalView<First: View, Second: View>: BuiltIn {}
public struct ModifiedView: BuiltIn {}

@resultBuilder public enum ViewBuilder {
  @MainActor public static func buildBlock() -> EmptyView { EmptyView() }
  public static func buildBlock<Content: View>(_ content: Content) -> Content { content }
  @MainActor public static func buildBlock<each Content: View>(_ content: repeat each Content) -> TupleView<
    repeat each Content
  > { TupleView() }
  public static func buildExpression<Content: View>(_ content: Content) -> Content { content }
  public static func buildIf<Content: View>(_ content: Content?) -> Content? { content }
  @MainActor public static func buildEither<First: View, Second: View>(first: First) -> ConditionalView<First, Second> {
    ConditionalView()
  }
  @MainActor public static func buildEither<First: View, Second: View>(second: Second) -> ConditionalView<First, Second>
  {
    ConditionalView()
  }
}

@propertyWrapper public struct Binding<Value> {
  private let value: () -> Value
  public init(get: @escaping () -> Value, set: @escaping (Value) -> Void) { value = get }
  public var wrappedValue: Value {
    get { value() }
    nonmutating set {}
  }
  public var projectedValue: Binding<Value> { self }
  public static func constant(_ value: Value) -> Binding<Value> { Binding(get: { value }, set: { _ in }) }
}

@propertyWrapper public struct State<Value> {
  public var wrappedValue: Value
  public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
  public init(initialValue: Value) { wrappedValue = initialValue }
  public var projectedValue: Binding<Value> { .constant(wrappedValue) }
}

public struct LocalizedStringKey: ExpressibleByStringInterpolation {
  public init(stringLiteral value: String) {}
}

public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public struct Alignment: Sendable { public static let center = Alignment() }

public struct Edge {
  public struct Set: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let all = Set(rawValue: 15)
    public static let vertical = Set(rawValue: 5)
  }
}

public struct Font: Sendable {
  public static let headline = Font()
  public static let subheadline = Font()
  public static let footnote = Font()
  public static let caption = Font()
}

public protocol ShapeStyle: Sendable {}
// Colours are values: Apple's `Color` is a view that is not bound to the main actor.
public struct Color: ShapeStyle, BuiltIn {
  nonisolated init() {}
  nonisolated public static let red = Color()
  nonisolated public static let orange = Color()
  nonisolated public static let gray = Color()
  nonisolated public static let accentColor = Color()
}
public struct HierarchicalShapeStyle: ShapeStyle {}
extension ShapeStyle where Self == HierarchicalShapeStyle {
  public static var secondary: HierarchicalShapeStyle { HierarchicalShapeStyle() }
}

public struct Text: BuiltIn {
  public init(_ key: LocalizedStringKey) {}
  @_disfavoredOverload public init<Words: StringProtocol>(_ words: Words) {}
}

public struct ProgressView: BuiltIn { public init() {} }

public struct VStack<Content: View>: BuiltIn {
  public init(
    alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil, @ViewBuilder content: () -> Content
  ) {}
}
public struct NavigationStack<Root: View>: BuiltIn { public init(@ViewBuilder root: () -> Root) {} }
public struct List<Content: View>: BuiltIn { public init(@ViewBuilder content: () -> Content) {} }
public struct Section<Content: View>: BuiltIn {
  public init(@ViewBuilder content: () -> Content) {}
  @_disfavoredOverload public init<Words: StringProtocol>(_ title: Words, @ViewBuilder content: () -> Content) {}
}
public struct ForEach<Elements: RandomAccessCollection, ID: Hashable, Content: View>: BuiltIn {
  public init(
    _ elements: Elements, id: KeyPath<Elements.Element, ID>,
    @ViewBuilder content: @escaping (Elements.Element) -> Content
  ) {}
}

public struct Button<Label: View>: BuiltIn {
  public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
}
extension Button where Label == Text {
  public init(_ key: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
}

@MainActor public protocol PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle {}
extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle {
  public static var borderedProminent: BorderedProminentButtonStyle { BorderedProminentButtonStyle() }
}

public struct AccessibilityChildBehavior: Sendable { public static let ignore = AccessibilityChildBehavior() }

extension View {
  public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { ModifiedView() }
  public func accessibilityLabel(_ key: LocalizedStringKey) -> some View { ModifiedView() }
  @_disfavoredOverload public func accessibilityLabel<Words: StringProtocol>(_ label: Words) -> some View {
    ModifiedView()
  }
  public func alert<Actions: View, Message: View>(
    _ key: LocalizedStringKey, isPresented: Binding<Bool>, @ViewBuilder actions: () -> Actions,
    @ViewBuilder message: () -> Message
  ) -> some View { ModifiedView() }
  public func buttonStyle<Style: PrimitiveButtonStyle>(_ style: Style) -> some View { ModifiedView() }
  public func disabled(_ disabled: Bool) -> some View { ModifiedView() }
  public func font(_ font: Font?) -> some View { ModifiedView() }
  public func foregroundStyle<Style: ShapeStyle>(_ style: Style) -> some View { ModifiedView() }
  public func frame(
    minWidth: CGFloat? = nil, idealWidth: CGFloat? = nil, maxWidth: CGFloat? = nil, minHeight: CGFloat? = nil,
    idealHeight: CGFloat? = nil, maxHeight: CGFloat? = nil, alignment: Alignment = .center
  ) -> some View { ModifiedView() }
  @_disfavoredOverload public func navigationTitle<Words: StringProtocol>(_ title: Words) -> some View {
    ModifiedView()
  }
  public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { ModifiedView() }
  public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { ModifiedView() }
  public func task(
    priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void
  ) -> some View { ModifiedView() }
  public func tint(_ tint: Color?) -> some View { ModifiedView() }
}

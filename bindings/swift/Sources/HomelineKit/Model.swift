import HomelineGenerated

// The core's plain records under this module's name, so that an app imports one module. They are documented where they are
// made, in bindings/ffi.

public typealias Action = HomelineGenerated.Action
public typealias ActionInput = HomelineGenerated.ActionInput
public typealias Advice = HomelineGenerated.Advice
public typealias AdviceLevel = HomelineGenerated.AdviceLevel
public typealias Clock = HomelineGenerated.Clock
public typealias Config = HomelineGenerated.Config
public typealias Credentials = HomelineGenerated.Credentials
public typealias Emphasis = HomelineGenerated.Emphasis
public typealias ErrorKind = HomelineGenerated.ErrorKind
public typealias KeyProtection = HomelineGenerated.KeyProtection
public typealias KeyStore = HomelineGenerated.KeyStore
public typealias KeyStoreError = HomelineGenerated.KeyStoreError
public typealias Logged = HomelineGenerated.Logged
public typealias NewProfile = HomelineGenerated.NewProfile
public typealias PlanImported = HomelineGenerated.PlanImported
public typealias Platform = HomelineGenerated.Platform
public typealias PortError = HomelineGenerated.PortError
public typealias Retry = HomelineGenerated.Retry
public typealias Role = HomelineGenerated.Role
public typealias Row = HomelineGenerated.Row
public typealias Screen = HomelineGenerated.Screen
public typealias Section = HomelineGenerated.Section
public typealias TimelinePage = HomelineGenerated.TimelinePage
public typealias ZoneOffset = HomelineGenerated.ZoneOffset
public typealias ZoneRules = HomelineGenerated.ZoneRules
public typealias ZoneTable = HomelineGenerated.ZoneTable

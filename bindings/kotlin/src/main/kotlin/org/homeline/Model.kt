package org.homeline

/*
 * The core's plain records under this package's name, so that an app imports one package. They are documented where they are
 * made, in bindings/ffi.
 */

public typealias Action = org.homeline.ffi.Action
public typealias ActionInput = org.homeline.ffi.ActionInput
public typealias Advice = org.homeline.ffi.Advice
public typealias AdviceLevel = org.homeline.ffi.AdviceLevel
public typealias Clock = org.homeline.ffi.Clock
public typealias Config = org.homeline.ffi.Config
public typealias Emphasis = org.homeline.ffi.Emphasis
public typealias ErrorKind = org.homeline.ffi.ErrorKind
public typealias KeyProtection = org.homeline.ffi.KeyProtection
public typealias KeyStore = org.homeline.ffi.KeyStore
public typealias KeyStoreInvalidated = org.homeline.ffi.KeyStoreException.Invalidated
public typealias KeyStoreUnavailable = org.homeline.ffi.KeyStoreException.Unavailable
public typealias Logged = org.homeline.ffi.Logged
public typealias NewProfile = org.homeline.ffi.NewProfile
public typealias PlanImported = org.homeline.ffi.PlanImported
public typealias Platform = org.homeline.ffi.Platform
public typealias PortFailed = org.homeline.ffi.PortException.Failed
public typealias Retry = org.homeline.ffi.Retry
public typealias Role = org.homeline.ffi.Role
public typealias Row = org.homeline.ffi.Row
public typealias Screen = org.homeline.ffi.Screen
public typealias Section = org.homeline.ffi.Section
public typealias TimelinePage = org.homeline.ffi.TimelinePage
public typealias ZoneOffset = org.homeline.ffi.ZoneOffset
public typealias ZoneRules = org.homeline.ffi.ZoneRules
public typealias ZoneTable = org.homeline.ffi.ZoneTable

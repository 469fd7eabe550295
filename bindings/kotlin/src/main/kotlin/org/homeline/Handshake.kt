package org.homeline

import org.homeline.ffi.BuildInfo
import org.homeline.ffi.GENERATED_CONTRACT
import org.homeline.ffi.GENERATED_FOR
import org.homeline.ffi.buildInfo

private const val ONE_BUILD =
    "Install the app again. Who builds the app takes the library and the code beside it from one build of Homeline."

/**
 * Makes a call that needs no vault yet, so that it may be the first of all, once the library was found to be of the build that this
 * code was generated from. In another one the arguments are bytes in another order, and would be read as something else.
 */
internal suspend fun <T> first(call: suspend () -> T): T =
    calling {
        requireOneBuild(buildInfo())
        call()
    }

/** Refuses any library but the one that this code was generated from, before anything is handed to it. */
internal fun requireOneBuild(library: BuildInfo) {
    if (library.version == GENERATED_FOR && library.contract == GENERATED_CONTRACT) return
    throw Failure(
        "binding.other-library",
        "this app was put together from two builds of Homeline: its code is of $GENERATED_FOR ($GENERATED_CONTRACT), " +
            "its library of ${library.version} (${library.contract})",
        ONE_BUILD,
        Retry.NEVER,
    ).of(ErrorKind.INTERNAL)
}

/** The library does not load: it is not there, is for another processor, or lacks calls because it is of another build. */
internal fun noLibrary(thrown: LinkageError): HomelineException =
    Failure(
        "binding.no-library",
        "the library of Homeline does not load, or is of another build than the code beside it ($GENERATED_FOR)",
        ONE_BUILD,
        Retry.NEVER,
        cause = thrown,
    ).of(ErrorKind.INTERNAL)

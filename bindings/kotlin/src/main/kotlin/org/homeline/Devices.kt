package org.homeline

import org.homeline.ffi.Homeline as Core

/** Thermometers, cuffs, oximeters and scales over the radio: what they measured becomes entries, once each. */
public class Devices internal constructor(
    private val core: Core,
) {
    /**
     * Adds a device and looks for it. [withoutScreen] says that it can show no code, so that its link cannot be proven: the device is then
     * marked for good. Answers with its link.
     *
     * `BAD_INPUT` (16 devices are the most), `PLATFORM` (no radio).
     */
    public suspend fun add(
        kind: VitalDeviceKind,
        withoutScreen: Boolean = false,
    ): String = writing { core.addVitalDevice(kind, withoutScreen) }

    /**
     * Says under which number, 0 to 255, a shared device knows the patient; its readings of others are dropped. Until it is said, a device
     * that tells persons apart gives nothing.
     */
    public suspend fun setUser(
        link: String,
        user: Int?,
    ): Unit = writing { core.setVitalDeviceUser(link, user?.toUInt()) }

    /** Forgets a device. What it measured stays. */
    public suspend fun remove(link: String): Unit = writing { core.removeVitalDevice(link) }

    /** Listens to all devices that were added. */
    public suspend fun listen(): Unit = writing { core.listenToVitalDevices() }

    /** Pairs a device again, after its pairing was lost or refused. */
    public suspend fun pairAgain(link: String): Unit = writing { core.pairVitalDeviceAgain(link) }

    /** When each session wants to hear [RadioEvent.Tick]. */
    public suspend fun wakeAt(): List<WakeAt> = calling { core.vitalDevicesWakeAt() }

    /** The devices, and how their links are. */
    public suspend fun list(): List<VitalDevice> = calling { core.vitalDevices() }

    /** The devices as a screen. */
    public suspend fun screen(): Screen = calling { core.vitalDevicesScreen() }
}

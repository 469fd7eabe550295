package android.bluetooth;

/** A type of SDK 36 that a signature of Robolectric 4.17 names; the framework of SDK 35 does not have it. */
public final class BluetoothDevice$BluetoothAddress {}

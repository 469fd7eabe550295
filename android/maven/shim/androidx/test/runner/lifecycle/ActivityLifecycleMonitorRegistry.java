package androidx.test.runner.lifecycle;

/** Where Robolectric leaves its monitor. */
public final class ActivityLifecycleMonitorRegistry {
  private static ActivityLifecycleMonitor monitor;

  private ActivityLifecycleMonitorRegistry() {}

  public static void registerInstance(ActivityLifecycleMonitor newMonitor) {
    monitor = newMonitor;
  }

  public static ActivityLifecycleMonitor getInstance() {
    return monitor;
  }
}

package androidx.test.runner.intent;

/** Takes the monitor that nobody asks for. */
public final class IntentMonitorRegistry {
  private IntentMonitorRegistry() {}

  public static void registerInstance(IntentMonitor monitor) {}
}

package androidx.test.runner.intent;

/** No test here stubs intents. */
public final class IntentStubberRegistry {
  private IntentStubberRegistry() {}

  public static boolean isLoaded() {
    return false;
  }

  public static IntentStubber getInstance() {
    throw new IllegalStateException("no intent stubber is loaded");
  }
}

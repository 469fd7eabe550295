package androidx.test.runner.intent;

import android.app.Instrumentation;
import android.content.Intent;

/** Answers an intent in a test's stead. */
public interface IntentStubber {
  Instrumentation.ActivityResult getActivityResultForIntent(Intent intent);
}

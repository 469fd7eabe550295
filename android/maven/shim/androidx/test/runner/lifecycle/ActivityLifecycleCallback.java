package androidx.test.runner.lifecycle;

import android.app.Activity;

/** Hears of one activity's change. */
public interface ActivityLifecycleCallback {
  void onActivityLifecycleChanged(Activity activity, Stage stage);
}

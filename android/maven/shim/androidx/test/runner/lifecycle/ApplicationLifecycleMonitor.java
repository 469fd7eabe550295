package androidx.test.runner.lifecycle;

/** Hears how far the application is. */
public interface ApplicationLifecycleMonitor {}

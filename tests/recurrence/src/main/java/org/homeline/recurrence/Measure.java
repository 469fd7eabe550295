package org.homeline.recurrence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TimeZone;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.InvalidRecurrenceRuleException;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recur.RecurrenceRuleIterator;

/** lib-recur as a peer: a line asks for a case and how often, the answer is nanoseconds and the sum of all starts. */
public final class Measure {
    private static final TimeZone NEW_YORK = TimeZone.getTimeZone("America/New_York");
    private static final long NOW = Instant.parse("2026-11-23T17:00:00Z").toEpochMilli();
    private static final String OLD = "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0";

    private final RecurrenceRule eightHours = rule("FREQ=HOURLY;INTERVAL=8;COUNT=1095");
    private final RecurrenceRule threeTimes = rule("FREQ=DAILY;BYHOUR=6,14,22;BYMINUTE=0;BYSECOND=0;COUNT=1095");
    private final RecurrenceRule old = rule(OLD);

    private static RecurrenceRule rule(String text) {
        try {
            return new RecurrenceRule(text);
        } catch (InvalidRecurrenceRuleException fault) {
            throw new IllegalArgumentException(text, fault);
        }
    }

    private static long sum(RecurrenceRule rule, TimeZone zone) {
        RecurrenceRuleIterator instances = rule.iterator(new DateTime(zone, 2026, 0, 1, 6, 0, 0));
        long sum = 0;
        while (instances.hasNext()) {
            sum += instances.nextMillis() / 1000;
        }
        return sum;
    }

    private static long next(RecurrenceRule rule) {
        RecurrenceRuleIterator instances = rule.iterator(new DateTime(NEW_YORK, 2016, 10, 27, 8, 0, 0));
        instances.fastForward(NOW + 1000);
        return instances.nextMillis() / 1000;
    }

    private long one(String name) {
        return switch (name) {
            case "eight-hours" -> sum(eightHours, DateTime.UTC);
            case "three-times-a-day" -> sum(threeTimes, NEW_YORK);
            case "next" -> next(old);
            case "next-from-the-order" -> next(rule(OLD));
            default -> throw new IllegalArgumentException(name);
        };
    }

    public static void main(String[] arguments) throws IOException {
        Measure peer = new Measure();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            long answer = 0;
            long begun = System.nanoTime();
            for (int i = Integer.parseInt(words[1]); i > 0; i--) {
                answer = peer.one(words[0]);
            }
            System.out.println((System.nanoTime() - begun) + " " + answer);
        }
    }
}

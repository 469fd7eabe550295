package org.homeline.recurrence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.InvalidRecurrenceRuleException;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recur.RecurrenceRuleIterator;

/**
 * Expands rules. One line of standard input is {@code START END RULE} (local times, {@code 20261123T080000}); one line of
 * standard output is its instances before END, in order, separated by blanks.
 */
public final class Expand {
    private Expand() {}

    public static void main(String[] arguments) throws IOException, InvalidRecurrenceRuleException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            DateTime end = DateTime.parse(words[1]);
            RecurrenceRuleIterator instances = new RecurrenceRule(words[2]).iterator(DateTime.parse(words[0]));
            StringBuilder answer = new StringBuilder();
            while (instances.hasNext()) {
                DateTime instance = instances.nextDateTime();
                if (!instance.before(end)) {
                    break;
                }
                answer.append(answer.length() == 0 ? "" : " ").append(instance);
            }
            System.out.println(answer);
        }
    }
}

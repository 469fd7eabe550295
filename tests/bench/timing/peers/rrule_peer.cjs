// rrule.js as a peer: a line asks for a case and how often, the answer is nanoseconds and the sum of all starts.
const { RRule, rrulestr } = require("rrule");
const readline = require("node:readline");

const NEW_YORK = "America/New_York";
const NOW = new Date(Date.UTC(2026, 10, 23, 17));
const OLD = "DTSTART;TZID=America/New_York:20161127T080000\nRRULE:FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0;BYSECOND=0";

const daily = { freq: RRule.DAILY, byminute: [0], bysecond: [0], tzid: NEW_YORK };
// `cache: true` would answer the second time from memory, and nobody else does.
const rule = (options) => new RRule(options, true);
const eightHours = rule({ freq: RRule.HOURLY, interval: 8, count: 1095, dtstart: new Date(Date.UTC(2026, 0, 1, 6)) });
const threeTimes = rule({ ...daily, byhour: [6, 14, 22], count: 1095, dtstart: new Date(Date.UTC(2026, 0, 1, 6)) });
const next = rule({ ...daily, byhour: [8, 20], dtstart: new Date(Date.UTC(2016, 10, 27, 8)) });

const sum = (dates) => dates.reduce((all, at) => all + at.getTime() / 1000, 0);
const cases = {
  "eight-hours": () => sum(eightHours.all()),
  "three-times-a-day": () => sum(threeTimes.all()),
  next: () => next.after(NOW).getTime() / 1000,
  "next-from-the-order": () => rrulestr(OLD, { cache: false }).after(NOW).getTime() / 1000,
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [name, repeats] = line.split(" ");
  let answer = 0;
  const begun = process.hrtime.bigint();
  for (let i = 0; i < Number(repeats); i++) answer = cases[name]();
  process.stdout.write(`${process.hrtime.bigint() - begun} ${answer}\n`);
});

const dayMs = 86_400_000;
const names = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/**
 * The UTC day of a time in milliseconds since the epoch, as `2026-11-05`. By arithmetic on the proleptic Gregorian calendar,
 * whose pattern repeats every 400 years of 146,097 days: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
 */
export function utcDay(atMs: number): string {
  // Counted from 1 March of year 0, so that the leap day ends a year.
  const days = Math.floor(atMs / dayMs) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** The UTC calendar month of a time in milliseconds since the epoch, as `2026-11`. */
export function utcMonth(atMs: number): string {
  return utcDay(atMs).slice(0, 7);
}

/** The month and those before it, newest first: `count` of them, all as `2026-11`. */
export function monthsUpTo(month: string, count: number): readonly string[] {
  const last = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
  return Array.from({ length: count }, (_, back) => {
    const index = last - back;
    return `${String(Math.floor(index / 12)).padStart(4, "0")}-${two((index % 12) + 1)}`;
  });
}

/** A month as people say it: `November 2026`. */
export function monthName(month: string): string {
  return `${names[Number(month.slice(5, 7)) - 1] ?? month} ${month.slice(0, 4)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

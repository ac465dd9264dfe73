import { instant, type Instant } from './time.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/**
 * `2026-01-31T23:59:59Z`: UTC, cut to whole seconds, as Kubernetes stores times. Years 0 to 9999.
 * The calendar is computed here (days to civil date in the proleptic Gregorian calendar) because the domain has no `Date`.
 */
export function rfc3339(at: Instant): string {
  const total = Math.floor(at / 1000);
  const days = Math.floor(total / 86_400);
  const rest = total - days * 86_400;
  // Years are counted from 1 March, so that the leap day is the last one; 400 years are one era of 146097 days.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`;
}

/** Reads what `rfc3339` writes. Undefined for any other form, and for dates that no calendar has. */
export function parseRfc3339(text: string): Instant | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  // The same calendar, the other way round.
  const shiftedYear = month > 2 ? year : year - 1;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  const at = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000;
  return rfc3339(instant(at)) === text ? instant(at) : undefined;
}

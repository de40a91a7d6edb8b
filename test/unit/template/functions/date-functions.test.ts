import { describe, expect, it } from 'vitest';
import { createGoTemplates } from '../../../../src/template/engine.ts';
import { SecretValue } from '../../../../src/secret-value.ts';
import { DATE_FUNCTIONS } from '../../../../src/template/functions/date-functions.ts';

const NOW = new Date('2026-03-29T00:59:59.250Z');

const templates = createGoTemplates({ functions: DATE_FUNCTIONS, now: () => NOW });

function render(template: string): string {
  return templates.render('test', template, new Map([['s', SecretValue.fromText('hunter2')]])).exposeText();
}

// What each gives was seen from Go.
describe('dates in templates', () => {
  it.each<[template: string, expected: string]>([
    ['{{ date "2006-01-02 15:04:05 MST -0700" 1700000000 }}', '2023-11-14 22:13:20 UTC +0000'],
    ['{{ date "2006-01-02 06" -70000000000 }}', '-0249-10-15 49'],
    ['{{ date "2006" 253402300800 }}', '10000'],
    ['{{ date "Jan Mon January Monday 2 _2 02 __2 002" 1709216645 }}', 'Feb Thu February Thursday 29 29 29  60 060'],
    ['{{ date "3:04:05PM pm 03 15 1/06" 3723 }}', '1:02:03AM am 01 01 1/70'],
    ['{{ date "Jane Monk _2006 .000 ,999 5.000 .0001" 0 }}', 'Jane Monk _1970 .000  0.000 .0001'],
    ['{{ htmlDate 1700000000 }}', '2023-11-14'],
    ['{{ htmlDateInZone 1700000000 "Asia/Tokyo" }}', '2023-11-15'],
    ['{{ dateInZone "15:04 MST -07:00 Z07:00" 1700000000 "Europe/Berlin" }}', '23:13 CET +01:00 +01:00'],
    ['{{ dateInZone "15:04 MST -07 Z0700 -070000" 1720000000 "America/New_York" }}', '05:46 EDT -04 -0400 -040000'],
    ['{{ dateInZone "MST" 1720000000 "Asia/Tokyo" }}', 'JST'],
    ['{{ dateInZone "MST" 1720000000 "Europe/Dublin" }}', 'IST'],
    ['{{ dateInZone "MST" -903153007 "America/New_York" }}', 'EDT'],
    ['{{ dateInZone "MST" 1705000000 "Asia/Dubai" }}', '+04'],
    ['{{ dateInZone "MST" 1705000000 "europe/berlin" }}', 'UTC'],
    ['{{ dateInZone "MST" 1705000000 "+01:00" }}', 'UTC'],
  ])('renders %s as %s', (template, expected) => {
    const text = render(template);

    expect(text).toBe(expected);
  });

  it.each<[template: string, expected: string]>([
    ['{{ toDate "2006-01-02" "2024-02-29" }}', '2024-02-29 00:00:00 +0000 UTC'],
    ['{{ toDate "2006-01-02" "2024-02-30" }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ toDate "2006-01-02T15:04:05Z07:00" "2024-02-29T10:11:12.5+02:00" }}', '2024-02-29 10:11:12.5 +0200 +0200'],
    ['{{ toDate "Mon, 02 Jan 2006 15:04 MST" "thu, 29 FEB 2024 10:11 CET" }}', '2024-02-29 10:11:00 +0000 CET'],
    ['{{ toDate "02 Jan 06 15:04 MST" "29 Feb 24 10:11 GMT+3" }}', '2024-02-29 13:11:00 +0300 GMT+3'],
    ['{{ toDate "2006 002" "2024 060" }}', '2024-02-29 00:00:00 +0000 UTC'],
    ['{{ toDate "2006 002" "2023 366" }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ toDate "3:04PM" "12:04AM" }}', '0000-01-01 00:04:00 +0000 UTC'],
    ['{{ toDate "15:04:05.000" "01:02:03.45" }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ (toDate "2006" "x").IsZero }}', 'true'],
    ['{{ with toDate "2006-01-02" "2024-05-06" }}{{ .Year }} {{ .Month }} {{ .Weekday }}{{ end }}', '2024 May Monday'],
    ['{{ toDate "2006-01-02" "2024-05-06" | unixEpoch }}', '1714953600'],
    ['{{ toDate "2006-01-02" "2024-05-06" | dateModify "-1.5h" | date "15:04" }}', '22:30'],
    ['{{ toDate "2006-01-02" "2024-05-06" | date_modify "bogus" | date "15:04" }}', '00:00'],
    ['{{ toDate "2006-01-02" "2024-05-06" | mustDateModify "1h30m" | date "15:04" }}', '01:30'],
  ])('reads a date: %s gives %s', (template, expected) => {
    const text = render(template);

    expect(text).toBe(expected);
  });

  it.each<[template: string, expected: string]>([
    ['{{ now }}', '2026-03-29 00:59:59.25 +0000 UTC'],
    ['{{ dateInZone "15:04 MST" now "Europe/Berlin" }}', '01:59 CET'],
    ['{{ now | dateModify "1s" | date "05" }}', '00'],
    ['{{ date "2006" "no date" }}', '2026'],
    ['{{ ago 1774745990 }}', '9s'],
    ['{{ ago (now | dateModify "-90m") }}', '1h30m0s'],
    ['{{ durationRound (now | dateModify "-49h") }}', '2d'],
  ])('takes the moment of the evaluation: %s gives %s', (template, expected) => {
    const text = render(template);

    expect(text).toBe(expected);
  });

  it.each<[template: string, expected: string]>([
    ['{{ duration "90" }} {{ duration 90 }} {{ duration "-5" }} {{ duration "x" }}', '1m30s 0s -5s 0s'],
    ['{{ duration "9999999999999999999" }}', '-1s'],
    ['{{ durationRound "2h10m5s" }} {{ durationRound "-400h" }} {{ durationRound "1h" }}', '2h 16d 60m'],
    ['{{ durationRound "800h" }} {{ durationRound "10000h" }} {{ durationRound "bad" }}', '1mo 1y 0s'],
  ])('names a duration: %s gives %s', (template, expected) => {
    const text = render(template);

    expect(text).toBe(expected);
  });

  it.each([
    ['{{ mustToDate "2006" .s }}', 'invalid date'],
    ['{{ mustDateModify .s now }}', 'invalid duration'],
    ['{{ unixEpoch .s }}', 'expected time.Time'],
  ])('refuses %s without repeating the value', (template, message) => {
    const attempt = () => render(template);

    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow('hunter2');
  });

  it('bounds what dates cost', () => {
    const dates = Array.from({ length: 200 }, () => `{{ date "${'2006'.repeat(5000)}" 0 }}`);

    expect(() => render(dates.join(''))).toThrow(/too many steps|longer than|more than/);
  });
});

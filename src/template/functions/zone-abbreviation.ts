/** What the time zone database calls these, where Intl knows no letters in English: standard time, then summer time. */
const NAMES: Readonly<Record<string, readonly [string, string?]>> = {
  'America/Adak': ['HST', 'HDT'],
  'America/Dawson': ['MST'],
  'America/Havana': ['CST', 'CDT'],
  'America/Hermosillo': ['MST'],
  'America/Mazatlan': ['MST'],
  'America/St_Johns': ['NST', 'NDT'],
  'America/Whitehorse': ['MST'],
  'Asia/Calcutta': ['IST'],
  'Asia/Hong_Kong': ['HKT'],
  'Asia/Jakarta': ['WIB'],
  'Asia/Jayapura': ['WIT'],
  'Asia/Jerusalem': ['IST', 'IDT'],
  'Asia/Karachi': ['PKT'],
  'Asia/Kolkata': ['IST'],
  'Asia/Macau': ['CST'],
  'Asia/Makassar': ['WITA'],
  'Asia/Manila': ['PST'],
  'Asia/Pontianak': ['WIB'],
  'Asia/Pyongyang': ['KST'],
  'Asia/Seoul': ['KST'],
  'Asia/Shanghai': ['CST'],
  'Asia/Taipei': ['CST'],
  'Asia/Tokyo': ['JST'],
  'Europe/Dublin': ['GMT', 'IST'],
  'Europe/Guernsey': ['GMT', 'BST'],
  'Europe/Isle_of_Man': ['GMT', 'BST'],
  'Europe/Jersey': ['GMT', 'BST'],
  'Europe/Kirov': ['MSK'],
  'Europe/Moscow': ['MSK'],
  'Europe/Simferopol': ['MSK'],
  'Europe/Volgograd': ['MSK'],
  'Pacific/Guam': ['ChST'],
  'Pacific/Midway': ['SST'],
  'Pacific/Pago_Pago': ['SST'],
  'Pacific/Saipan': ['ChST'],
};

/** Zones of which Intl knows letters and the database has none. */
const NAMELESS =
  /^(?:America\/Miquelon|Antarctica\/(?:Casey|Troll)|Asia\/(?:Colombo|Dubai|Muscat)|Australia\/(?:Eucla|Lord_Howe)|Pacific\/Chatham)$/;

const LOCALES: readonly string[] = ['en-US', 'en-GB', 'en-AU', 'en-ZA'];

/**
 * A zone's abbreviation, such as `CEST`, at a moment at which it is so many seconds east of UTC; `+04` where it has none.
 * Intl tells each only in the language of those who use it.
 */
export function abbreviate(timeZone: string, date: Date, seconds: number): string {
  const names = Object.hasOwn(NAMES, timeZone) ? NAMES[timeZone] : undefined;
  if (names?.[1] === undefined && names !== undefined) return names[0];
  if (names?.[1] !== undefined) return isSummer(timeZone, date, seconds) ? names[1] : names[0];
  if (!NAMELESS.test(timeZone)) {
    for (const moment of momentsLike(timeZone, date, seconds)) {
      const spoken = LOCALES.map((locale) => shortName(locale, timeZone, moment));
      const name = spoken.find((one) => !/^(?:GMT|UTC)[-+]/.test(one));
      if (name !== undefined) return timeZone === 'GMT' ? 'GMT' : name;
    }
  }
  return formatOffset(seconds);
}

/** Intl knows no letters for what was before 1970: those of the same offset in later years are the same. */
function momentsLike(timeZone: string, date: Date, seconds: number): readonly Date[] {
  if (date.getTime() >= 0) return [date];
  const later = [new Date(Date.UTC(2000, 0, 1)), new Date(Date.UTC(2000, 6, 1))];
  return later.filter((moment) => offsetSeconds(timeZone, moment) === seconds);
}

function isSummer(timeZone: string, date: Date, seconds: number): boolean {
  const january = new Date(Date.UTC(date.getUTCFullYear(), 0, 1));
  return seconds > offsetSeconds(timeZone, january);
}

function shortName(locale: string, timeZone: string, date: Date): string {
  return zonePart(new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }), date);
}

/** Seconds east of UTC. */
export function offsetSeconds(timeZone: string, date: Date): number {
  const text = zonePart(new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }), date);
  const [, sign = '', hours = '0', minutes = '0', seconds = '0'] =
    /^GMT([-+])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -size : size;
}

function zonePart(format: Intl.DateTimeFormat, date: Date): string {
  return format.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function formatOffset(seconds: number): string {
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${String(Math.trunc(minutes / 60)).padStart(2, '0')}${rest}`;
}

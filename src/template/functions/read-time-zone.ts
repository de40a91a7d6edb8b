import type { TimeFields } from './time-fields.ts';

/** Reads `-07:00` and its forms. */
export function readOffset(element: string, text: string, fields: TimeFields): string | undefined {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    fields.isUtc = true;
    return text.slice(1);
  }
  const colon = element.includes(':') ? ':' : '';
  const count = (element.replaceAll(':', '').length - 1) / 2;
  const found = new RegExp(`^([-+])([0-9]{2})${`${colon}([0-9]{2})`.repeat(count - 1)}`).exec(text);
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = found ?? [];
  // Go lets 24 hours and 60 minutes pass.
  if (whole === undefined || Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) return undefined;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  fields.offset = sign === '-' ? -size : size;
  return text.slice(whole.length);
}

/** Three to five capital letters, or an offset in place of them. */
const NAME = /^(?:ChST|MeST|GMT|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])|WITA(?![A-Z])|[A-Z]{3}(?![A-Z]))/;

export function readZoneName(text: string, fields: TimeFields): string | undefined {
  if (text.startsWith('UTC')) {
    fields.isUtc = true;
    return text.slice(3);
  }
  const word = NAME.exec(text)?.[0] ?? '';
  const offset = word === '' || word === 'GMT' ? signedHours(text.slice(word.length)) : '';
  const name = word + offset;
  if (name === '') return undefined;
  fields.zoneName = name;
  return text.slice(name.length);
}

function signedHours(text: string): string {
  const found = /^[-+][0-9]+/.exec(text)?.[0] ?? '';
  return found !== '' && Number(found.slice(1)) <= 23 ? found : '';
}

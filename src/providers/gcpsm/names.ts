import { LatchkeyError } from '../../errors.ts';
import type { GcpsmSettings } from './settings.ts';

type Place = Pick<GcpsmSettings, 'project' | 'location'>;

const SECRET = /^[A-Za-z0-9_-]{1,255}$/;
/** A number, or an alias that somebody gave to one. */
const VERSION = /^(?:[1-9]\d{0,9}|[A-Za-z][A-Za-z0-9_-]{0,62})$/;

export function parentName({ project, location }: Place): string {
  return location === undefined ? `projects/${project}` : `projects/${project}/locations/${location}`;
}

/** Throws REF_INVALID for what is no secret's name. */
export function secretName(key: string, place: Place): string {
  if (SECRET.test(key)) return `${parentName(place)}/secrets/${key}`;
  throw new LatchkeyError('REF_INVALID', `the key ${JSON.stringify(key)} is no name of a secret`, {
    hint: 'Write the name alone, letters, digits, "-" and "_"; the store names the project and the location',
  });
}

/** Throws REF_INVALID for what is no version either. */
export function versionName(key: string, version: string, place: Place): string {
  const secret = secretName(key, place);
  if (VERSION.test(version)) return `${secret}/versions/${version}`;
  throw new LatchkeyError('REF_INVALID', `${JSON.stringify(version)} is no version of a secret`, {
    hint: 'Write a number from 1, an alias, or leave the version out for the latest',
  });
}

/** The last part of a resource name that Google gave; it writes the project's number where we wrote its id. */
export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

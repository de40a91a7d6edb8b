import { compare, parse, type SemVer } from 'semver';
import { GoInt, GoStruct, type GoValue } from '../value.ts';

/** A version as the package Masterminds/semver has it. */
export interface Version {
  readonly parsed: SemVer;
  readonly original: string;
}

const IDENTIFIERS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const LOOSE = new RegExp(
  `^v?(?<major>[0-9]{1,15})(?:\\.(?<minor>[0-9]{1,15}))?(?:\\.(?<patch>[0-9]{1,15}))?(?<tail>(?:-${IDENTIFIERS})?(?:\\+${IDENTIFIERS})?)$`,
);
const MAX_LENGTH = 256;

/** Reads `v1.2` and the like; what is missing is zero. `undefined` for what is no version. */
export function parseVersion(text: string): Version | undefined {
  const { major, minor, patch, tail } = (text.length > MAX_LENGTH ? null : LOOSE.exec(text))?.groups ?? {};
  if (major === undefined) return undefined;
  const parsed = parse([major, minor, patch].map((part) => String(Number(part ?? 0))).join('.') + (tail ?? ''));
  return parsed === null ? undefined : { parsed, original: text };
}

/** Build metadata does not count. */
export function compareVersions(one: Version, other: Version): -1 | 0 | 1 {
  return compare(one.parsed, other.parsed);
}

export function isPrerelease({ parsed }: Version): boolean {
  return parsed.prerelease.length > 0;
}

/** A *semver.Version as templates see it. */
export function versionValue(version: Version): GoStruct {
  const { major, minor, patch, prerelease, build } = version.parsed;
  return new GoStruct('*semver.Version', {
    text: textOf(version),
    native: version,
    methods: [
      ['String', () => textOf(version)],
      ['Original', () => version.original],
      ['Major', () => new GoInt(major, 'uint64')],
      ['Minor', () => new GoInt(minor, 'uint64')],
      ['Patch', () => new GoInt(patch, 'uint64')],
      ['Prerelease', () => prerelease.join('.')],
      ['Metadata', () => build.join('.')],
      ['IncMajor', () => increased(version, [major + 1, 0, 0])],
      ['IncMinor', () => increased(version, [major, minor + 1, 0])],
      // A prerelease comes before the patch that it is of.
      ['IncPatch', () => increased(version, [major, minor, prerelease.length > 0 ? patch : patch + 1])],
      ['Compare', ([other]) => new GoInt(comparison(version, other))],
      ['Equal', ([other]) => comparison(version, other) === 0],
      ['LessThan', ([other]) => comparison(version, other) < 0],
      ['GreaterThan', ([other]) => comparison(version, other) > 0],
    ],
  });
}

function textOf({ parsed }: Version): string {
  const build = parsed.build.length > 0 ? `+${parsed.build.join('.')}` : '';
  return parsed.version + build;
}

function increased({ original }: Version, parts: readonly number[]): GoValue {
  const next = parseVersion((original.startsWith('v') ? 'v' : '') + parts.join('.'));
  return next === undefined ? null : versionValue(next);
}

/** Anything else than a version is after it. */
function comparison(version: Version, other: GoValue | undefined): number {
  const native = other instanceof GoStruct ? other.native : undefined;
  return isVersion(native) ? compareVersions(version, native) : -1;
}

function isVersion(native: unknown): native is Version {
  return typeof native === 'object' && native !== null && 'parsed' in native;
}

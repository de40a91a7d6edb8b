import { RE2JS } from 're2js';
import { compareVersions, isPrerelease, parseVersion, type Version } from './semver-version.ts';

// The constraints of Masterminds/semver: `>=1.2, <2 || ~3.1`. They are not npm's: a comma or a space is an "and", `1.2` is
// a range, and prereleases count only where the constraint names one.

const NUMBER = String.raw`[0-9|x|X|\*]+`;
const IDENTIFIERS = String.raw`[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*`;
const PARTIAL = String.raw`v?${NUMBER}(?:\.${NUMBER})?(?:\.${NUMBER})?(?:-${IDENTIFIERS})?(?:\+${IDENTIFIERS})?`;
const OPERATOR = String.raw`=||!=|>|<|>=|=>|<=|=<|~|~>|\^`;
const ONE = String.raw`(?:${OPERATOR})\s*(?:${PARTIAL})`;

// In linear time: spaces could be divided in many ways.
const RANGE = RE2JS.compile(String.raw`\s*(${PARTIAL})\s+-\s+(${PARTIAL})\s*`);
const VALID = RE2JS.compile(String.raw`^\s*${ONE}\s*(?:(?:\s+|,\s*)${ONE}\s*)*$`);
const EACH = RE2JS.compile(ONE);
const PARTS =
  /^(?<operator>[=!<>~^]*)\s*(?<whole>v?(?<major>[0-9|xX*]+)(?<minor>\.[0-9|xX*]+)?(?<patch>\.[0-9|xX*]+)?(?<prerelease>-[0-9A-Za-z\-.]+)?(?:\+.*)?)$/;

const MAX_LENGTH = 1000;

interface Constraint {
  readonly operator: string;
  readonly version: Version;
  /** Something was left out, or is an x: from which place on. */
  readonly open: 'major' | 'minor' | 'patch' | undefined;
}

/** Whether a version fits; `undefined` for what is no constraint. */
export function compileConstraint(text: string): ((version: Version) => boolean) | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const alternatives = rewriteRanges(text).split('||').map(parseAll);
  const known = alternatives.filter((constraints) => constraints !== undefined);
  if (known.length < alternatives.length) return undefined;
  return (version) => known.some((constraints) => fitsAll(version, constraints));
}

/** `1.2 - 2.3` is `>= 1.2, <= 2.3`. */
function rewriteRanges(text: string): string {
  let rewritten = text;
  const matcher = RANGE.matcher(text);
  while (matcher.find()) {
    rewritten = rewritten.replace(
      matcher.group() ?? '',
      () => `>= ${matcher.group(1) ?? ''}, <= ${matcher.group(2) ?? ''} `,
    );
  }
  return rewritten;
}

function parseAll(text: string): readonly Constraint[] | undefined {
  if (!VALID.matcher(text).find()) return undefined;
  const constraints: Constraint[] = [];
  const matcher = EACH.matcher(text);
  while (matcher.find()) {
    const constraint = parseOne(matcher.group() ?? '');
    if (constraint === undefined) return undefined;
    constraints.push(constraint);
  }
  return constraints;
}

function parseOne(text: string): Constraint | undefined {
  const { operator = '', whole = '', major = '', minor, patch, prerelease = '' } = PARTS.exec(text)?.groups ?? {};
  const open = isOpen(major) ? 'major' : isOpen(minor) ? 'minor' : isOpen(patch) ? 'patch' : undefined;
  const spelled = {
    major: `0.0.0${prerelease}`,
    minor: `${major}.0.0${prerelease}`,
    patch: `${major}${minor ?? ''}.0${prerelease}`,
  };
  const version = parseVersion(open === undefined ? whole : spelled[open]);
  return version && { operator, version, open };
}

function isOpen(part: string | undefined): boolean {
  return part === undefined || /^\.?[xX*]$/.test(part);
}

function fitsAll(version: Version, constraints: readonly Constraint[]): boolean {
  const takesPrereleases = constraints.some((constraint) => isPrerelease(constraint.version));
  if (isPrerelease(version) && !takesPrereleases) return false;
  return constraints.every((constraint) => fits(version, constraint));
}

function fits(version: Version, constraint: Constraint): boolean {
  const order = compareVersions(version, constraint.version);
  switch (constraint.operator) {
    case '':
    case '=':
      return constraint.open === undefined ? order === 0 : fitsTilde(version, constraint, order);
    case '!=':
      return fitsOther(version, constraint, order);
    case '>':
      return fitsGreater(version, constraint, order);
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      return fitsAtMost(version, constraint, order);
    case '^':
      return fitsCaret(version, constraint, order);
    default:
      return fitsTilde(version, constraint, order);
  }
}

function fitsOther({ parsed }: Version, { version, open }: Constraint, order: number): boolean {
  if (open === undefined) return order !== 0;
  if (parsed.major !== version.parsed.major) return true;
  if (open === 'minor') return false;
  if (parsed.minor !== version.parsed.minor) return true;
  if (open === 'major') return parsed.patch !== version.parsed.patch || order !== 0;
  return parsed.prerelease.join('.') !== version.parsed.prerelease.join('.');
}

function fitsGreater({ parsed }: Version, { version, open }: Constraint, order: number): boolean {
  if (open === undefined) return order > 0;
  if (parsed.major !== version.parsed.major) return parsed.major > version.parsed.major;
  if (open === 'minor') return false;
  return open === 'patch' ? parsed.minor > version.parsed.minor : order > 0;
}

function fitsAtMost({ parsed }: Version, { version, open }: Constraint, order: number): boolean {
  if (open === undefined) return order <= 0;
  if (parsed.major !== version.parsed.major) return parsed.major < version.parsed.major;
  return open === 'minor' || parsed.minor <= version.parsed.minor;
}

/** The same minor version; the same major one where no minor is named; `~0.0.0` is anything. */
function fitsTilde({ parsed }: Version, { version, open }: Constraint, order: number): boolean {
  if (order < 0) return false;
  const { major, minor, patch } = version.parsed;
  if (major === 0 && minor === 0 && patch === 0 && open !== 'minor' && open !== 'patch') return true;
  return parsed.major === major && (parsed.minor === minor || open === 'minor');
}

/** The first number that is not zero stays. */
function fitsCaret({ parsed }: Version, { version, open }: Constraint, order: number): boolean {
  if (order < 0) return false;
  const { major, minor, patch } = version.parsed;
  if (major > 0 || open === 'minor') return parsed.major === major;
  if (parsed.major > 0) return false;
  if (minor > 0 || open === 'patch') return parsed.minor === minor;
  return parsed.minor === 0 && parsed.patch === patch;
}

/**
 * A Go value as a template sees it.
 * - `null` is Go's nil; it prints as `<no value>`
 * - a JS `number` is a float64, whole ones too; integers are GoInt
 * - a JS string is a Go string: one character a byte (byte-string.ts), so that binary survives and `len` counts bytes
 */
export type GoValue = null | boolean | number | string | GoInt | GoList | GoMap | GoStruct;

export type IntKind = 'int' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint' | 'uint8' | 'uint16' | 'uint32' | 'uint64';

/** An integer with Go's kind, which `typeOf`, `%T` and type errors show. The value is already wrapped into its range. */
export class GoInt {
  readonly kind: IntKind;
  readonly value: bigint;

  constructor(value: bigint | number, kind: IntKind = 'int') {
    this.kind = kind;
    this.value = kind.startsWith('u')
      ? BigInt.asUintN(bitsOf(kind), BigInt(value))
      : BigInt.asIntN(bitsOf(kind), BigInt(value));
  }
}

/** A slice. `elem` is Go's element type: `interface {}`, `string`, `int`, `uint8`. */
export class GoList {
  readonly elem: string;
  readonly items: readonly GoValue[];
  /** Go's nil of this type. It is as good as an empty one, but null in JSON. */
  readonly isNil: boolean;

  constructor(items: readonly GoValue[], elem = 'interface {}', isNil = false) {
    this.items = items;
    this.elem = elem;
    this.isNil = isNil;
  }
}

/** A map with string keys; mutable, as sprig's `set` and `unset` want. `elem` as in GoList. Iterates sorted where Go does. */
export class GoMap {
  readonly elem: string;
  readonly entries: Map<string, GoValue>;

  constructor(entries: Iterable<readonly [string, GoValue]> = [], elem = 'interface {}') {
    this.entries = new Map(entries);
    this.elem = elem;
  }
}

/** A struct or another named type that a function returned (time.Time, a certificate, a semver). */
export class GoStruct {
  /** `time.Time`, `*semver.Version`, … */
  readonly type: string;
  readonly fields: ReadonlyMap<string, GoValue>;
  /** Exported methods that a template may call. */
  readonly methods: ReadonlyMap<string, (args: readonly GoValue[]) => GoValue>;
  /** What its String method gives, where it has one. */
  readonly text: string | undefined;
  /** What the functions that made it keep for themselves. */
  readonly native: unknown;

  constructor(
    type: string,
    detail: {
      readonly fields?: Iterable<readonly [string, GoValue]>;
      readonly methods?: Iterable<readonly [string, (args: readonly GoValue[]) => GoValue]>;
      readonly text?: string;
      readonly native?: unknown;
    } = {},
  ) {
    this.type = type;
    this.fields = new Map(detail.fields);
    this.methods = new Map(detail.methods);
    this.text = detail.text;
    this.native = detail.native;
  }
}

function bitsOf(kind: IntKind): number {
  return kind === 'int' || kind === 'uint' ? 64 : Number(kind.replace(/\D+/, ''));
}

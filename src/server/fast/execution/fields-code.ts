import type { Data, Run } from './run.ts';

/** One field of an object, as its code is to treat it. */
export type FieldCode = { readonly key: string } & (
  | { readonly kind: 'typename'; readonly typename: string }
  /** text, mostly: anything else goes to `complete` */
  | { readonly kind: 'text'; readonly property: string; readonly complete: PropertyComplete }
  /** serialized by its type; null where there is none and `isRequired` is false */
  | { readonly kind: 'leaf'; readonly property: string; readonly isRequired: boolean; readonly serialize: Serialize }
  | { readonly kind: 'property'; readonly property: string; readonly complete: PropertyComplete }
  | { readonly kind: 'resolved'; readonly resolve: (run: Run, source: unknown, data: Data) => void }
);

/** Throws to give the run up. */
export type Serialize = (value: unknown) => unknown;
type PropertyComplete = (run: Run, value: unknown, data: Data, key: string) => void;

/** Makes the part of an answer that an object gives. */
export type ObjectCode = (run: Run, source: unknown) => Data;

/**
 * The fields of an object as one function, written for it: an object of one shape at once, its properties by name. Loops over
 * fields cost several times as much, for nothing in them is the same twice.
 * Its text holds names of GraphQL and of our own types alone, as JSON strings.
 */
export function objectCode(fields: readonly FieldCode[]): ObjectCode {
  const given: unknown[] = [];
  const give = (value: unknown): string => `g[${given.push(value) - 1}]`;
  const initial = fields.map((field) => `${JSON.stringify(field.key)}: ${initialOf(field)}`);
  const steps = fields.map((field) => stepOf(field, give));
  const body = [`const d = { ${initial.join(', ')} };`, ...steps, 'return d;'].join('\n');
  // the text above has this shape
  return new Function('g', `return (run, s) => {\n${body}\n};`)(given) as ObjectCode;
}

function initialOf(field: FieldCode): string {
  if (field.kind === 'typename') return JSON.stringify(field.typename);
  // holds the place of the field in the order of the answer
  if (field.kind === 'resolved') return 'undefined';
  return `s[${JSON.stringify(field.property)}]`;
}

function stepOf(field: FieldCode, give: (value: unknown) => string): string {
  const key = JSON.stringify(field.key);
  const value = `d[${key}]`;
  switch (field.kind) {
    case 'typename':
      return '';
    case 'text':
      return `if (typeof ${value} !== 'string') ${give(field.complete)}(run, ${value}, d, ${key});`;
    case 'leaf': {
      const serialized = `${value} = ${give(field.serialize)}(${value});`;
      return field.isRequired ? serialized : `if (${value} == null) ${value} = null; else ${serialized}`;
    }
    case 'property':
      return `${give(field.complete)}(run, ${value}, d, ${key});`;
    case 'resolved':
      return `${give(field.resolve)}(run, s, d);`;
  }
}

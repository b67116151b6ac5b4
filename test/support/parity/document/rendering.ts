import {
  GraphQLBoolean,
  type GraphQLCompositeType,
  type GraphQLInputType,
  GraphQLNonNull,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
} from 'graphql';
import { schema } from '../../../../src/schema/index.ts';
import type { Argued, Directive, Selection } from './selections.ts';
import { type Given, jsonOf, literalOf, settled } from './written.ts';

type Variable = { readonly type: string; readonly fallback: string; readonly given: string | null };

type Fragment = { readonly name: string; readonly on: string; readonly text: string; readonly fields: Fields };

/** What stands at a place of the answer, by its path there: fields that are merged must be the same. */
type Fields = Map<string, string>;

/**
 * The text of selections that are valid together: what would not be merged gets another alias, and variables get another name
 * where theirs is taken.
 */
export class Rendering {
  #aliases = 0;
  #variables = new Map<string, Variable>();
  #fragments: Fragment[] = [];

  /** Selections of the operation, without the braces. */
  selectionsOf(root: GraphQLCompositeType, selections: readonly Selection[]): string {
    return this.#render(selections, root, { fields: new Map(), path: '' });
  }

  /** `($a: Int = 1, …)`, or nothing. */
  get definitions(): string {
    const all = [...this.#variables].map(([name, { type, fallback }]) => `$${name}: ${type}${fallback}`);
    return all.length === 0 ? '' : `(${all.join(', ')})`;
  }

  /** members of the JSON object of variables */
  get values(): string[] {
    return [...this.#variables].flatMap(([name, { given }]) =>
      given === null ? [] : [`${JSON.stringify(name)}:${given}`],
    );
  }

  get fragments(): string[] {
    return this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on} { ${text} }`);
  }

  #render(selections: readonly Selection[], type: GraphQLCompositeType, at: At): string {
    const texts = selections.map((selection) => this.#selection(selection, type, at)).filter((text) => text !== '');
    return texts.length === 0 ? '__typename' : texts.join(' ');
  }

  #selection(selection: Selection, type: GraphQLCompositeType, at: At): string {
    switch (selection.kind) {
      case 'field':
        return this.#field(selection, type, at);
      case 'inline': {
        const { on } = selection;
        const text = this.#render(selection.selections, on === null ? type : typeNamed(on), at);
        return `...${on === null ? '' : ` on ${on}`}${this.#directives(selection.directives)} { ${text} }`;
      }
      case 'spread':
        return this.#spread(selection, at);
      case 'respread': {
        const fitting = this.#fragments.filter((fragment) => isOverlapping(typeNamed(fragment.on), type));
        const fragment = fitting[selection.index % Math.max(1, fitting.length)];
        if (fragment === undefined || !merges(fragment.fields, at)) return '';
        return `...${fragment.name}${this.#directives(selection.directives)}`;
      }
    }
  }

  /** Where it would not merge, its selections stand there themselves. */
  #spread({ name, on, selections, directives }: Extract<Selection, { kind: 'spread' }>, at: At): string {
    const [variables, fragments] = [new Map(this.#variables), [...this.#fragments]];
    const fields: Fields = new Map();
    // by itself first, for it may be spread elsewhere
    const text = this.#render(selections, typeNamed(on), { fields, path: '' });
    const applied = this.#directives(directives);
    if (!merges(fields, at)) {
      [this.#variables, this.#fragments] = [variables, fragments];
      return `... on ${on} { ${this.#render(selections, typeNamed(on), at)} }`;
    }
    const free = unused(name, (one) => this.#fragments.some((fragment) => fragment.name === one));
    this.#fragments.push({ name: free, on, text, fields });
    return `...${free}${applied}`;
  }

  #field(field: Extract<Selection, { kind: 'field' }>, parent: GraphQLCompositeType, at: At): string {
    const definition = 'getFields' in parent ? parent.getFields()[field.name] : undefined;
    const type = definition === undefined ? null : getNamedType(definition.type);
    const args = Object.entries(field.args).flatMap(([name, argued]) => {
      const argument = definition?.args.find((one) => one.name === name);
      return argument === undefined ? [] : [`${name}: ${this.#argued(argued, argument.type, argument.defaultValue)}`];
    });
    const what = `${field.name}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
    const signature = `${what} ${definition?.type ?? ''}`;
    // the clock's alone may differ, and is found by its name
    const isAliased = field.alias !== null && field.name !== 'remainingSeconds' && this.#aliases < maxAliases;
    const wanted = isAliased ? (field.alias ?? '') : field.name;
    const key = unused(wanted, (one) => (at.fields.get(`${at.path}.${one}`) ?? signature) !== signature);
    const path = `${at.path}.${key}`;
    at.fields.set(path, signature);
    if (key !== field.name) this.#aliases += field.again === null ? 1 : 2;
    const head = `${key === field.name ? '' : `${key}: `}${what}`;
    const once = (selections: readonly Selection[]): string => {
      const text = isCompositeType(type) ? ` { ${this.#render(selections, type, { fields: at.fields, path })} }` : '';
      return `${head}${this.#directives(field.directives)}${text}`;
    };
    return [field.selections, ...(field.again === null ? [] : [field.again])].map(once).join(' ');
  }

  #directives(directives: readonly Directive[]): string {
    return directives
      .map(({ name, condition }) => ` @${name}(if: ${this.#argued(condition, new GraphQLNonNull(GraphQLBoolean))})`)
      .join('');
  }

  #argued(argued: Argued, type: GraphQLInputType, ownDefault?: unknown): string {
    if (argued.by === 'literal') return this.#literal(argued.value, type);
    const isNullFine = !isNonNullType(type) || ownDefault !== undefined;
    const fallback = argued.fallback === null && !isNullFine ? undefined : argued.fallback;
    const isStrict = (isNonNullType(type) && fallback === undefined) || (argued.isStrict && argued.given != null);
    const nullable = isNonNullType(type) ? type.ofType : type;
    return `$${this.#variable(argued.name, {
      type: `${nullable}${isStrict ? '!' : ''}`,
      fallback: fallback === undefined ? '' : ` = ${this.#constant(fallback, type)}`,
      given: argued.given === undefined ? null : jsonOf(settled(argued.given)),
    })}`;
  }

  #literal(value: Given, type: GraphQLInputType): string {
    return literalOf(value, type, ({ name, given }, wanted) =>
      this.#variable(name, {
        type: String(wanted),
        fallback: '',
        given: given === undefined ? null : jsonOf(settled(given)),
      }),
    );
  }

  /** Defaults hold no variables. */
  #constant(value: Given, type: GraphQLInputType): string {
    return literalOf(settled(value), type, () => '');
  }

  /** One of the same type and default is used again. */
  #variable(name: string, variable: Variable): string {
    const free = unused(name, (one) => {
      const other = this.#variables.get(one);
      return other !== undefined && (other.type !== variable.type || other.fallback !== variable.fallback);
    });
    if (!this.#variables.has(free)) this.#variables.set(free, variable);
    return free;
  }
}

/** Where aliases end that need not be: 30 are allowed, and fragments can be spread twice. */
const maxAliases = 16;

type At = { readonly fields: Fields; readonly path: string };

const typeNamed = (name: string): GraphQLCompositeType => schema.getType(name) as GraphQLCompositeType;

function unused(name: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count++) {
    const one = count === 1 ? name : `${name}_${count}`;
    if (!isTaken(one)) return one;
  }
}

/** Whether the fields of a fragment can stand there as well; notes them if so. */
function merges(fields: Fields, { fields: others, path }: At): boolean {
  for (const [inner, signature] of fields) if ((others.get(path + inner) ?? signature) !== signature) return false;
  for (const [inner, signature] of fields) others.set(path + inner, signature);
  return true;
}

function isOverlapping(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
  const possible = (type: GraphQLCompositeType) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]);
  return possible(one).some((type) => possible(other).includes(type));
}

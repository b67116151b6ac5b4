import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { readSources } from '../support/sources/imports.ts';

/** Fields reachable by a query, as `Type.field`. */
function* queryFields() {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    if (type === schema.getMutationType() || type === schema.getSubscriptionType()) continue;
    for (const field of Object.values(type.getFields())) yield { name: `${type.name}.${field.name}`, field };
  }
}

/** Answers that hold one of these are never kept. */
describe('a volatile field', () => {
  const marked = [...queryFields()].filter(({ field }) => field.extensions.isVolatile === true).map(({ name }) => name);

  it('is marked as volatile where it is defined', () => {
    const hint =
      'answers with these fields are never kept: where src/schema defines a field that should be, write or take out `extensions: volatile`, and write it into the list here (test/contract/volatile.test.ts)';
    expect(marked.sort(), hint).toEqual([
      'DevEnvConnectionInfo.credential',
      'DevEnvSpec.credential',
      'Lease.remainingSeconds',
      'Notebook.jupyterToken',
      'Query.viewer',
    ]);
  });

  it('is every one that is described as a credential, unless only changes give it or another of them holds it', () => {
    const described = [...queryFields()].filter(({ field }) => /^Credential/.test(field.description ?? ''));
    const elsewhere = /^(IssueTokenPayload|RenewSessionPayload|DevEnvRepositoryCredential)\./;
    const unmarked = described.filter(({ name }) => !marked.includes(name) && !elsewhere.test(name));
    const hint = 'write `extensions: volatile` (src/schema/loading/volatile.ts) where src/schema defines the field';
    expect(
      unmarked.map(({ name }) => name),
      hint,
    ).toEqual([]);
  });

  /** Where resolvers of queries could look at the clock or at what the gateway remembers. Who adds a file here marks its fields. */
  it('stands in a file that reads the clock or remembers tokens only where that is listed', async () => {
    const readsClock = /Date\.now\(|performance\.now\(|new Date\(\)|context\.(tokens|creates|resume)\b/;
    const files = [...(await readSources())]
      .filter(([name, text]) => name.startsWith('schema/') && readsClock.test(text))
      .map(([name]) => name);
    const hint =
      'if a query can answer what the file reads there, write `extensions: volatile` at the fields; then write the file into the list here (test/contract/volatile.test.ts)';
    expect(files.sort(), hint).toEqual([
      'schema/events/event-delivery.ts',
      'schema/lease/countdown.ts',
      'schema/lease/lease.ts',
      'schema/lease/stream.ts',
      'schema/notebook/create/create.ts',
      'schema/notebook/mutations.ts',
      'schema/session/events.ts',
      'schema/session/session.ts',
      'schema/session/token.ts',
      'schema/session/viewer.ts',
    ]);
  });
});

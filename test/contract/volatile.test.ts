import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { readSources } from '../support/source-imports.ts';

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

  it('is marked', () => {
    expect(marked.sort()).toEqual([
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
    expect(unmarked.map(({ name }) => name)).toEqual([]);
  });

  /** Where resolvers of queries could look at the clock or at what the gateway remembers. Who adds a file here marks its fields. */
  it('is in no other file that looks at the clock or remembers tokens', async () => {
    const looks = /Date\.now\(|performance\.now\(|new Date\(\)|context\.(tokens|creates|resume)\b/;
    const files = [...(await readSources())]
      .filter(([name, text]) => name.startsWith('schema/') && looks.test(text))
      .map(([name]) => name);
    expect(files.sort()).toEqual([
      'schema/events/event-delivery.ts',
      'schema/lease/countdown.ts',
      'schema/lease/lease.ts',
      'schema/lease/stream.ts',
      'schema/notebook/create.ts',
      'schema/notebook/mutations.ts',
      'schema/session/events.ts',
      'schema/session/session.ts',
      'schema/session/token.ts',
      'schema/session/viewer.ts',
    ]);
  });
});

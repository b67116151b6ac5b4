import { createHash } from 'node:crypto';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { describe, expect, it } from 'vitest';
import { sharedBed } from '../../support/bed.ts';

const bed = sharedBed({ gateway: { projectId: null } });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe("Apollo Client's persisted-query link", () => {
  it.each([false, true])('gets every answer, and sends hashes no more after the first (by GET: %s)', async (byGet) => {
    const sent: string[] = [];
    const http = new HttpLink({
      uri: bed.gateway.url,
      headers: { 'x-auth-token': bed.simulator.demo.token, 'x-project-id': bed.simulator.demo.projectId },
      fetch: (url, init) => {
        const asked = `${init?.body ?? ''}${url}`;
        sent.push(`${init?.method} ${/"query":|[?&]query=/.test(asked) ? 'text' : 'hash'}`);
        return fetch(url, init);
      },
    });
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: byGet }).concat(http);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    for (let times = 0; times < 3; times++) {
      for (const query of [
        gql`query List { notebooks { totalCount } }`,
        gql`query Type { __schema { queryType { name } } }`,
      ]) {
        const { data, error } = await client.query({ query, fetchPolicy: 'network-only' });
        expect(error).toBeUndefined();
        expect(data).toBeTruthy();
      }
    }
    expect(sent).toEqual([byGet ? 'GET hash' : 'POST hash', ...Array.from({ length: 6 }, () => 'POST text')]);
    client.stop();
  });
});

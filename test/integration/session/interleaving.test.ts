import { beforeAll, expect, it } from 'vitest';
import { describeBed } from '../../support/bed.ts';
import type { SignedIn } from '../../support/gateway.ts';
import { createNotebook } from '../../support/notebooks.ts';

const operations = 10_000;
const atOnce = 32;
const perUser = 3;

const list = '{ notebooks(first: 20) { nodes { notebookId name } } }';
const show = 'query($id: ID!) { notebook(id: $id) { notebookId name } }';
const both =
  'query($id: ID!) { notebook(id: $id) { name } notebooks(first: 20) { nodes { name } } flavors { nodes { flavorId } } }';
const rename =
  'mutation($id: ID!, $name: String!) { updateNotebook(input: { id: $id, description: $name }) { ... on UpdateNotebookPayload { notebook { name description } } ... on Error { message } } }';

type Owner = SignedIn & { readonly user: string; readonly ids: readonly string[] };

/**
 * Sockets to the upstream are kept alive and used by whoever comes next, reads are shared and catalogues kept: an answer must
 * reach nobody but the token that asked.
 */
describeBed(
  '10,000 interleaved operations of four tokens',
  { gateway: { projectId: null, catalogTtlMs: 60_000, logLevel: 'warn' }, simulator: { tokenLength: 64 } },
  (bed) => {
    let owners: Owner[] = [];

    beforeAll(async () => {
      // two tokens of one user see the same; the others see only their own
      const users = ['demo', 'demo', 'colleague', 'stranger'];
      owners = [];
      for (const user of users) {
        const signedIn = await bed.signIn(user);
        const own = owners.find((owner) => owner.user === user)?.ids;
        const names = Array.from({ length: perUser }, (_, index) => `${user}-${index}`);
        const ids = own ?? (await Promise.all(names.map((name) => createNotebook(bed, name, signedIn.headers))));
        owners.push({ ...signedIn, user, ids });
      }
      await bed.advance(1000);
    }, 60_000);

    /** What is wrong with the answer to one operation; null: nothing. */
    async function mixedUp(turn: number): Promise<string | null> {
      const owner = owners[turn % owners.length];
      if (owner === undefined) throw new Error('nobody has signed in');
      const { user, ids, headers } = owner;
      const number = Math.floor(turn / owners.length) % perUser;
      const id = ids[number];
      const listed = ids.map((_, index) => `${user}-${index}`).sort();
      const namesOf = (nodes: { name: string }[]) => nodes.map(({ name }) => name).sort();
      const compare = (seen: unknown, wanted: unknown): string | null =>
        JSON.stringify(seen) === JSON.stringify(wanted) ? null : `${user}: ${JSON.stringify(seen)}`;
      switch (Math.floor(turn / 7) % 8) {
        case 0: {
          const { data, errors } = await bed.ask(both, { id }, headers);
          if (errors !== undefined) return `${user}: ${JSON.stringify(errors)}`;
          return compare([data.notebook.name, namesOf(data.notebooks.nodes)], [`${user}-${number}`, listed]);
        }
        case 1:
        case 2: {
          const { data, errors } = await bed.ask(list, {}, headers);
          return errors === undefined ? compare(namesOf(data.notebooks.nodes), listed) : JSON.stringify(errors);
        }
        case 3: {
          const foreign = owners.find((other) => other.user === (user === 'stranger' ? 'demo' : 'stranger'));
          const { data } = await bed.ask(show, { id: foreign?.ids[number] }, headers);
          return compare(data, { notebook: null });
        }
        case 4: {
          const description = `of ${user}`;
          const { data } = await bed.ask(rename, { id, name: description }, headers);
          return compare(data.updateNotebook, { notebook: { name: `${user}-${number}`, description } });
        }
        default: {
          const { data } = await bed.ask(show, { id }, headers);
          return compare(data, { notebook: { notebookId: id, name: `${user}-${number}` } });
        }
      }
    }

    it('never mix two of them up', { timeout: 120_000 }, async () => {
      const wrong: string[] = [];
      let turn = 0;
      const worker = async (): Promise<void> => {
        while (turn < operations && wrong.length < 5) {
          turn += 1;
          const found = await mixedUp(turn);
          if (found !== null) wrong.push(found);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      expect(wrong).toEqual([]);
      expect(turn).toBe(operations);
      for (const { request } of bed.exchanges) {
        if (!request.path.startsWith('/v1/')) continue;
        const owner = owners.find(({ token }) => token === request.headers['x-auth-token']);
        expect(request.path.startsWith(`/v1/${owner?.projectId}/`)).toBe(true);
      }
      // shared and kept answers were among them: otherwise this shows less than it says
      expect(bed.exchanges.length).toBeLessThan(operations);
    });
  },
);

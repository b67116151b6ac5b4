import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CreateNotebookRequest, createNotebook } from '../../../modelarts/notebook-changes.ts';
import { listNotebooks, type Notebook, showNotebook } from '../../../modelarts/notebooks.ts';
import { BadUserInputError, ModelArtsError, OutcomeUnknownError } from '../../../modelarts/wire/errors.ts';
import type { Access, CreateMemory } from '../../core/context.ts';
import { type Marks, tagged, tagOf, unknownOutcome } from './marks.ts';

export type CreateOptions = {
  /** the caller's name for this one create; the same key gives the same notebook for 24 hours */
  readonly idempotencyKey: string | null;
  /** whether a short tag in the description may tell the notebook from all others */
  readonly isTagged: boolean;
  /** checks to make before something new is created */
  readonly assertCreatable: () => Promise<void>;
  readonly creates: CreateMemory;
};

const keyPattern = /^[\x21-\x7e]{1,128}$/;

/** Waits before searches of the list, ms: a create that was cut off may take a moment to show. */
const searchesAfterMs = [0, 500, 1500];

/**
 * How far the clock of ModelArts may be behind that of the gateway, ms. When it is further, lost creates without a tag are
 * not found; were more allowed, a twin made just before could be taken for the lost one.
 */
const clockToleranceMs = 1000;

/**
 * Creates a notebook once. After a lost answer it looks for the notebook instead of asking again: names may repeat, so a
 * second POST could bill twice.
 * @throws OutcomeUnknownError the answer was lost and the notebook cannot be told apart; says how to look
 * @throws BadUserInputError the key was used with another input, or the tag does not fit into the description
 */
export async function createOnce(
  access: Access,
  request: CreateNotebookRequest,
  options: CreateOptions,
): Promise<Notebook> {
  const { idempotencyKey: key, isTagged, creates } = options;
  if (key === null) {
    const marks = { key, tag: isTagged ? tagOf(randomUUID()) : null };
    const marked = tagged(request, marks.tag);
    await options.assertCreatable();
    return createOrFind(access, marked, { creates, marks });
  }
  if (!keyPattern.test(key)) throw keyProblem('A key has 1 to 128 printable ASCII characters without spaces.');
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request, isTagged]))
    .digest('base64url');
  const marks = { key, tag: isTagged ? tagOf(`${access.projectId} ${key}`) : null };
  const marked = tagged(request, marks.tag);
  const earlier = creates.get(key);
  if (earlier === undefined) return createAndRemember(access, marked, { ...options, key, fingerprint, marks });
  if (earlier.fingerprint !== fingerprint) {
    throw keyProblem('This key was used with another input; take a new key for a new notebook.');
  }
  const id = await earlier.outcome;
  if (id !== null) return showNotebook(access.session, access.projectId, id);
  const found = await findCreated(access, marked, { creates, marks, askedAtMs: earlier.askedAtMs });
  if (found === null) throw unknownOutcome(marked, marks);
  creates.set(key, { ...earlier, outcome: Promise.resolve(found.id), isAnswered: true });
  return found;
}

const keyProblem = (message: string) => BadUserInputError.of([{ path: ['idempotencyKey'], message }]);

type Remembering = CreateOptions & { readonly key: string; readonly fingerprint: string; readonly marks: Marks };

async function createAndRemember(
  access: Access,
  request: CreateNotebookRequest,
  { key, fingerprint, marks, creates, assertCreatable }: Remembering,
): Promise<Notebook> {
  const create = async (): Promise<Notebook> => {
    // a tag survives restarts of the gateway, its memory does not
    const existing = marks.tag === null ? null : await findCreated(access, request, { creates, marks, askedAtMs: 0 });
    if (existing !== null) return existing;
    await assertCreatable();
    return createOrFind(access, request, { creates, marks });
  };
  const askedAtMs = Date.now();
  const creating = create();
  const outcome = creating.then(
    (notebook) => {
      creates.set(key, { fingerprint, askedAtMs, outcome: Promise.resolve(notebook.id), isAnswered: true });
      return notebook.id;
    },
    (error: unknown) => {
      if (error instanceof OutcomeUnknownError) return null;
      creates.drop(key);
      throw error;
    },
  );
  // whoever waits with the same key gets the failure too; nobody may be waiting
  outcome.catch(() => {});
  creates.set(key, { fingerprint, askedAtMs, outcome, isAnswered: false });
  return creating;
}

type Search = { readonly creates: CreateMemory; readonly marks: Marks };

async function createOrFind(access: Access, request: CreateNotebookRequest, search: Search): Promise<Notebook> {
  const { session, projectId } = access;
  const askedAtMs = Date.now();
  try {
    const notebook = await createNotebook(session, projectId, request);
    claim(notebook, search);
    return notebook;
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error;
    for (const waitMs of searchesAfterMs) {
      // when the caller leaves, what is left of the searches fails at once
      await sleep(waitMs, undefined, { signal: session.signal }).catch(() => {});
      const found = await findCreated(access, request, { ...search, askedAtMs }).catch(nullIfModelArts);
      if (found !== null) return found;
    }
    throw unknownOutcome(request, search.marks, error);
  }
}

const nullIfModelArts = (error: unknown): null => {
  if (error instanceof ModelArtsError) return null;
  throw error;
};

/** The notebook a lost create made: the one with the tag, or the only one that can be it. */
async function findCreated(
  { session, projectId }: Access,
  request: CreateNotebookRequest,
  { askedAtMs, ...search }: Search & { readonly askedAtMs: number },
): Promise<Notebook | null> {
  const { name, feature, workspaceId, flavorId, imageId } = request;
  // feature and workspace: left out, the list holds those of the default ones only
  const { items } = await listNotebooks(session, projectId, { offset: 0, limit: 50, name, feature, workspaceId });
  const { tag } = search.marks;
  const candidates = items.filter((notebook) =>
    tag !== null
      ? notebook.name === name && notebook.description?.endsWith(tag)
      : notebook.name === name &&
        notebook.flavorId === flavorId &&
        notebook.image?.id === imageId &&
        notebook.createdAtMs !== null &&
        notebook.createdAtMs >= askedAtMs - clockToleranceMs &&
        !isClaimed(notebook, search),
  );
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return null;
  const found = await showNotebook(session, projectId, only.id);
  claim(found, search);
  return found;
}

/** Keys of the caller have no spaces, so this is none of them. */
const claimOf = ({ id }: Notebook): string => `answered ${id}`;

/** Notes that the notebook was the answer to a create, so that it is not taken for the result of another one. */
const claim = (notebook: Notebook, { creates, marks }: Search): void =>
  creates.set(claimOf(notebook), {
    fingerprint: marks.key ?? '',
    askedAtMs: Date.now(),
    outcome: Promise.resolve(notebook.id),
    isAnswered: true,
  });

function isClaimed(notebook: Notebook, { creates, marks }: Search): boolean {
  const claimed = creates.get(claimOf(notebook));
  return claimed !== undefined && (marks.key === null || claimed.fingerprint !== marks.key);
}

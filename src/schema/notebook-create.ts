import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadUserInputError, ModelArtsError, OutcomeUnknownError } from '../modelarts/errors.ts';
import { type CreateNotebookRequest, createNotebook } from '../modelarts/notebook-changes.ts';
import { listNotebooks, type Notebook, showNotebook } from '../modelarts/notebooks.ts';
import type { Access, CreateMemory } from './context.ts';

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

/** Waits before looks at the list, ms: a create that was cut off may take a moment to show. */
const looksAfterMs = [0, 500, 1500];

/** How far the clocks of the gateway and of ModelArts may be apart, ms. */
const clockToleranceMs = 30_000;

/**
 * Creates a notebook once. After a lost answer it looks for the notebook instead of asking again: names may repeat, so a
 * second POST could bill twice.
 * @throws OutcomeUnknownError the answer was lost and the notebook cannot be told apart; says how to look
 * @throws BadUserInputError the key was used with another input
 */
export async function createOnce(
  access: Access,
  request: CreateNotebookRequest,
  options: CreateOptions,
): Promise<Notebook> {
  const { idempotencyKey: key, creates } = options;
  if (key === null) {
    await options.assertCreatable();
    return createOrFind(access, request, { askedAtMs: Date.now(), tag: options.isTagged ? tagOf(randomKey()) : null });
  }
  if (!keyPattern.test(key)) {
    throw BadUserInputError.of([
      { path: ['idempotencyKey'], message: 'A key has 1 to 128 printable ASCII characters without spaces.' },
    ]);
  }
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([request, options.isTagged]))
    .digest('base64url');
  const tag = options.isTagged ? tagOf(`${access.projectId} ${key}`) : null;
  const earlier = creates.get(key);
  if (earlier === undefined) return createAndRemember(access, request, { ...options, key, fingerprint, tag });
  if (earlier.fingerprint !== fingerprint) {
    throw BadUserInputError.of([
      { path: ['idempotencyKey'], message: 'This key was used with another input; take a new key for a new notebook.' },
    ]);
  }
  const id = await earlier.outcome;
  if (id !== null) return showNotebook(access.session, access.projectId, id);
  const found = await look(access, request, { askedAtMs: earlier.askedAtMs, tag });
  if (found === null) throw unknownOutcome(request);
  creates.set(key, { ...earlier, outcome: Promise.resolve(found.id) });
  return found;
}

type Remembering = CreateOptions & { readonly key: string; readonly fingerprint: string; readonly tag: string | null };

async function createAndRemember(
  access: Access,
  request: CreateNotebookRequest,
  options: Remembering,
): Promise<Notebook> {
  const { key, fingerprint, tag, creates } = options;
  const askedAtMs = Date.now();
  const create = async (): Promise<Notebook> => {
    // a tag survives restarts of the gateway, its memory does not
    const existing = tag === null ? null : await look(access, request, { askedAtMs: 0, tag });
    if (existing !== null) return existing;
    await options.assertCreatable();
    return createOrFind(access, request, { askedAtMs, tag });
  };
  const creating = create();
  const outcome = creating.then(
    (notebook) => notebook.id,
    (error: unknown) => {
      if (!(error instanceof OutcomeUnknownError)) creates.drop(key);
      return null;
    },
  );
  creates.set(key, { fingerprint, askedAtMs, outcome });
  return creating;
}

type Marks = { readonly askedAtMs: number; readonly tag: string | null };

async function createOrFind(access: Access, request: CreateNotebookRequest, marks: Marks): Promise<Notebook> {
  const marked = marks.tag === null ? request : { ...request, description: describe(request.description, marks.tag) };
  try {
    return await createNotebook(access.session, access.projectId, marked);
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error;
    for (const waitMs of looksAfterMs) {
      await sleep(waitMs);
      const found = await look(access, request, marks).catch(rethrowUnlessModelArts);
      if (found !== null) return found;
    }
    throw unknownOutcome(request, error);
  }
}

const rethrowUnlessModelArts = (error: unknown): null => {
  if (error instanceof ModelArtsError) return null;
  throw error;
};

/** The notebook a lost create made: the one with the tag, or the only one that can be it. */
async function look(
  { session, projectId }: Access,
  request: CreateNotebookRequest,
  { askedAtMs, tag }: Marks,
): Promise<Notebook | null> {
  const { items } = await listNotebooks(session, projectId, { offset: 0, limit: 50, name: request.name });
  const candidates = items.filter((notebook) =>
    tag !== null
      ? notebook.name === request.name && notebook.description?.endsWith(tag)
      : notebook.name === request.name &&
        notebook.flavorId === request.flavorId &&
        notebook.image?.id === request.imageId &&
        notebook.createdAtMs !== null &&
        notebook.createdAtMs >= askedAtMs - clockToleranceMs,
  );
  const [only] = candidates;
  return only !== undefined && candidates.length === 1 ? showNotebook(session, projectId, only.id) : null;
}

const unknownOutcome = (request: CreateNotebookRequest, cause?: OutcomeUnknownError): OutcomeUnknownError =>
  new OutcomeUnknownError(
    `The answer to this create was lost, and no notebook can be told to be its result. Run { notebooks(filter: { name: "${request.name}" }) { nodes { notebookId name status createdAt } } } in a minute, and create again only if it is not there.`,
    {
      operationId: 'createNotebook',
      ...(cause?.requestId != null && { requestId: cause.requestId }),
      ...(cause?.upstreamStatus != null && { upstreamStatus: cause.upstreamStatus }),
      ...(cause !== undefined && { cause }),
    },
  );

const randomKey = (): string => crypto.randomUUID();

/** Twelve hex digits that stand for a key, in a form descriptions may hold. */
const tagOf = (key: string): string => `[gateway ${createHash('sha256').update(key).digest('hex').slice(0, 12)}]`;

const describe = (description: string | undefined, tag: string): string =>
  description === undefined || description === '' ? tag : `${description.slice(0, 512 - tag.length - 1)} ${tag}`;

import { type Notebook, showNotebook } from '../../modelarts/notebooks.ts';
import { allowedStatuses, type NotebookAction, notebookActions } from '../../modelarts/state-machine.ts';
import { ConflictError } from '../../modelarts/wire/errors.ts';
import type { Access } from '../core/context.ts';

type Change<T> = {
  readonly access: Access;
  readonly id: string;
  /** what is asked for, the strictest first */
  readonly action: NotebookAction | readonly NotebookAction[];
  /** the answer when the notebook shows that the change was made before; left out: a conflict is always an error */
  readonly settled?: (notebook: Notebook) => T | null;
};

/**
 * Makes a change; when ModelArts says it conflicts with the state of the notebook, reads it once to tell which state that is.
 * @throws ConflictError with the status in the way and the statuses that would do
 */
export async function changing<T>(change: Change<T>, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return explain(error, change);
  }
}

async function explain<T>(conflict: ConflictError, { access, id, action, settled }: Change<T>): Promise<T> {
  const notebook = await showNotebook(access.session, access.projectId, id).catch(() => null);
  if (notebook === null) throw conflict;
  const answer = settled?.(notebook) ?? null;
  if (answer !== null) return answer;
  const states = notebookActions(notebook.status);
  const blocked = [action].flat().flatMap((asked) => states.filter((state) => state.action === asked && state.reason));
  const [strictest] = blocked;
  throw new ConflictError(strictest?.reason ?? conflict.message, {
    ...(conflict.operationId !== null && { operationId: conflict.operationId }),
    ...(conflict.upstreamCode !== null && { upstreamCode: conflict.upstreamCode }),
    ...(conflict.upstreamStatus !== null && { upstreamStatus: conflict.upstreamStatus }),
    ...(conflict.requestId !== null && { requestId: conflict.requestId }),
    retryable: conflict.retryable,
    state: {
      status: notebook.statusRaw,
      allowedStatuses: strictest === undefined ? [] : allowedStatuses(strictest.action),
    },
    cause: conflict,
  });
}

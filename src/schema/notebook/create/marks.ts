import { createHash } from 'node:crypto';
import type { CreateNotebookRequest } from '../../../modelarts/notebook-changes.ts';
import { BadUserInputError, OutcomeUnknownError } from '../../../modelarts/wire/errors.ts';

/** By what a create and the notebook it made are known again; both null: only by what was asked for, and when. */
export type Marks = {
  /** the caller's name for the create */
  readonly key: string | null;
  /** text at the end of the description */
  readonly tag: string | null;
};

const descriptionLength = 512;

/** Twelve hex digits that stand for a key, in a form descriptions may hold. */
export const tagOf = (key: string): string =>
  `[gateway ${createHash('sha256').update(key).digest('hex').slice(0, 12)}]`;

/**
 * The request with the tag at the end of its description.
 * @throws BadUserInputError there is no room for it
 */
export function tagged(request: CreateNotebookRequest, tag: string | null): CreateNotebookRequest {
  if (tag === null) return request;
  const description = [request.description ?? '', tag].join(' ').trimStart();
  if (description.length <= descriptionLength) return { ...request, description };
  const room = descriptionLength - tag.length - 1;
  const message = `With \`tagDescription\` a description has at most ${room} characters.`;
  throw BadUserInputError.of([{ path: ['input', 'description'], message }]);
}

/** What to tell the client when the answer was lost: the query that shows whether the notebook is there. */
export function unknownOutcome(
  { name, feature, workspaceId }: CreateNotebookRequest,
  { key, tag }: Marks,
  cause?: OutcomeUnknownError,
): OutcomeUnknownError {
  const conditions = [
    `name: "${name}"`,
    ...(feature === undefined ? [] : [`feature: ${feature}`]),
    ...(workspaceId === undefined ? [] : [`workspaceId: "${workspaceId}"`]),
  ];
  const query = `{ notebooks(filter: { ${conditions.join(', ')} }) { nodes { notebookId name description status createdAt } } }`;
  const sign = tag === null ? '' : ` Its description ends with "${tag}".`;
  const again = key === null ? 'create again' : 'create again, with another key,';
  return new OutcomeUnknownError(
    `The answer to this create was lost, and no notebook can be told to be its result. Run ${query} in a minute, and ${again} only if it is not there.${sign}`,
    {
      operationId: 'createNotebook',
      ...(cause?.requestId != null && { requestId: cause.requestId }),
      ...(cause?.upstreamCode != null && { upstreamCode: cause.upstreamCode }),
      ...(cause?.upstreamStatus != null && { upstreamStatus: cause.upstreamStatus }),
      ...(cause !== undefined && { cause }),
    },
  );
}

import { exchangeToken } from '../../modelarts/tokens.ts';
import { BadUserInputError, ForbiddenError, UpstreamTimeoutError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import type { Context, KnownToken } from '../core/context.ts';
import { upstreamErrors } from '../core/error.ts';
import { validated } from '../core/input.ts';
import { tokenRule } from './token.ts';

const RenewSessionPayload = builder.objectRef<KnownToken>('RenewSessionPayload').implement({
  description: 'The session as it goes on.',
  fields: (t) => ({
    expiresAt: t.expose('expiresAtMs', {
      type: 'DateTime',
      description:
        'When the new token ends; 24 hours after it was issued when IAM does not say so that it can be read.',
    }),
  }),
});

const RenewSessionInput = builder.inputType('RenewSessionInput', {
  description: 'The token to go on with.',
  fields: (t) => ({
    token: t.string({
      required: true,
      description: 'A newer token of the same user and project, for example from `issueToken`.',
    }),
  }),
});

/** What IAM says of a token it still takes: remembered when this gateway issued it, else asked for by an exchange for the same project. */
async function identify(token: string, context: Context): Promise<KnownToken> {
  const known = context.tokens.known(token);
  if (known !== null) {
    await context.tokens.confirm(token);
    return known;
  }
  const { projectId } = await context.access();
  const { token: _exchanged, ...facts } = await exchangeToken(context.sessionWith(token), token, { projectId });
  return facts;
}

builder.mutationField('renewSession', (t) =>
  t.field({
    type: RenewSessionPayload,
    description:
      'Go on with a newer token: subscriptions that run with the token of this request, and this WebSocket connection, take it over without a gap. Send it with the old token in the header or on the connection. REST: IssueToken for tokens this gateway did not issue.',
    args: { input: t.arg({ type: RenewSessionInput, required: true, description: 'The token to go on with.' }) },
    errors: {
      types: [...upstreamErrors, UpstreamTimeoutError, BadUserInputError],
      union: { name: 'RenewSessionResult', description: 'The session, or why it does not go on.' },
    },
    resolve: async (_root, args, context) => {
      const token = validated(tokenRule, args.input.token, ['input', 'token']);
      const [current, next] = await Promise.all([
        identify(context.session().token ?? '', context),
        identify(token, context),
      ]);
      if (next.user?.id !== current.user?.id || next.user?.id == null || next.project?.id !== current.project?.id) {
        throw new ForbiddenError('The new token is of another user or project; a session goes on with its own only.');
      }
      context.tokens.remember({ ...next, token });
      context.tokens.renew(token);
      return next;
    },
  }),
);

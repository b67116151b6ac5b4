import { z } from 'zod';
import {
  exchangeToken,
  type IssuedToken,
  issueToken,
  type NamedRef,
  type PasswordCredential,
  type TokenScope,
} from '../../modelarts/tokens.ts';
import { BadUserInputError, NotFoundError, UpstreamTimeoutError } from '../../modelarts/wire/errors.ts';
import { builder } from '../core/builder.ts';
import { upstreamErrors } from '../core/error.ts';
import { optional, validated } from '../core/input.ts';

export const NamedRefType = builder.objectRef<NamedRef>('NamedRef').implement({
  description: 'Something of IAM, by id and name.',
  fields: (t) => ({
    id: t.exposeString('id', { nullable: true, description: "IAM's id." }),
    name: t.exposeString('name', { nullable: true, description: 'Its name.' }),
  }),
});

const IssueTokenPayload = builder.objectRef<IssuedToken>('IssueTokenPayload').implement({
  description: 'A token and what IAM says of it.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'The token: send it in the `X-Auth-Token` header. A credential; up to 32 KiB long.',
    }),
    expiresAt: t.expose('expiresAtMs', {
      type: 'DateTime',
      description:
        'When it ends, usually 24 hours after it was issued; taken as that when IAM does not say so that it can be read.',
    }),
    issuedAt: t.expose('issuedAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was issued; null when IAM does not say.',
    }),
    project: t.expose('project', { type: NamedRefType, nullable: true, description: 'The project it is valid in.' }),
    user: t.expose('user', { type: NamedRefType, nullable: true, description: 'Whose token it is.' }),
    domain: t.expose('domain', { type: NamedRefType, nullable: true, description: 'The account of the user.' }),
  }),
});

const IssueTokenInput = builder.inputType('IssueTokenInput', {
  description:
    'Who signs in, and to which project: `domain`, `user` and `password`, or `userId` and `password` (with `passcode` when virtual MFA is on), or a `token` to exchange; and `projectName` or `projectId`.',
  fields: (t) => ({
    domain: t.string({
      description: 'Name of the account, for example `OTC00000000001000000001`; needed with `user`.',
    }),
    user: t.string({ description: 'Name of the IAM user.' }),
    password: t.string({ description: 'Password of the user.' }),
    passcode: t.string({ description: 'Six digits of the virtual MFA device, when the user has one.' }),
    userId: t.string({
      description: 'Id of the user: takes the place of `domain` and `user`, and some accounts need it with `passcode`.',
    }),
    token: t.string({
      description: 'An existing token to exchange for one of another project, instead of a password.',
    }),
    projectName: t.string({ description: 'Name of the project, for example the region `eu-de`.' }),
    projectId: t.string({ description: 'Id of the project; takes the place of `projectName`.' }),
  }),
});

const shortText = z.string().min(1, 'It must not be empty.').max(1024, 'It is longer than 1024 characters.');

/** Printable ASCII without spaces or commas, as one header value. */
export const tokenRule = z.string().regex(/^[\x21-\x2b\x2d-\x7e]{1,32768}$/, 'This cannot be a token.');

const issueTokenRules = z
  .object({
    domain: optional(shortText),
    user: optional(shortText),
    password: optional(shortText),
    passcode: optional(z.string().regex(/^\d{6}$/, 'A passcode has six digits.')),
    userId: optional(shortText),
    token: optional(tokenRule),
    projectName: optional(shortText),
    projectId: optional(
      z.string().regex(/^[0-9A-Za-z_-]{1,64}$/, 'A project id has 1 to 64 letters, digits, hyphens or underscores.'),
    ),
  })
  .superRefine((input, check) => {
    const issue = (path: string, message: string) => check.addIssue({ code: 'custom', path: [path], message });
    if (input.projectId === undefined && input.projectName === undefined) {
      issue(
        'projectName',
        'A project is needed: ModelArts takes no token without one. Give `projectName` or `projectId`.',
      );
    }
    if (input.token !== undefined) {
      if (input.password !== undefined) issue('token', 'Give a password or a token, not both.');
      return;
    }
    const isById = input.userId !== undefined && input.user === undefined;
    for (const name of isById ? (['password'] as const) : (['domain', 'user', 'password'] as const)) {
      if (input[name] === undefined) issue(name, `To sign in with a password, \`${name}\` is needed.`);
    }
  });

/** @param input one that the rules let pass */
function credentialOf({ domain = '', user, userId, password = '', passcode }: z.output<typeof issueTokenRules>) {
  const secret = { password, passcode };
  const credential: PasswordCredential =
    user === undefined && userId !== undefined
      ? { ...secret, userId }
      : { ...secret, domainName: domain, userName: user ?? '', userId };
  return credential;
}

/** Stands for whoever signs in; no name has a line break. */
const userOf = ({ domain, user, userId }: z.output<typeof issueTokenRules>): string =>
  user === undefined ? `${userId}` : `${domain}\n${user}`;

builder.mutationField('issueToken', (t) =>
  t.field({
    type: IssueTokenPayload,
    description: 'Sign in: get a token for a project from IAM. Needs no token itself. REST: IssueToken.',
    args: {
      input: t.arg({ type: IssueTokenInput, required: true, description: 'Who signs in, and to which project.' }),
    },
    errors: {
      types: [...upstreamErrors, UpstreamTimeoutError, BadUserInputError, NotFoundError],
      union: { name: 'IssueTokenResult', description: 'A token, or why there is none.' },
    },
    resolve: async (_root, args, context) => {
      const input = validated(issueTokenRules, args.input, ['input']);
      const scope: TokenScope =
        input.projectId !== undefined
          ? { projectId: input.projectId }
          : { projectName: input.projectName ?? '', domainName: input.token === undefined ? undefined : input.domain };
      const { token } = input;
      const issued =
        token !== undefined
          ? await context.tokens.signIn(null, () => exchangeToken(context.anonymous(), token, scope))
          : await context.tokens.signIn(userOf(input), () =>
              issueToken(context.anonymous(), credentialOf(input), scope),
            );
      context.tokens.remember(issued);
      return issued;
    },
  }),
);

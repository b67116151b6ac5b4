import type {
  DevRepository,
  DevRepositoryConnection,
  DevRepositoryCredential,
} from '../../modelarts/dev-environment-spec.ts';
import { builder } from '../core/builder.ts';
import { volatile } from '../loading/volatile.ts';
import { DevEnvRepositoryProtocolEnum, DevEnvRepositoryTypeEnum } from './enums.ts';

const DevEnvRepositoryCredentialType = builder
  .objectRef<DevRepositoryCredential>('DevEnvRepositoryCredential')
  .implement({
    description: 'Credentials of a Git repository. Do not keep or log them.',
    fields: (t) => ({
      sshPrivateKey: t.exposeString('sshPrivateKey', {
        nullable: true,
        description: 'Credential: the private key for SSH.',
      }),
      accessToken: t.exposeString('accessToken', {
        nullable: true,
        description: 'Credential: the OAuth token of GitHub.',
      }),
    }),
  });

const DevEnvConnectionInfoType = builder.objectRef<DevRepositoryConnection>('DevEnvConnectionInfo').implement({
  description: 'How a Git repository is reached.',
  fields: (t) => ({
    protocol: t.expose('protocol', {
      type: DevEnvRepositoryProtocolEnum,
      nullable: true,
      description: 'SSH or HTTPS.',
    }),
    protocolRaw: t.exposeString('protocolRaw', { nullable: true, description: '`protocol` as ModelArts wrote it.' }),
    url: t.exposeString('url', { nullable: true, description: 'Address of the repository.' }),
    credential: t.expose('credential', {
      extensions: volatile,
      type: DevEnvRepositoryCredentialType,
      nullable: true,
      description: 'Credentials of the repository; leave them out unless you need them.',
    }),
  }),
});

export const DevEnvRepositoryType = builder.objectRef<DevRepository>('DevEnvRepository').implement({
  description: 'The Git repository of a development environment. ModelArts only gives it; it cannot be set.',
  fields: (t) => ({
    id: t.exposeString('id', { nullable: true, description: "ModelArts' own id of the repository." }),
    branch: t.exposeString('branch', { nullable: true, description: 'Branch that is checked out.' }),
    userName: t.exposeString('userName', { nullable: true, description: 'User name of the repository.' }),
    userEmail: t.exposeString('userEmail', {
      nullable: true,
      description: 'E-mail address of the user of the repository.',
    }),
    type: t.expose('type', { type: DevEnvRepositoryTypeEnum, nullable: true, description: 'Where it is hosted.' }),
    typeRaw: t.exposeString('typeRaw', { nullable: true, description: '`type` as ModelArts wrote it.' }),
    connectionInfo: t.expose('connection', {
      type: DevEnvConnectionInfoType,
      nullable: true,
      description: 'How it is reached.',
    }),
  }),
});

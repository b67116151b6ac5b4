import { type Lease, leaseExpiresAtMs } from '../../modelarts/leases.ts';
import { builder } from '../core/builder.ts';
import { openEnum } from '../core/enums.ts';
import { volatile } from '../loading/volatile.ts';

export const LeaseTypeEnum = openEnum('LeaseType', {
  description: 'What ends a lease.',
  values: {
    TIMING: 'Its duration runs out.',
    IDLE: 'The notebook is idle. What the duration means then is not documented by ModelArts.',
  },
});

export const LeaseType = builder.objectRef<Lease>('Lease').implement({
  description:
    'Auto-stop of a notebook: it is stopped by ModelArts when its lease runs out. REST: ShowLease, RenewLease.',
  fields: (t) => ({
    enabled: t.exposeBoolean('isEnabled', { description: 'Whether the notebook stops by itself at all.' }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the notebook stops by itself; null when auto-stop is off.',
      resolve: (lease) => leaseExpiresAtMs(lease),
    }),
    remainingSeconds: t.field({
      extensions: volatile,
      type: 'BigInt',
      nullable: true,
      description:
        'Whole seconds until `expiresAt`, at the time of the answer; 0 when it is past, null when auto-stop is off.',
      resolve: (lease) => {
        const expiresAtMs = leaseExpiresAtMs(lease);
        return expiresAtMs === null ? null : Math.max(0, Math.floor((expiresAtMs - Date.now()) / 1000));
      },
    }),
    type: t.expose('type', { type: LeaseTypeEnum, nullable: true, description: 'What ends it.' }),
    typeRaw: t.exposeString('typeRaw', { nullable: true, description: '`type` as ModelArts wrote it.' }),
    createdAt: t.expose('createdAtMs', {
      type: 'DateTime',
      nullable: true,
      description: 'What `durationSeconds` counts from: the creation of the notebook.',
    }),
    durationSeconds: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'Whole seconds from `createdAt` to `expiresAt`; grows with each renewal, so it is not the time asked for.',
      // switched off it is -1
      resolve: (lease) => (lease.durationMs === null || !lease.isEnabled ? null : Math.floor(lease.durationMs / 1000)),
    }),
    updatedAt: t.expose('updatedAtMs', { type: 'DateTime', nullable: true, description: 'When it was last changed.' }),
  }),
});

import { openEnum, requestEnum } from '../core/enums.ts';

export const DevEnvStatusEnum = openEnum('DevEnvStatus', {
  description: 'State of a development environment.',
  values: {
    CREATE_QUEUING: 'Waiting for a free flavor before it is created; `queuingInfo` has its place. Passes by itself.',
    CREATING: 'Being created. Passes by itself.',
    CREATE_FAILED: 'Creating failed; `spec.failedReasons` may say why. It can be deleted.',
    START_QUEUING: 'Waiting for a free flavor before it is started; `queuingInfo` has its place. Passes by itself.',
    READY_TO_START: 'Through the queue, about to start. Passes by itself.',
    STARTING: 'Being started. Passes by itself.',
    RESTARTING: 'Being started again. Passes by itself.',
    START_FAILED: 'Starting failed; `spec.failedReasons` may say why. It can be deleted.',
    RUNNING: 'In use; costs money.',
    STOPPING: 'Being stopped. Passes by itself.',
    STOPPED: 'Stopped.',
    UNAVAILABLE: 'Broken; it can be deleted.',
    DELETING: 'Being deleted. Passes by itself.',
    DELETED: 'Gone.',
    RESIZING: 'Its flavor or volume is being changed. Passes by itself.',
    RESIZE_FAILED: 'Changing its flavor or volume failed. It can be deleted.',
  },
});

export const DevEnvStorageTypeEnum = openEnum('DevEnvStorageType', {
  description: 'Kind of storage of a development environment.',
  values: {
    OBS: 'Object storage: a directory of a bucket.',
    EVS: 'A disk of its own.',
    EFS: 'Scalable file service (SFS Turbo).',
    OBSFS: 'Object storage mounted as a parallel file system.',
  },
});

export const DevEnvFlavorStatusEnum = openEnum('DevEnvFlavorStatus', {
  description: 'Whether a flavor can be had.',
  values: { ON_SALE: 'It can be used.', SOLD_OUT: 'There are none left at the moment.' },
});

export const DevEnvPromoTypeEnum = openEnum('DevEnvPromoType', {
  description: 'Promotion of a flavor.',
  values: { FREE: 'Costs nothing; when sold out, instances queue for it.', NO_DISCOUNT: 'At the ordinary price.' },
});

export const DevEnvQueuingStatusEnum = openEnum('DevEnvQueuingStatus', {
  description: 'What an instance queues for.',
  values: { CREATE_QUEUING: 'To be created.', START_QUEUING: 'To be started.' },
});

export const DevEnvRepositoryTypeEnum = openEnum('DevEnvRepositoryType', {
  description: 'Where a Git repository is hosted.',
  values: { CODE_CLUB: 'CodeClub, the Git hosting of the cloud.', GIT_HUB: 'GitHub.' },
});

export const DevEnvRepositoryProtocolEnum = openEnum('DevEnvRepositoryProtocol', {
  description: 'How a Git repository is reached.',
  values: { SSH: 'SSH with a private key.', HTTPS: 'HTTPS with an access token.' },
});

export const DevEnvProvisionTypeEnum = requestEnum('DevEnvProvisionType', {
  description: 'How the development environments to list are deployed.',
  values: { DOCKER: 'As a Docker container, the only way there is.' },
});

export const DevEnvSortKeyEnum = requestEnum('DevEnvSortKey', {
  description: 'What development environments can be sorted by.',
  values: { NAME: 'Name.', CREATED_AT: 'Time of creation (`creation_timestamp`).' },
});
